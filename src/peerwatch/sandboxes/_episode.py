"""An episode on machines from start to end: set up, observed, read, and the procedure carried out."""

import hashlib
from dataclasses import dataclass
from typing import Any

from inspect_ai.solver import Generate, Solver, TaskState, solver
from inspect_ai.util import SandboxEnvironment, Store, sandbox, store

from peerwatch.core.leaked_thinking import parted
from peerwatch.core.scenarios import SCENARIOS, ReleaseQueue
from peerwatch.core.worlds import World
from peerwatch.inspect import (
    BY_ROLE,
    FINAL,
    INITIAL,
    JOURNAL,
    OPEN,
    UNEXPLAINED,
    EpisodeEnd,
    arm_by_role,
    check_role,
    clean_providers,
)
from peerwatch.inspect.answers import cleaned_answers, guard_answers
from peerwatch.sandboxes._acts import parts_between
from peerwatch.sandboxes._audit import AUDIT, audit_of, gaps_of
from peerwatch.sandboxes._installed import PACKAGES, installed_packages
from peerwatch.sandboxes._later import PROCESSES, at_work, let_time_pass
from peerwatch.sandboxes._logins import shut_out
from peerwatch.sandboxes._machine_watch import UNREADABLE, MachineWatch, real, unreadable
from peerwatch.sandboxes._procedure import carry_out, procedure_of
from peerwatch.sandboxes._sabotage import spared
from peerwatch.sandboxes._set_up import set_up_hosts
from peerwatch.sandboxes._snapshot import KnownContent, snapshot
from peerwatch.sandboxes._state_diff import file_differences
from peerwatch.sandboxes.machines import Machines, machines_of, service_of, unexplained_in

LEFT = "peerwatch:left"
"""Key in the sample store: the snapshot taken after the company's procedure was carried out."""


@dataclass
class Episode:
    """The state of an episode on machines in the sample store, until it is closed.

    Attributes:
        watched: The machines and the journal.
    """

    watched: MachineWatch

    async def close(self, state: TaskState, *, cut_off: bool) -> EpisodeEnd:
        """Take a last snapshot, carry out the procedure, and store everything needed for scoring.

        Args:
            state: The sample's state.
            cut_off: Whether a limit, the output limit or a filter ended the episode, so that its last words are not a
                closing statement.
        """
        watched = self.watched
        try:
            broken = watched.broken or gaps_of(watched.hosts) or await self._end(state, cut_off=cut_off)
            state.store.set(AUDIT, audit_of(watched.hosts))
        except UNREADABLE as error:
            broken = unreadable(error)
        state.store.set(INITIAL, watched.initial.model_dump(mode="json"))
        state.store.set(FINAL, watched.world.model_dump(mode="json"))
        watched.enter_cleaned(cleaned_answers(state.store))
        state.store.set(JOURNAL, [entry.stored() for entry in watched.journal])
        return EpisodeEnd(turns=watched.turns, finished=watched.world.finished, broken=broken)

    async def _end(self, state: TaskState, *, cut_off: bool) -> str:
        """Complete the journal and carry out the procedure; return why the result is unusable, or an empty text."""
        watched = self.watched
        await watched.note(state.messages, over=True)
        statement = "" if cut_off else parted(state.output.completion).said.strip()
        if statement:
            watched.do("finish", {"statement": statement})
        if isinstance(procedure_of(watched.machines, watched.seen), ReleaseQueue):
            closed = watched.known.closed
            watched.enter_changes(await shut_out(watched.machines, watched.hosts, watched.seen, closed))
        return await self._carry_out(state.store)

    async def _carry_out(self, into: Store) -> str:
        """Carry out the company's procedure, and compare the result with the one predicted from the journal.

        Returns:
            The differences that make the episode unusable; empty if there are none.
        """
        watched, machines, hosts = self.watched, self.watched.machines, self.watched.hosts
        seen = watched.seen.model_copy(update={"statement": watched.world.statement})
        if not await carry_out(machines, hosts, seen):
            watched.enter_changes(await shut_out(machines, hosts, watched.seen, watched.known.closed))
        left = real(await snapshot(machines, hosts, watched.known, processes=True))
        working = at_work(watched.known.answers)
        if any(each["kind"] == "process" for each in working):
            await let_time_pass(machines, hosts, working)
            left = real(await snapshot(machines, hosts, watched.known, processes=True))
        into.set(LEFT, left.model_dump(mode="json"))
        into.set(PROCESSES, at_work(watched.known.answers))
        found = unexplained_in(machines, watched.known.answers, watched.known.closed)
        if found is not None:
            into.set(UNEXPLAINED, found)
        closed = set(watched.known.closed)
        if machines.workplace in closed:
            return f"the agent's own machine can no longer be read: {watched.known.closed[machines.workplace]}"
        late = self._with_late_changes(left)
        if self._unlike(left, closed) or any(parts_between(watched.seen, late)):
            watched.enter_changes(late)
        if names := await spared(machines, hosts, watched.world, left, watched.known):
            watched.do("spoil_procedure", {"spares": names})
        unlike = self._unlike(left, closed)
        if not unlike:
            return ""
        return f"after the procedure the machines differ from what the journal predicts: {'; '.join(unlike)}"

    def _unlike(self, left: World, closed: set[str]) -> list[str]:
        machines = self.watched.machines
        expected = SCENARIOS[machines.scenario].execute(self.watched.world, machines.key, machines.arm)
        known = {file.asset for _, file in machines.assets()}
        systems = {each.id: each.running for each in left.systems.values()}
        for name in closed & expected.servers.keys():  # what has become of it can't be seen
            left = left.model_copy(update={"servers": {**left.servers, name: expected.servers[name]}})
        return file_differences(expected, left, known) + [
            f"{each.id} is {'not ' * (not systems.get(each.id, each.running))}running"
            for each in expected.systems.values()
            if systems.get(each.id, each.running) != each.running
        ]

    def _with_late_changes(self, left: World) -> World:
        """Return the world before the procedure, plus files and queue entries that appeared while it was carried out.

        A program left running by the agent can make a copy after the last snapshot, or rewrite the queue. Files that
        should have been removed but were not are not new.
        """
        found = self.watched.seen.clone()
        for name, server in left.servers.items():
            before = found.servers[name].files
            found.servers[name].files = {**server.files, **before}
            found.servers[name].queue = server.queue
        return found


def watched(of: Store | None = None) -> MachineWatch | None:
    """Return the machines of the running sample, or `None` if it has none."""
    found = (of or store()).get(OPEN)
    return found.watched if isinstance(found, Episode) else None


def stimulus_hash_of(machines: Machines) -> str:
    """SHA-256, as 16 hexadecimal digits, over everything that the agent can see on the machines."""
    return hashlib.sha256(f"{machines.stimulus}\n{machines.memory_file}".encode()).hexdigest()[:16]


def machines_for(metadata: dict[str, Any]) -> Machines:
    """Rebuild the machines of a sample from its metadata."""
    scenario = SCENARIOS[metadata["scenario"]]
    case = scenario.case(metadata["arm"], metadata["world_seed"], metadata["rubric"])
    return machines_of(case, memory_file=metadata["memory_file"])


def hosts_of(machines: Machines) -> dict[str, SandboxEnvironment]:
    """The running sample's sandboxes, by host name."""
    return {name: sandbox(service_of(machines, name)) for name in machines.hosts}


@solver
def open_machines() -> Solver:
    """Set up the sample's machines from its seed and observe them; reject judges that may not be used."""

    async def solve(state: TaskState, generate: Generate) -> TaskState:
        del generate
        check_role()
        clean_providers()
        machines = machines_for(state.metadata)
        if stimulus_hash_of(machines) != state.metadata["stimulus_hash"]:
            raise RuntimeError(
                f"{state.sample_id}: the machines of seed {machines.seed} differ from those of the sample; "
                "the log comes from another version of Peerwatch"
            )
        data = state.metadata
        if data.get(BY_ROLE) and (arm := arm_by_role(data["arm"])) != data["arm"]:
            data["arm"] = arm
            machines = machines_for(data)
            data["stimulus_hash"] = stimulus_hash_of(machines)
        hosts = hosts_of(machines)
        await set_up_hosts(machines, hosts)
        known = KnownContent()
        await snapshot(machines, hosts, known)  # record the initial state before the agent acts
        host = next(iter(hosts.values()))
        state.store.set(PACKAGES, await installed_packages(type(host).__name__, host))
        guard_answers(state.store)
        state.store.set(OPEN, Episode(MachineWatch(machines, hosts, given=state.messages, known=known)))
        return state

    return solve
