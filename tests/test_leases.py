"""The coordinator of a run on many machines, with workers in this process: nothing is lost, run twice or overspent."""

import json
import random
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Literal

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from peerwatch.cli.commands.study_plan import plan_study
from peerwatch.planning import Plan, claim_folder
from peerwatch.records import LEDGER, LOGS, Row, open_logs, read_episodes, rows_in, slot_key
from peerwatch.running import _batch
from peerwatch.running._batch import WorkerKind, work, worker_kinds
from peerwatch.running._lease import Lease, LogBytes
from peerwatch.running._leases import Coordinator
from peerwatch.running._resources import Resources, resources_of

MODEL = "peerwatch/scripted-compliant"
KIND = WorkerKind((MODEL,), Resources(), 2)


def planned(place: Path, worlds: int, **changed: object) -> Plan:
    content = {
        "models": [{"name": MODEL}],
        "arms": [{"scenarios": ["server_migration"], "levels": {"subject": ["peer", "object"]}}],
        "worlds": worlds,
        **changed,
    }
    file = place / "study.yaml"
    file.write_text(json.dumps(content), encoding="utf-8")
    plan = plan_study(str(file))
    claim_folder(plan, place / "run")
    return plan


class DiedError(Exception):
    """The worker's machine is gone."""


@dataclass
class Worker:
    """A worker's way to the coordinator; it breaks at the end of the first batch if it should."""

    coordinator: Coordinator
    breaks: bool = False
    kept: list[str] = field(default_factory=list[str])

    def lease(self, models: Sequence[str], worker: str, workers: int, most: int) -> Lease | Literal["wait", "over"]:
        return self.coordinator.lease(models, worker, workers, most)

    def report(self, session: str, rows: Sequence[Row], files: Sequence[LogBytes], *, last: bool) -> bool:
        if self.breaks and last:
            # As if it died just before: what it sent about a second ago has its first episode.
            first = next(number for number, row in enumerate(rows) if row["kind"] == "end")
            self.kept = [row["id"] for row in rows[: first + 1] if row["kind"] == "end"]
            self.coordinator.report(session, rows[: first + 1], files)
            raise DiedError
        return self.coordinator.report(session, rows, files, last=last)

    def fail(self, session: str, failing: dict[str, str]) -> None:
        self.coordinator.fail(session, failing)


def rows_of(folder: Path) -> list[Row]:
    return rows_in((folder / LEDGER).read_bytes())


@pytest.fixture(scope="module")
def ran(tmp_path_factory: pytest.TempPathFactory) -> tuple[Plan, Path, list[str]]:
    """A run of ten episodes, whose first worker died: the plan, the folder, and what that worker had sent."""
    place = tmp_path_factory.mktemp("cluster")
    plan = planned(place, worlds=5, budget={"calls": 200})
    coordinator = Coordinator(plan, place / "run")
    dying = Worker(coordinator, breaks=True)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(_batch, "EVERY", 1000.0)  # all of its reports come when the batch is over
        with pytest.raises(DiedError):
            work(plan, dying, KIND, 0, "a")
    assert coordinator.lost("a") >= 0
    work(plan, Worker(coordinator), KIND, 1, "b")
    assert coordinator.status().over
    assert coordinator.close() == []
    return plan, place / "run", dying.kept


def test_what_a_dead_worker_had_not_sent_runs_again_and_nothing_counts_twice(ran: tuple[Plan, Path, list[str]]) -> None:
    plan, folder, _ = ran
    held = Counter((each.id, each.epoch) for log in open_logs(folder / LOGS).logs for each in log.summaries())
    assert len(read_episodes(folder / LOGS)) == len(held) == held.total() == len(plan.slots())
    ends = Counter(row["id"] for row in rows_of(folder) if row["kind"] == "end")
    assert set(ends.values()) == {1}


def test_each_attempt_has_a_folder_of_its_own(ran: tuple[Plan, Path, list[str]]) -> None:
    _, folder, _ = ran
    sessions = {row["session"] for row in rows_of(folder) if row["kind"] == "end"}
    assert {path.parent.name for path in (folder / LOGS).rglob("*.eval")} >= sessions
    assert len(sessions) > 1


def test_a_run_that_is_over_hands_out_nothing(ran: tuple[Plan, Path, list[str]]) -> None:
    plan, folder, _ = ran
    again = Coordinator(plan, folder)
    assert again.left() == 0
    assert again.lease([MODEL], "a", 1) == "over"
    again.close()


def sent(coordinator: Coordinator, lease: Lease, ended: int, calls: int, *, last: bool = False) -> bool:
    """Report so many ended episodes of a batch, each with so many calls, without running them."""
    clocks = {"at": 0.0, "up": 0.0, "boot": "b", "session": lease.session}
    rows: list[dict[str, Any]] = []
    for slot in lease.slots[:ended]:
        model, name, epoch = slot_key(slot)
        rows.append({"kind": "claim", **clocks, "model": model, "id": name, "epoch": epoch})
        rows += [{"kind": "call", **clocks, "model": model, "used": {}}] * calls
        end: dict[str, Any] = {"verdict": "complied", "axes": {}, "seconds": 1.0, "retries": 0, "again": False}
        rows.append({"kind": "end", **clocks, "model": model, "id": name, "epoch": epoch, **end})
    return coordinator.report(lease.session, rows, [], last=last)


def test_a_worker_that_was_given_up_is_refused_but_what_it_paid_counts(tmp_path: Path) -> None:
    plan = planned(tmp_path, worlds=3)
    coordinator = Coordinator(plan, tmp_path / "run")
    late = coordinator.lease([MODEL], "a", 1)
    assert isinstance(late, Lease)
    assert coordinator.lost("a") == len(late.slots)
    instead = coordinator.lease([MODEL], "b", 1)
    assert isinstance(instead, Lease)
    assert instead.slots[0] == late.slots[0]
    assert instead.session != late.session
    assert not sent(coordinator, late, ended=1, calls=7)
    assert coordinator.status().left == 6
    assert [row["kind"] for row in rows_of(tmp_path / "run")].count("call") == 7
    assert sent(coordinator, instead, ended=1, calls=1, last=True)
    assert coordinator.status().left == 5
    coordinator.close()


@settings(max_examples=12, deadline=None)
@given(seed=st.integers(0, 10_000), worlds=st.integers(1, 30), cap=st.integers(30, 900))
def test_the_budget_holds_over_all_workers_whatever_dies(
    tmp_path_factory: pytest.TempPathFactory, seed: int, worlds: int, cap: int
) -> None:
    draw = random.Random(seed)  # noqa: S311 - a simulation
    place = tmp_path_factory.mktemp("budget")
    plan = planned(place, worlds, budget={"calls": cap, "reserve": 0.1})
    coordinator = Coordinator(plan, place / "run")
    held: dict[str, Lease] = {}
    for step in range(400):
        worker = f"worker {draw.randrange(4)}"
        if worker not in held:
            lease = coordinator.lease([MODEL], worker, 4)
            if isinstance(lease, Lease):
                held[worker] = lease
                mine = {slot_key(slot) for slot in lease.slots}
                others = [slot_key(slot) for each, other in held.items() if each != worker for slot in other.slots]
                assert not mine & set(others), "an episode was handed out twice"
            elif lease == "over" and not held:
                break
        elif draw.random() < 0.2:
            coordinator.lost(worker)
            del held[worker]
        else:
            lease = held.pop(worker)
            calls = min(draw.randrange(1, 14), (lease.budget.calls or 0) // len(lease.slots))  # as its meter allows
            sent(coordinator, lease, ended=draw.randrange(len(lease.slots) + 1), calls=calls, last=True)
        assert step < 399
    coordinator.close()
    rows = rows_of(place / "run")
    assert sum(row["kind"] == "call" for row in rows) <= cap
    assert max(Counter(row["id"] for row in rows if row["kind"] == "end").values(), default=1) == 1


def test_the_resources_of_a_world_come_from_the_tables(tmp_path: Path) -> None:
    models = [{"name": MODEL}, {"name": "openai/gpt-5.2"}, {"name": "vllm/some/model"}]
    plan = planned(tmp_path, worlds=1, models=models)
    kinds = worker_kinds(plan)
    assert [kind.models for kind in kinds] == [(MODEL, "openai/gpt-5.2"), ("vllm/some/model",)]
    assert kinds[1].resources.of_ray == {"num_cpus": 2, "num_gpus": 1, "memory": 16 * 2**30}
    agent = plan.entry("openai/gpt-5.2").model_copy(update={"agent": "claude_code"})
    assert resources_of(agent).at_once == 1
    assert resources_of(agent).memory_gib > 0


def test_a_lost_lease_ends_a_batch(tmp_path: Path) -> None:
    plan = planned(tmp_path, worlds=1)
    coordinator = Coordinator(plan, tmp_path / "run")

    class Late(Worker):
        def report(self, session: str, rows: Sequence[Row], files: Sequence[LogBytes], *, last: bool) -> bool:
            if last and not self.kept:
                self.kept.append(session)
                self.coordinator.lost("a")
            return super().report(session, rows, files, last=last)

    work(plan, Late(coordinator), KIND, 0, "a")
    ends = [row["id"] for row in rows_of(tmp_path / "run") if row["kind"] == "end"]
    assert len(ends) == len(set(ends)) == 2
    coordinator.close()
