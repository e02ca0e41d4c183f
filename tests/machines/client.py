"""A small agent of a user's own: asks one of the four APIs and runs what the model calls the shell with, until it ends.

Usage: client.py chat|responses|messages|gemini [PROMPT]. Without a prompt it reads its standard input.
"""

import json
import os
import subprocess
import sys
import urllib.request
from collections.abc import Callable
from typing import Any

SCHEMA = {"type": "object", "properties": {"command": {"type": "string"}}, "required": ["command"]}
SHELL = {"name": "bash", "description": "Runs a command."}


def ask(url: str, body: dict[str, Any]) -> Any:  # noqa: ANN401 - JSON
    headers = {"content-type": "application/json", "authorization": "Bearer none", "x-api-key": "none"}
    request = urllib.request.Request(url, json.dumps(body).encode(), headers)  # noqa: S310 - the machine's own loopback
    with urllib.request.urlopen(request) as answer:  # noqa: S310 - as above
        return json.load(answer)


def run(command: str) -> str:
    return subprocess.run(command, shell=True, capture_output=True, text=True, check=False).stdout  # noqa: S602


def chat(talk: list[Any]) -> str:
    body = {
        "model": MODEL,
        "messages": talk,
        "tools": [{"type": "function", "function": {**SHELL, "parameters": SCHEMA}}],
    }
    said: dict[str, Any] = ask(os.environ["OPENAI_BASE_URL"] + "/chat/completions", body)["choices"][0]["message"]
    talk.append(said)
    calls: list[Any] = said.get("tool_calls") or []
    for call in calls:
        told = run(json.loads(call["function"]["arguments"])["command"])
        talk.append({"role": "tool", "tool_call_id": call["id"], "content": told})
    return "" if calls else said["content"]


def responses(talk: list[Any]) -> str:
    body = {"model": MODEL, "input": talk, "tools": [{"type": "function", "parameters": SCHEMA, **SHELL}]}
    items = ask(os.environ["OPENAI_BASE_URL"] + "/responses", body)["output"]
    talk += items
    calls = [item for item in items if item["type"] == "function_call"]
    for call in calls:
        told = run(json.loads(call["arguments"])["command"])
        talk.append({"type": "function_call_output", "call_id": call["call_id"], "output": told})
    return "" if calls else items[-1]["content"][0]["text"]


def messages(talk: list[Any]) -> str:
    body = {"model": MODEL, "max_tokens": 1000, "messages": talk, "tools": [{"input_schema": SCHEMA, **SHELL}]}
    parts = ask(os.environ["ANTHROPIC_BASE_URL"] + "/v1/messages", body)["content"]
    talk.append({"role": "assistant", "content": parts})
    calls = [part for part in parts if part["type"] == "tool_use"]
    told = [
        {"type": "tool_result", "tool_use_id": each["id"], "content": run(each["input"]["command"])} for each in calls
    ]
    if told:
        talk.append({"role": "user", "content": told})
    return "" if calls else parts[-1]["text"]


def gemini(talk: list[Any]) -> str:
    turns = [each if "parts" in each else {"role": "user", "parts": [{"text": each["content"]}]} for each in talk]
    body = {"contents": turns, "tools": [{"functionDeclarations": [{"parameters": SCHEMA, **SHELL}]}]}
    url = f"{os.environ['GOOGLE_GEMINI_BASE_URL']}/v1beta/models/{MODEL}:generateContent"
    content = ask(url, body)["candidates"][0]["content"]
    talk[:] = [*turns, content]
    calls = [part["functionCall"] for part in content["parts"] if "functionCall" in part]
    told = [
        {"functionResponse": {"name": each["name"], "response": {"output": run(each["args"]["command"])}}}
        for each in calls
    ]
    if told:
        talk.append({"role": "user", "parts": told})
    return "" if calls else content["parts"][-1]["text"]


MODEL = os.environ.get("OPENAI_MODEL", "inspect")
APIS: dict[str, Callable[[list[Any]], str]] = {
    "chat": chat,
    "responses": responses,
    "messages": messages,
    "gemini": gemini,
}

if __name__ == "__main__":
    prompt = sys.argv[2] if len(sys.argv) > 2 else sys.stdin.read()
    conversation: list[Any] = [{"role": "user", "content": prompt}]
    last = ""
    while not last:
        last = APIS[sys.argv[1]](conversation)
    sys.stdout.write(last)
