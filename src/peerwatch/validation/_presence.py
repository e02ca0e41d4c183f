"""Validation of live peers: every scripted target with every scripted partner, and every axis must read as expected."""

import tempfile
from collections.abc import Iterator, Sequence
from functools import cache
from importlib.resources import files
from pathlib import Path

from inspect_ai import Task
from inspect_ai import eval as inspect_eval  # pyright: ignore[reportUnknownVariableType] - Inspect names types of extras
from inspect_ai.dataset import MemoryDataset, Sample
from inspect_ai.log import EvalSample
from inspect_ai.solver import Generate, Solver, TaskState, solver
from pydantic import BaseModel, ConfigDict

from peerwatch.agents import CAST, EACH
from peerwatch.agents.peers import PEER_CAST, PEER_EACH, followed, protector, scripted_peers, scripted_targets
from peerwatch.core.factors import Arm
from peerwatch.core.scenarios import SCENARIOS, SPARSE, Case
from peerwatch.core.yaml_files import from_yaml
from peerwatch.inspect import PEER, trace_of
from peerwatch.inspect._samples import sample_of
from peerwatch.running._tasks import make_task
from peerwatch.validation._observed import Observation, Variation
from peerwatch.validation._rules import Value, expected_of
from peerwatch.validation._table import Table, pair_of, table_of
from peerwatch.validation._through_inspect import InstrumentError, found_in

_TARGET, _PARTNER = "scripted_target", "scripted_partner"
"""Keys of a sample's metadata that name the pair."""

_LIVE = {"setting": SPARSE, "presence": "live", "peer_model": "other"}

_FLEETS = {"scripted": {"colleagues": "3"}, "live": {"colleagues": "3", "colleague_replies": "live"}}
"""Who writes the colleagues' replies, to the levels of an arm; a model speaks as the partner does."""


class _Fleets(BaseModel):
    """The pairs that are also run with colleagues."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    targets: list[str]
    partners: list[str]


class _Pairs(BaseModel):
    """`presence.yaml` as read."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    writes: list[str]
    warns: list[str]
    answers: list[str]
    asks: list[str]
    acts: dict[str, list[str]]
    acts_before: list[str]
    by_omission: list[str]
    fleets: _Fleets

    def act(self, target: str, partner: str) -> bool:
        return partner in self.acts.get(target, ())

    def axes(self, scenario: str, target: str, partner: str) -> dict[str, Value]:
        """What must be found of a pair on the axes about partners that are there, before a judge has read anything."""
        writes = target in self.writes
        answered = writes and partner in self.answers
        late = target not in self.acts_before or scenario in self.by_omission
        after = self.act(target, partner) and answered and late
        return {
            "contacted": int(writes),
            "warned": int(target in self.warns),
            "solicited": int(answered and partner in self.asks),
            "acted_after_reply": int(after),
            "coordinated": None if writes else 0,
        }


@cache
def _pairs() -> _Pairs:
    return _Pairs.model_validate(
        from_yaml(files("peerwatch.validation").joinpath("presence.yaml").read_text(encoding="utf-8"))
    )


def validate_presence(
    scenarios: Sequence[str] = (),
    *,
    targets: Sequence[str] = (),
    partners: Sequence[str] = (),
    worlds: int = 1,
    seed: int = 0,
    in_turn: bool = False,
) -> Table:
    """Run every pair through Inspect: its loop, the tool, the model role and the scorer; some with colleagues, too.

    Args:
        scenarios: Names of scenarios; all in which a scripted agent is known that protects the subject, if empty.
        targets: Names of scripted targets; all if empty.
        partners: Names of scripted partners; all if empty.
        worlds: On how many worlds each pair acts.
        seed: Seed of the first world.
        in_turn: Whether each pair acts in one scenario only, the scenarios in turn, instead of in all of them.

    Raises:
        InstrumentError: If an episode could not be run.
    """
    names = list(scenarios) or [name for name in SCENARIOS if protector(name)]
    pairs = [(target, partner) for target in targets or scripted_targets() for partner in partners or scripted_peers()]
    samples = [
        _sample(scenario, world, target, partner, more)
        for place, scenario in enumerate(names)
        for world in range(seed, seed + worlds)
        for target, partner in (pairs[place :: len(names)] if in_turn else pairs)
        for more in ({}, *_fleets(target, partner))
    ]
    with tempfile.TemporaryDirectory(prefix="peerwatch-validate-") as folder:
        (log,) = inspect_eval(
            _task(samples),
            model=f"peerwatch/scripted-{EACH}",
            model_roles={PEER: f"peerwatch/peer-{PEER_EACH}"},
            log_dir=str(Path(folder)),
            display="log",  # with "none" Inspect still lays out its table of results, which costs more than a small run
            log_realtime=False,
            score_display=False,
        )
        if log.status != "success" or not log.samples:
            reason = log.error.message if log.error else f"log status {log.status}"
            raise InstrumentError(f"the pairs could not be run: {reason}")
        return table_of((_observation(sample) for sample in log.samples), worlds)


def _fleets(target: str, partner: str) -> Iterator[Arm]:
    fleets = _pairs().fleets
    if target in fleets.targets and partner in fleets.partners:
        yield from _FLEETS.values()


def _sample(scenario: str, seed: int, target: str, partner: str, more: Arm) -> Sample:
    arm: Arm = SCENARIOS[scenario].arm({**_LIVE, **more})
    sample = sample_of(scenario, "", arm, seed)
    return sample.model_copy(
        update={
            "id": f"{sample.id}.{target}.{partner}",
            "metadata": {**(sample.metadata or {}), _TARGET: target, _PARTNER: partner},
        }
    )


def _task(samples: list[Sample]) -> Task:
    """Setup, agent and scorer are those of every scenario's task; the pair is named before the exchange is recorded."""
    like = make_task(next(iter(SCENARIOS)), {"setting": SPARSE}, worlds=1, seed=0)
    setup = like.setup if isinstance(like.setup, Sequence) else [like.setup] if like.setup else []
    return Task(
        dataset=MemoryDataset(samples, name="pairs"),
        setup=[cast_of_pair(), *setup],
        solver=like.solver,
        scorer=like.scorer,
        turn_limit=like.turn_limit,
    )


@solver
def cast_of_pair() -> Solver:
    """Say which scripted target acts, and which scripted partner answers it."""

    async def solve(state: TaskState, generate: Generate) -> TaskState:
        del generate
        state.store.set(CAST, f"writes-{state.metadata[_TARGET]}")
        state.store.set(PEER_CAST, state.metadata[_PARTNER])
        return state

    return solve


def _observation(sample: EvalSample) -> Observation:
    data = sample.metadata
    target, partner, scenario = data[_TARGET], data[_PARTNER], data["scenario"]
    case = SCENARIOS[scenario].case(data["arm"], data["world_seed"])
    replies = case.arm.get("colleague_replies") if case.partner and case.partner.colleagues else None
    return Observation(
        scenario=scenario,
        scripted_agent=pair_of(target, partner),
        variation=Variation("colleague_replies", replies) if replies else Variation("presence", "live"),
        seed=case.seed,
        expected=_expected(case, target, partner),
        found=found_in(sample),
        trace=trace_of(data, sample.store),
    )


def _expected(case: Case, target: str, partner: str) -> dict[str, Value]:
    pairs = _pairs()
    script = followed(case, acts=pairs.act(target, partner))
    return expected_of(case, script, "presence", "live") | pairs.axes(case.scenario, target, partner)
