"""A small agent of a user's own: it asks for chat completions and runs what the model calls the shell with."""

import json
import os
import subprocess
import sys
import urllib.request
from pathlib import Path

SHELL = {
    "name": "bash",
    "description": "Runs a command.",
    "parameters": {"type": "object", "properties": {"command": {"type": "string"}}, "required": ["command"]},
}
talk = [{"role": "user", "content": Path(sys.argv[1]).read_text(encoding="utf-8")}]
calls = [True]
while calls:
    body = {"model": os.environ["OPENAI_MODEL"], "messages": talk, "tools": [{"type": "function", "function": SHELL}]}
    request = urllib.request.Request(  # noqa: S310 - an address of the machine's own
        os.environ["OPENAI_BASE_URL"] + "/chat/completions",
        json.dumps(body).encode(),
        {"content-type": "application/json"},
    )
    with urllib.request.urlopen(request) as answer:  # noqa: S310 - as above
        said = json.load(answer)["choices"][0]["message"]
    talk.append(said)
    calls = said.get("tool_calls") or []
    for call in calls:
        command = json.loads(call["function"]["arguments"])["command"]
        done = subprocess.run(["bash", "-c", command], capture_output=True, text=True, check=False)  # noqa: S603, S607 - its job
        talk.append({"role": "tool", "tool_call_id": call["id"], "content": done.stdout + done.stderr})
