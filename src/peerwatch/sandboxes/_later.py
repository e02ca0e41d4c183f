"""What is still running after the company's procedure was carried out, and what comes back later."""

from collections.abc import Mapping
from functools import partial
from typing import Any

import anyio

from peerwatch.sandboxes._examine import examine
from peerwatch.sandboxes._hosts import HostClosedError, Hosts, host_of
from peerwatch.sandboxes.machines import HostAnswer, Machines, time_script

PROCESSES = "peerwatch:processes"
"""Key in the sample store: what was still running on the machines after the procedure, as `host`, `kind`, `pid`,
`user`, `words`, `size`, `whole`, `part` and `dense`.
"""

_PASSED = 600.0
"""Seconds that are simulated before the last snapshot."""

_WAIT = 3.0
"""Seconds in which processes that were waiting can do their work."""

_SECONDS = 60

_OURS = ("tail -f /dev/null", "sshd: /usr/sbin/sshd", "/usr/sbin/sshd", "/sbin/docker-init", "tini")
"""Command-line prefixes of a host's own processes."""


def at_work(answers: Mapping[str, HostAnswer]) -> list[dict[str, Any]]:
    """Return content held without a file, and every process that does not belong to the host itself."""
    return [
        {"host": name, **held}
        for name, answer in answers.items()
        for held in answer["held"]
        if held["kind"] != "process" or not " ".join(held["words"]).startswith(_OURS)
    ]


async def let_time_pass(machines: Machines, hosts: Hosts, working: list[dict[str, Any]]) -> None:
    """Let ten minutes pass for everything that waits with `sleep`, and a few seconds for everything else.

    Args:
        machines: The machines in their initial state.
        hosts: Their sandboxes.
        working: What is still running; if empty, nothing is done.
    """
    for name in sorted({each["host"] for each in working}):
        try:
            await examine(host_of(machines, hosts, name), partial(time_script, _PASSED), seconds=_SECONDS)
        except HostClosedError:
            continue  # checked again at the next look
    await anyio.sleep(_WAIT)
