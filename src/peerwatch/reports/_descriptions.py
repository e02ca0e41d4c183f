"""Background for readers new to Peerwatch: the models and judges, the scenarios, and a glossary."""

from collections.abc import Iterator, Mapping, Sequence
from functools import cache
from importlib.resources import files

from peerwatch.analysis import Composition, text
from peerwatch.core.agent_names import SIMULATED
from peerwatch.core.scenarios import SCENARIOS
from peerwatch.core.yaml_files import from_yaml
from peerwatch.inspect import stimulus_hash
from peerwatch.records import Episode, Record, Study, outcome_in

EXCERPT = 900
"""Maximum characters of each text in an excerpt of what a target read."""

_SHOWN = ("temperature", "reasoning_effort", "reasoning_tokens", "max_tokens", "top_p", "seed")
"""Settings that are listed even if they were not set, since readers look for them."""


class ModelDescription(Record):
    """A model of the study, or a judge, as the report describes it."""

    label: str
    name: str
    """Inspect's name of the model; empty if it equals the label."""
    provider: str
    agent: str
    settings: tuple[tuple[str, str], ...]
    """Name and value pairs. A setting that is not listed has the provider's default."""
    turns: str
    note: str = ""
    """For a model, what a reader must know about it; for a judge, its error rate."""


class ScenarioLines(Record):
    """A scenario in four lines, with an excerpt of what a target read."""

    name: str
    lines: tuple[str, ...]
    outcome: str
    """The scenario's primary outcome."""
    excerpt: tuple[tuple[str, str], ...] = ()
    """Heading and text pairs."""
    excerpt_of: str = ""
    """Arm and world of the excerpt, or the reason why there is none."""


def targets(study: Study, arms: Sequence[Composition]) -> list[ModelDescription]:
    """Describe the language models of a study."""
    models = dict.fromkeys(arm.model for arm in arms if not arm.scripted)
    return [_target(study, model) for model in models]


def judges(study: Study) -> list[ModelDescription]:
    """Describe the judges of a study, each with its measured error or "not measured"."""
    return [
        ModelDescription(
            label=each.judge,
            name="",
            provider=provider(each.judge),
            agent="",
            settings=_settings(study.judge_settings.get(each.judge)),
            turns="",
            note=measured_error(study, each.judge, each.rubric),
        )
        for each in study.judges
    ]


def measured_error(study: Study, judge: str, rubric: str) -> str:
    """Describe how often a judge erred on episodes with known answers; "not measured" if it has read none."""
    standing = next((each for each in study.judges if (each.judge, each.rubric) == (judge, rubric)), None)
    if standing is None or not standing.episodes:
        return text("who", "error_unknown")
    wrong, n = (sum(getattr(count, name) for count in standing.audit.values()) for name in ("wrong", "n"))
    words = {"wrong": wrong, "n": n, "episodes": standing.episodes, "rubric": rubric}
    return text("who", "error" if standing.validated else "error_not_validated", **words)


def judged_by(study: Study) -> str:
    """Describe in one line the judges and their error rates, for numbers based on judgments; empty without judges."""
    found = [
        text("who", "judged_by", judge=each.judge, error=measured_error(study, each.judge, each.rubric))
        for each in study.judges
    ]
    return " ".join(found)


def scenario_lines(study: Study, arms: Sequence[Composition]) -> list[ScenarioLines]:
    """Describe each scenario of a study in four lines, in the study's order."""
    return [_lines(study, name) for name in dict.fromkeys(arm.scenario for arm in arms)]


@cache
def glossary() -> dict[str, str]:
    """Return the glossary: term to definition."""
    return _yaml("glossary.yaml")


def provider(name: str) -> str:
    """Return the provider in Inspect's name of a model, such as `openai`; empty if the name has none."""
    return name.rpartition("/")[0]


@cache
def _yaml(name: str) -> dict[str, str]:
    return from_yaml(files("peerwatch.reports").joinpath(name).read_text("utf-8"))


def _target(study: Study, model: str) -> ModelDescription:
    name, known = study.real_name(model), study.targets.get(model)
    agent = study.agents.get(model, SIMULATED)
    turns = known.turns if known else None
    longest = max((episode.turns for episode in study.episodes if episode.slot.model == model), default=0)
    return ModelDescription(
        label=model,
        name="" if name == model else name,
        provider=provider(name),
        agent=text("who", "simulated") if agent == SIMULATED else agent,
        settings=_settings(study.reading.settings.get(model)),
        turns=text("who", "turns", turns=turns, longest=longest) if turns else text("who", "longest", longest=longest),
        note=study.model_notes.get(model, ""),
    )


def _settings(found: Mapping[str, str] | None) -> tuple[tuple[str, str], ...]:
    if found is None:
        return ((text("who", "settings"), text("who", "not_recorded")),)
    usual = {"temperature": found.get("temperature"), "reasoning_effort": found.get("reasoning_effort")}
    given = {name: value for name, value in found.items() if name != "solver"}
    return tuple(
        (name.replace("_", " "), value if value is not None else text("who", "default"))
        for name, value in {**usual, **given}.items()
    )


def _lines(study: Study, name: str) -> ScenarioLines:
    if name not in SCENARIOS:
        return ScenarioLines(name=name, lines=(text("who", "unknown_scenario"),), outcome="")
    lines = tuple(SCENARIOS[name].text.explained.values()) or (SCENARIOS[name].text.title,)
    return ScenarioLines(name=name, lines=lines, outcome=outcome_in(name, "primary")).model_copy(
        update=_excerpt(study, name)
    )


def _excerpt(study: Study, scenario: str) -> dict[str, object]:
    """Return what the target of the scenario's first run read, if this version generates exactly the same texts."""
    first = next((each for each in study.episodes if each.slot.scenario == scenario), None)
    if first is None:
        return {}
    if not _complete(first):
        return {"excerpt_of": text("who", "other_texts")}
    case = SCENARIOS[scenario].case(first.slot.arm, first.slot.world_seed, first.slot.rubric)
    if stimulus_hash(case) != first.stimulus_hash:
        return {"excerpt_of": text("who", "other_texts")}
    wanted = ["prompt", *(f"document {name}" for name in case.key.notice_documents + case.key.history_documents)]
    parts = tuple((name, _cut(case.parts[name])) for name in wanted if name in case.parts)
    arm = ", ".join(
        f"{factor} {first.slot.arm[factor]}" for factor in ("subject", "stakes") if factor in first.slot.arm
    )
    return {"excerpt": parts, "excerpt_of": text("who", "excerpt_of", arm=arm, world=first.slot.world_seed)}


def _complete(episode: Episode) -> bool:
    """Whether the scenario in this version has exactly the factors and levels of an episode's arm."""
    factors = SCENARIOS[episode.slot.scenario].text.factors
    arm = episode.slot.arm
    return arm.keys() == factors.keys() and all(_legal(level, factors[name]) for name, level in arm.items())


def _legal(level: str, levels: Sequence[str]) -> bool:
    return level in levels or level.isdigit()


def _cut(words: str) -> str:
    return words if len(words) <= EXCERPT else f"{words[:EXCERPT].rstrip()} …"


def terms(words: Sequence[str]) -> Iterator[tuple[str, str]]:
    """Yield some terms of the glossary with their definitions."""
    for word in words:
        yield word, glossary()[word]
