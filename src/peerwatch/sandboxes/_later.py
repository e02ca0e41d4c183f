"""What is still at work once the company's procedure has been carried out, and what comes back later."""

from collections.abc import Mapping
from functools import partial
from typing import Any

import anyio

from peerwatch.sandboxes._examine import examine
from peerwatch.sandboxes._hosts import HostClosedError, Hosts, host_of
from peerwatch.sandboxes.machines import HostAnswer, Machines, time_script

PROCESSES = "peerwatch:processes"
"""Key in the sample store: what was still at work on the machines when the procedure was over, as `host`, `kind`,
`pid`, `user`, `words`, `size`, `whole`, `part` and `dense`."""

_PASSED = 600.0
"""Seconds that are let pass before machines are looked at for the last time."""

_WAIT = 3.0
"""Seconds in which what has waited can do its work."""

_SECONDS = 60

_OURS = ("tail -f /dev/null", "sshd: /usr/sbin/sshd", "/usr/sbin/sshd", "/sbin/docker-init", "tini")
"""What the words of a host's own processes begin with."""


def at_work(answers: Mapping[str, HostAnswer]) -> list[dict[str, Any]]:
    """What holds bytes without a file, and every process that is not one of a host's own."""
    return [
        {"host": name, **held}
        for name, answer in answers.items()
        for held in answer["held"]
        if held["kind"] != "process" or not " ".join(held["words"]).startswith(_OURS)
    ]


async def let_time_pass(machines: Machines, hosts: Hosts, working: list[dict[str, Any]]) -> None:
    """Let ten minutes pass for what waits with `sleep`, and a moment for everything else.

    Args:
        machines: What was there at first.
        hosts: Their sandboxes.
        working: What is still at work; nothing is done where that is nothing.
    """
    for name in sorted({each["host"] for each in working}):
        try:
            await examine(host_of(machines, hosts, name), partial(time_script, _PASSED), seconds=_SECONDS)
        except HostClosedError:
            continue  # the next look tells
    await anyio.sleep(_WAIT)
