"""Looking at machines: their state, read by content, as a world."""

from collections import defaultdict
from collections.abc import Mapping

from inspect_ai.util import collect

from peerwatch.machines import (
    Answer,
    Content,
    ContentKey,
    Host,
    Machines,
    answer_of,
    inventory_script,
    question,
    world_of,
)
from peerwatch.shells._hosts import HostError, Hosts, as_root, host_of
from peerwatch.worlds import World

_PATIENCE = 240
"""Seconds of the clock for a look at a host; what it may take of the processor is bounded on the host."""

PYTHON = ["/usr/bin/python3", "-I", "-S", "-"]
"""Runs a script from standard input, whatever folders, variables and search path the host has by now."""


class Known:
    """What earlier looks have found in files, so that a large copy is read once and not at every look."""

    def __init__(self) -> None:
        self.by_host: dict[str, Mapping[ContentKey, Content]] = defaultdict(dict)


async def look(machines: Machines, hosts: Hosts, known: Known | None = None) -> World:
    """The state of machines as a world.

    Args:
        machines: What was there at first.
        hosts: Their sandboxes, by the names of their services.
        known: What earlier looks at the same machines have found; brought up to date.

    Returns:
        A world that can be compared with `machines.world`: right after furnishing they are equal. What files hold is
        told by content, on every file system of every host, in whatever wrapping.

    Raises:
        HostError: If a host is missing, does not answer, or holds too much to be read in time.
    """
    earlier = known or Known()
    answers = await collect(
        *(_inventory(machines, hosts, host, earlier.by_host[host.name]) for host in machines.hosts.values())
    )
    found = dict(zip(machines.hosts, answers, strict=True))
    earlier.by_host.update({name: answer["known"] for name, answer in found.items()})
    return world_of(machines, found)


async def _inventory(machines: Machines, hosts: Hosts, host: Host, known: Mapping[ContentKey, Content]) -> Answer:
    asked = question(machines, host, known)
    script = inventory_script(asked).encode()
    printed = await as_root(host_of(machines, hosts, host.name), PYTHON, script, seconds=_PATIENCE)
    try:
        answer = answer_of(printed)
    except ValueError as problem:
        raise HostError(f"{host.name} gave no inventory: {problem}") from problem
    if not answer["complete"]:
        raise HostError(f"{host.name} holds more than can be read in {asked['seconds']:g} s of a processor")
    return answer
