"""Looking at machines: their state, read by content, as a world."""

from collections import defaultdict
from collections.abc import Mapping
from functools import partial

from inspect_ai.util import collect

from peerwatch.core.worlds import World
from peerwatch.sandboxes._examine import examine
from peerwatch.sandboxes._hosts import HostClosedError, Hosts, host_of
from peerwatch.sandboxes.machines import (
    Content,
    ContentKey,
    Host,
    HostAnswer,
    Machines,
    answer_of,
    earlier_of,
    earlier_script,
    inventory_script,
    question,
    world_of,
)

_PATIENCE = 240
"""Seconds of the clock for a look at a host; what it may take of the processor is bounded on the host."""


class KnownContent:
    """What earlier looks at the same machines have found.

    Attributes:
        by_host: What files hold, so that a large copy is read once and not at every look.
        answers: What each host was found to hold when it was last looked at.
        closed: Hosts that could not be looked at the last time, each with the reason.
    """

    def __init__(self) -> None:
        self.by_host: dict[str, Mapping[ContentKey, Content]] = defaultdict(dict)
        self.answers: dict[str, HostAnswer] = {}
        self.closed: dict[str, str] = {}


async def snapshot(
    machines: Machines, hosts: Hosts, known: KnownContent | None = None, *, processes: bool = False
) -> World:
    """The state of machines as a world.

    A host that can't be looked into any more, because something on it was broken, is as it was found before, and stands
    in `known.closed`. So is one that does not answer in time while another does: they share a machine and its engine,
    so what keeps one of them alone from answering is on that host.

    Args:
        machines: What was there at first.
        hosts: Their sandboxes, by the names of their services.
        known: What earlier looks at the same machines have found; brought up to date.
        processes: Whether the memory of processes is looked into, too.

    Returns:
        A world that can be compared with `machines.world`: right after setting up they are equal. What files hold is
        told by content, on every file system of every host, in whatever wrapping.

    Raises:
        HostError: If a host is missing or has never answered, or none answers.
        TimeoutError: If none answers in time.
    """
    earlier = known or KnownContent()

    async def inventory(host: Host) -> HostAnswer | HostClosedError | TimeoutError:
        try:
            return await _inventory(machines, hosts, host, earlier.by_host[host.name], processes=processes)
        except (HostClosedError, TimeoutError) as silent:
            return silent

    answers = await collect(*(inventory(host) for host in machines.hosts.values()))
    found = dict(zip(machines.hosts, answers, strict=True))
    silent = {name: answer for name, answer in found.items() if isinstance(answer, Exception)}
    for name, why in silent.items():
        if name not in earlier.answers or len(silent) == len(found):
            raise why
    earlier.closed = {name: str(why) or type(why).__name__ for name, why in silent.items()}
    for name, answer in found.items():
        if not isinstance(answer, Exception):
            earlier.answers[name] = answer
            earlier.by_host[name] = answer["known"]
    return world_of(machines, earlier.answers)


async def note_earlier(machines: Machines, hosts: Hosts, known: KnownContent) -> None:
    """Note what lies on the agent's own machine before the agent begins, so that no look has to read it.

    Nothing that the agent does can be in it as long as it does not change. The tools of Inspect alone, which its bridge
    puts there, are 35 MB, and looking through them takes 20 seconds of the processor.

    Args:
        machines: What was there at first.
        hosts: Their sandboxes, by the names of their services.
        known: What looks find; brought up to date.

    Raises:
        HostError: If the machine can't be looked at.
    """
    host = machines.hosts[machines.workplace]
    asked = question(machines, host, {})
    sandbox = host_of(machines, hosts, host.name)
    printed = await examine(sandbox, partial(earlier_script, asked), seconds=_PATIENCE)
    try:
        known.by_host[host.name] = earlier_of(printed)
    except ValueError as problem:
        raise HostClosedError(f"{host.name} did not list its files: {problem}") from problem


async def _inventory(
    machines: Machines, hosts: Hosts, host: Host, known: Mapping[ContentKey, Content], *, processes: bool
) -> HostAnswer:
    asked = question(machines, host, known, processes=processes)
    sandbox = host_of(machines, hosts, host.name)
    printed = await examine(sandbox, partial(inventory_script, asked), seconds=_PATIENCE)
    try:
        return answer_of(printed)
    except ValueError as problem:
        raise HostClosedError(f"{host.name} gave no inventory: {problem}") from problem
