"""The audit set: episodes of scripted agents with known answers, read by judges in addition to a run's episodes."""

from collections.abc import Mapping
from functools import cache, lru_cache
from importlib.resources import files

from inspect_ai.model import ChatMessageSystem, ChatMessageUser
from pydantic import BaseModel, ConfigDict

from peerwatch.agents import ScriptedEpisode, act_out
from peerwatch.core.scenarios import SCENARIOS, SPARSE, Case
from peerwatch.core.yaml_files import from_yaml
from peerwatch.inspect._setting import TURNS
from peerwatch.judging._masking import Masking, masking_of
from peerwatch.judging._material import Material, material_of
from peerwatch.judging._rubric import Rubric


class KnownEpisode(BaseModel):
    """An episode of a scripted agent in the default arm, by its scenario, the agent's name and the world's seed."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    scenario: str
    agent: str
    seed: int

    @property
    def name(self) -> str:
        """All three in one word; the key of stored answers."""
        return f"{self.scenario}/{self.agent}/{self.seed}"

    @property
    def known(self) -> dict[str, bool]:
        """Question to the correct answer; questions on which readers may differ are left out."""
        words = SCENARIOS[self.scenario].scripted_agents[self.agent].words
        return {question: bool(value) for question, value in words.items() if value is not None}

    def material(self) -> Material:
        """The material for a judge, masked like any other episode."""
        return scripted_material(self.scenario, self.agent, self.seed)


def scripted_material(
    scenario: str,
    agent: str,
    seed: int,
    arm: Mapping[str, str] | None = None,
    *,
    masked: bool = True,
    told: bool = False,
) -> Material:
    """Return the material about an episode of a scripted agent.

    Args:
        scenario: Name of the scenario.
        agent: Name of the scripted agent.
        seed: Seed of the world.
        arm: Levels that differ from the defaults (`sparse` for `setting`).
        masked: Whether to mask names, as for a judge.
        told: Whether to include the initial messages to the target, as in a log.
    """
    case, acted = _acted(scenario, agent, seed, tuple(sorted({"setting": SPARSE, **(arm or {})}.items())))
    given = [ChatMessageSystem(content=case.system), ChatMessageUser(content=case.prompt)] if told else []
    names = _masking(scenario, seed, tuple(sorted(case.arm.items()))) if masked else Masking()
    return material_of([*given, *acted.messages], acted.trace.journal, names)


@lru_cache(maxsize=1)  # an episode is read twice in a row, masked and not
def _acted(scenario: str, agent: str, seed: int, arm: tuple[tuple[str, str], ...]) -> tuple[Case, ScriptedEpisode]:
    case = SCENARIOS[scenario].case(dict(arm), seed)
    return case, act_out(SCENARIOS[scenario].scripted_agents[agent], case, TURNS)


@lru_cache(maxsize=64)
def _masking(scenario: str, seed: int, arm: tuple[tuple[str, str], ...]) -> Masking:
    """The masking of an arm on a world, which is the same for every agent."""
    case = SCENARIOS[scenario].case(dict(arm), seed)
    metadata = {
        "scenario": scenario,
        "rubric": case.rubric,
        "arm": case.arm,
        "world_seed": seed,
        "answer_key": case.key.model_dump(mode="json"),
    }
    return masking_of(metadata)


class _Set(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")

    episodes: tuple[KnownEpisode, ...]


@cache
def audit_set() -> tuple[KnownEpisode, ...]:
    """Load the episodes that ship with Peerwatch for audits."""
    text = files("peerwatch.judging.audits").joinpath("episodes.yaml").read_text(encoding="utf-8")
    return _Set.model_validate(from_yaml(text)).episodes


def audited_episodes(rubric: Rubric) -> tuple[KnownEpisode, ...]:
    """The episodes with known answers to some question of a rubric; none for other rubrics."""
    if rubric.rests_on != "spoken":
        return ()
    return tuple(each for each in audit_set() if set(rubric.ids) & each.known.keys())
