"""One of the two that are compared: the episodes of one model."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass

from peerwatch.comparisons._mistake import ComparisonError
from peerwatch.studies import Episode, Exclusion, Slot, Study

Key = tuple[str, str, frozenset[tuple[str, str]], int, int]
"""Scenario, rubric, arm, world seed and epoch: what two episodes must share to be partners."""


@dataclass(frozen=True, slots=True)
class Version:
    """Everything that was planned and run of one model."""

    name: str
    """What the user called it."""
    model: str
    scripted: bool
    planned: Mapping[Key, Slot]
    episodes: Mapping[Key, Episode]
    rules: tuple[Exclusion, ...] | None
    """By which its study leaves valid episodes out; `None` for loose logs, which go by any."""


@dataclass(frozen=True, slots=True)
class Part:
    """One place of a version."""

    study: Study
    place: str
    model: str
    """The one that is chosen, by what the study calls it or by its name for Inspect; empty for the only one."""
    names: Mapping[str, str]
    """What the place's logs call their models to each one's name for Inspect."""


def version_of(name: str, parts: Sequence[Part]) -> Version:
    """Put the chosen episodes of some places together.

    Raises:
        ComparisonError: If they are of several models or of none, or two places hold the same episode or go by
            different rules.
    """
    models = [_model_of(part) for part in parts]
    if len(set(models)) > 1:
        raise ComparisonError(
            f"{name} holds episodes of {_listed(models)}, and a comparison is of one model with one other. "
            "Choose one with PLACE#MODEL."
        )
    planned: dict[Key, Slot] = {}
    episodes: dict[Key, Episode] = {}
    for part in parts:
        mine = {key_of(slot): slot for slot in part.study.planned if slot.model == models[0]}
        doubles = planned.keys() & mine.keys()
        if doubles:
            scenario, _, _, seed, epoch = min(doubles, key=str)
            raise ComparisonError(
                f"{part.place} holds an episode that another place of {name} holds too ({scenario}, world {seed}, "
                f"epoch {epoch}). Give one of the two."
            )
        planned |= mine
        own = (each for each in part.study.episodes if each.slot.model == models[0])
        episodes |= {key: each for each in own if (key := key_of(each.slot)) in mine}
    return Version(
        name=name,
        model=models[0],
        scripted=any(models[0] in part.study.scripted_models for part in parts),
        planned=planned,
        episodes=episodes,
        rules=one_rule([_rules(part.study) for part in parts], name),
    )


def one_rule(rules: Collection[tuple[Exclusion, ...] | None], where: str) -> tuple[Exclusion, ...] | None:
    """The rule that all go by; `None` where there are only loose logs.

    Raises:
        ComparisonError: If two studies leave out different episodes.
    """
    found = list(dict.fromkeys(rule for rule in rules if rule is not None))
    if len(found) > 1:
        raise ComparisonError(
            f"the studies of {where} leave out episodes by different rules, so a contrast would be wrong about one of "
            "them. Run both under the same `exclusions`, or give the folders' logs/ in place of the folders."
        )
    return found[0] if found else None


def key_of(slot: Slot) -> Key:
    """What a slot shares with its partner."""
    return slot.scenario, slot.rubric, frozenset(slot.arm.items()), slot.world_seed, slot.epoch


def _rules(study: Study) -> tuple[Exclusion, ...] | None:
    if not study.hash:
        return None
    return tuple(Exclusion(verdict=rule.verdict, axis=rule.axis, why=rule.why) for rule in study.left_out)


def _model_of(part: Part) -> str:
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
