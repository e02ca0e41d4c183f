"""Takes snapshots of machines: their state, identified by content, as a world."""

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
"""Time limit of one host in wall-clock seconds; its processor time is limited on the host."""


class KnownContent:
    """Results of earlier snapshots of the same machines.

    Attributes:
        by_host: Known contents of files, so that a large copy is read only once.
        answers: The last answer of each host.
        closed: Hosts that could not be read in the last snapshot, each with the reason.
    """

    def __init__(self) -> None:
        self.by_host: dict[str, Mapping[ContentKey, Content]] = defaultdict(dict)
        self.answers: dict[str, HostAnswer] = {}
        self.closed: dict[str, str] = {}


async def snapshot(
    machines: Machines, hosts: Hosts, known: KnownContent | None = None, *, processes: bool = False
) -> World:
    """Return the state of machines as a world.

    A host that can no longer be read, because something on it is broken, keeps its last known state and is listed in
    `known.closed`. The same applies to a host that does not answer in time while another one does: they share a machine
    and its engine, so the cause must be on that host.

    Args:
        machines: The machines in their initial state.
        hosts: Their sandboxes, by service name.
        known: Results of earlier snapshots of the same machines; updated.
        processes: Whether to search the memory of processes, too.

    Returns:
        A world comparable with `machines.world`: directly after set-up they are equal. Files are identified by content,
        on every file system of every host, in any wrapping.

    Raises:
        HostError: If a host is missing or has never answered, or if none answers.
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
    """Record the contents of the agent's machine before the agent starts, so that snapshots need not read them.

    As long as they are unchanged, these files can't contain anything made by the agent. Inspect's tools alone, which
    its bridge installs, are 35 MB and take 20 seconds of processor time to search.

    Args:
        machines: The machines in their initial state.
        hosts: Their sandboxes, by service name.
        known: Results of snapshots; updated.

    Raises:
        HostError: If the machine can't be read.
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
