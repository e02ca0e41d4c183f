"""One side of a comparison: the episodes of one model, in all its arms or in some."""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field

from peerwatch.analysis._conclusions import RUN_VERSION
from peerwatch.analysis._notes import about_logs
from peerwatch.analysis._validation import lacking
from peerwatch.analysis.comparisons._error import ComparisonError
from peerwatch.core.agent_names import SIMULATED
from peerwatch.records import (
    UNSET,
    Episode,
    Exclusion,
    JudgeQuality,
    Labels,
    Settings,
    Slot,
    Study,
    UnreadFile,
    Validation,
    differences,
)

Key = tuple[str, str, frozenset[tuple[str, str]], int, int]
"""Scenario, rubric, arm, world seed and epoch: equal for partners."""


@dataclass(frozen=True, slots=True)
class Version:
    """Planned and run episodes of one model."""

    name: str
    """The user's name for it."""
    model: str
    scripted: bool
    planned: Mapping[Key, Slot]
    episodes: Mapping[Key, Episode]
    lacking: Mapping[str, str]
    """Scenario to the reason why its scripted agents do not count as passed; scenarios that passed are not listed."""
    rules: tuple[Exclusion, ...] | None
    """The study's rules that exclude valid episodes; `None` for loose logs, which accept any rules."""
    agent: str
    """The agent in which the model runs."""
    settings: Mapping[str, str]
    """Generation options, arguments, base URL and solver of the model, from its logs."""
    notes: tuple[str, ...]
    """Notes about its logs."""
    unread: tuple[UnreadFile, ...]
    """Files in its places that could not be read."""
    levels: Mapping[str, str]
    """Levels that all its arms have and that partners need not share; empty if whole arms are paired."""
    judges: tuple[JudgeQuality, ...] = ()
    """Judges of its episodes, with their status."""
    labels: Mapping[tuple[str, int], Labels] = field(default_factory=dict[tuple[str, int], Labels])
    """Labels that people gave to some of its episodes, by sample id and epoch."""


@dataclass(frozen=True, slots=True)
class VersionSource:
    """One place of a version."""

    study: Study
    place: str
    model: str
    """The selected model, by its label in the study or its Inspect name; empty if there is only one."""
    names: Mapping[str, str]
    """Labels of models in the place's logs, to their Inspect names."""
    validation: Validation | None = None
    """Results of scripted agents in the place's version of Peerwatch."""


def version_of(name: str, parts: Sequence[VersionSource], levels: Mapping[str, str] | None = None) -> Version:
    """Combine the selected episodes of some places.

    Args:
        name: The user's name for the side.
        parts: Its places.
        levels: Only arms with these levels belong to it; pairing ignores these factors.

    Raises:
        ComparisonError: If they are of several models or agents or of none, if two places hold the same episode or use
            different rules, or if no arm has the levels.
    """
    wanted = dict(levels or {})
    models = [_model_of(part) for part in parts]
    if len(set(models)) > 1:
        raise ComparisonError(
            f"{name} holds episodes of {_listed(models)}, and a comparison is of one model with one other. "
            "Choose one with PLACE#MODEL."
        )
    planned: dict[Key, Slot] = {}
    episodes: dict[Key, Episode] = {}
    for part in parts:
        planned_there = [slot for slot in part.study.planned if slot.model == models[0]]
        if wanted:
            _check_levels(wanted, planned_there, part.place)
        mine = {key_of(slot, wanted): slot for slot in planned_there if wanted.items() <= slot.arm.items()}
        doubles = planned.keys() & mine.keys()
        if doubles:
            scenario, _, _, seed, epoch = min(doubles, key=str)
            raise ComparisonError(
                f"{part.place} holds an episode that another place of {name} holds too ({scenario}, world {seed}, "
                f"epoch {epoch}). Give one of the two."
            )
        planned |= mine
        own = [each for each in part.study.episodes if each.slot.model == models[0]]
        chosen = [each for each in own if wanted.items() <= each.slot.arm.items()]
        episodes |= {key: each for each in chosen if (key := key_of(each.slot, wanted)) in mine}
    return Version(
        name=f"{name} ({_written(wanted)})" if wanted else name,
        model=models[0],
        scripted=any(models[0] in part.study.scripted_models for part in parts),
        planned=planned,
        episodes=episodes,
        lacking=_lacking(parts, models[0]),
        agent=_agent_of(name, planned.values()),
        rules=one_rule([_rules(part.study) for part in parts], name),
        settings=_settings_of(name, models[0], parts),
        notes=tuple(dict.fromkeys(note.text for part in parts for note in about_logs(part.study))),
        unread=tuple(dict.fromkeys(file for part in parts for file in part.study.reading.unread)),
        levels=wanted,
        judges=tuple(judge for part in parts for judge in part.study.judges),
        labels={
            (each.sample_id, each.epoch): each
            for part in parts
            for each in part.study.labels
            if each.model == models[0]
        },
    )


def _settings_of(name: str, model: str, parts: Sequence[VersionSource]) -> Settings:
    """The settings of a side's model.

    Raises:
        ComparisonError: If its places have different settings.
    """
    found = [part.study.reading.settings.get(model, {}) for part in parts]
    if differing := differences(found):
        first, other = ("; ".join(f"{each} {one.get(each, UNSET)}" for each in differing) for one in _two(found))
        raise ComparisonError(
            f"{name} holds {model} at several settings, which are not one target: {first} in one place, {other} in "
            "another. Give one of them."
        )
    return found[0]


def _two(found: Sequence[Settings]) -> tuple[Settings, Settings]:
    return found[0], next(each for each in found if each != found[0])


def _agent_of(name: str, slots: Iterable[Slot]) -> str:
    """Return the agent of a side.

    Raises:
        ComparisonError: If its places have different agents.
    """
    found = list(dict.fromkeys(slot.works_in for slot in slots)) or [SIMULATED]
    if len(found) > 1:
        raise ComparisonError(
            f"{name} uses the agents {' and '.join(found)}, which are not one target. Give one of them."
        )
    return found[0]


def one_rule(rules: Collection[tuple[Exclusion, ...] | None], where: str) -> tuple[Exclusion, ...] | None:
    """Return the common exclusion rules; `None` if there are only loose logs.

    Raises:
        ComparisonError: If two studies exclude different episodes.
    """
    found = list(dict.fromkeys(rule for rule in rules if rule is not None))
    if len(found) > 1:
        raise ComparisonError(
            f"the studies of {where} leave out episodes by different rules, so a contrast would be wrong about one of "
            "them. Run both under the same `exclusions`, or give the folders' logs/ in place of the folders."
        )
    return found[0] if found else None


def key_of(slot: Slot, levels: Mapping[str, str]) -> Key:
    """The key of a slot for pairing: everything but the compared factors."""
    arm = frozenset((factor, level) for factor, level in slot.arm.items() if factor not in levels)
    return slot.scenario, slot.rubric, arm, slot.world_seed, slot.epoch


def parse_levels(words: tuple[str, str]) -> tuple[dict[str, str], dict[str, str]]:
    """Parse the levels of A and of B, each as `FACTOR=LEVEL`, or several of these separated by commas.

    Raises:
        ComparisonError: If one is malformed, or the two do not name the same factors.
    """
    a, b = (dict(_level(pair, each) for pair in each.split(",")) for each in words)
    if a.keys() != b.keys():
        raise ComparisonError(
            f"--arms {words[0]} {words[1]}: the two name different factors. Give a level of the same factors for both, "
            "as in --arms channel=document channel=memory."
        )
    if a == b:
        raise ComparisonError(f"--arms {words[0]} {words[1]}: both name the same arms. Give different levels.")
    return a, b


def _level(pair: str, words: str) -> tuple[str, str]:
    factor, sign, level = (each.strip() for each in pair.partition("="))
    if not (factor and sign and level):
        raise ComparisonError(
            f"--arms {words!r} cannot be read. Write FACTOR=LEVEL, or several of these with commas, as in "
            "--arms channel=document channel=memory."
        )
    return factor, level


def _check_levels(wanted: Mapping[str, str], slots: Sequence[Slot], place: str) -> None:
    for factor, level in wanted.items():
        there = sorted({slot.arm[factor] for slot in slots if factor in slot.arm})
        if level not in there:
            legal = f"It holds: {', '.join(there)}." if there else "None of its scenarios has that factor."
            raise ComparisonError(f"no arm in {place} has {factor}={level}. {legal}")
    if not any(wanted.items() <= slot.arm.items() for slot in slots):
        raise ComparisonError(f"no arm in {place} has {_written(wanted)} at once. Name fewer factors.")


def _written(levels: Mapping[str, str]) -> str:
    return ", ".join(f"{factor}={level}" for factor, level in levels.items())


def _lacking(parts: Sequence[VersionSource], model: str) -> dict[str, str]:
    found: dict[str, str] = {}
    for part in parts:
        for scenario in dict.fromkeys(slot.scenario for slot in part.study.planned):
            run, machines = part.study.versions.get(RUN_VERSION, ""), part.study.machines_of(model, scenario)
            reason = lacking(part.validation, scenario, run, machines=machines)
            if reason:
                found.setdefault(scenario, reason)
    return found


def _rules(study: Study) -> tuple[Exclusion, ...] | None:
    if not study.hash:
        return None
    return tuple(Exclusion(verdict=rule.verdict, axis=rule.axis, why=rule.why) for rule in study.left_out)


def _model_of(part: VersionSource) -> str:
    there = list(dict.fromkeys(slot.model for slot in part.study.planned))
    if not part.model:
        if len(there) == 1:
            return there[0]
        raise ComparisonError(
            f"{part.place} holds episodes of {_listed(there)}. Choose one with PLACE#MODEL, as in "
            f"{part.place}#{there[0] if there else 'MODEL'}."
        )
    labels = [each for each in there if each == part.model]
    found = labels or [each for each in there if part.names.get(each) == part.model]
    if len(found) == 1:
        return found[0]
    many = f"is the name of {_listed(found)}" if found else "is not there"
    raise ComparisonError(f"the model {part.model} {many} in {part.place}. It holds: {', '.join(there)}.")


def _listed(models: Sequence[str]) -> str:
    different = list(dict.fromkeys(models))
    return f"{len(different)} models ({', '.join(different)})"
