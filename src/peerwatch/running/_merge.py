"""Merges several studies and loose logs into one, for a joint report."""

from collections import Counter
from collections.abc import Mapping, Sequence

from peerwatch.records import (
    ContrastStatus,
    ExclusionRule,
    Reading,
    Rule,
    SettingsKey,
    Slot,
    Study,
    StudyError,
    groups_of,
    key_of,
    told_apart,
)
from peerwatch.running._audits import worst_of

_Key = tuple[str, str, frozenset[tuple[str, str]], int, int]


def merge_studies(studies: Sequence[Study], places: Sequence[str]) -> Study:
    """Merge studies that share no episode.

    Planned contrasts remain planned, each family within its study. Locks and hashes belong to single studies and are
    dropped.

    Args:
        studies: At least two.
        places: The source of each, for messages.

    Raises:
        StudyError: If two of them contain the same episode, or are evaluated by different rules.
    """
    studies = _apart(studies)
    _refuse_doubles(studies, places)
    rule, left_out = _one_rule(studies, places)
    return Study(
        title=", ".join(dict.fromkeys(study.title for study in studies)),
        planned=tuple(slot for study in studies for slot in study.planned),
        episodes=tuple(episode for study in studies for episode in study.episodes),
        scripted_models=frozenset[str]().union(*(study.scripted_models for study in studies)),
        model_notes={model: note for study in studies for model, note in study.model_notes.items()},
        versions=_versions(studies),
        started=studies[0].started,
        finished=studies[-1].finished,
        rule=rule,
        asked=tuple(_named(asked, study) for study in studies for asked in study.asked),
        left_out=left_out,
        skipped=sum(study.skipped for study in studies),
        amendments=tuple(f"{study.title}: {change}" for study in studies for change in study.amendments),
        judges=worst_of([judge for study in studies for judge in study.judges]),
        labels=tuple(label for study in studies for label in study.labels),
        spent=_spent(studies),
        reading=_reading(studies),
        shards=max(study.shards for study in studies),
        gaps=tuple(gap for study in studies for gap in study.gaps),
        targets={model: target for study in studies for model, target in study.targets.items()},
        judge_settings=_judge_settings(studies),
    )


def _judge_settings(studies: Sequence[Study]) -> dict[str, dict[str, str]]:
    """The settings of judges; conflicting settings of a judge are dropped as unknown."""
    found: dict[str, dict[str, str]] = {}
    mixed: set[str] = set()
    for judge, settings in ((name, each) for study in studies for name, each in study.judge_settings.items()):
        if found.setdefault(judge, settings) != settings:
            mixed.add(judge)
    return {judge: settings for judge, settings in found.items() if judge not in mixed}


def one_agent_each(study: Study) -> Study:
    """Return a study after checking that no model uses two agents, whose episodes would be merged as one target.

    Raises:
        StudyError: If a model uses two agents.
    """
    found: dict[str, str] = {}
    for slot in (*study.planned, *(episode.slot for episode in study.episodes)):
        if (other := found.setdefault(slot.model, slot.works_in)) != slot.works_in:
            raise StudyError(
                f"{slot.model} runs in {other} in one place and in {slot.works_in} in another, which are two "
                "different targets. Report them separately, or give each its own label."
            )
    return study


def _apart(studies: Sequence[Study]) -> list[Study]:
    """Return the studies with separate names for one model at several settings."""
    targets = [(name, settings) for study in studies for name, settings in study.reading.settings.items()]
    names = told_apart(iter(targets))
    groups = groups_of(names)
    return [_renamed(study, names, groups) for study in studies]


def _renamed(study: Study, names: Mapping[tuple[str, SettingsKey], str], groups: tuple[tuple[str, ...], ...]) -> Study:
    settings = study.reading.settings
    new = {name: names[name, key_of(each)] for name, each in settings.items() if names[name, key_of(each)] != name}
    if not new:
        return study

    def slot(old: Slot) -> Slot:
        return old.model_copy(update={"model": new.get(old.model, old.model)})

    mine = tuple(group for group in groups if set(group) & set(new.values()))
    reading = study.reading.model_copy(
        update={
            "settings": {new.get(name, name): each for name, each in settings.items()},
            "apart": (*study.reading.apart, *mine),
        }
    )
    return study.model_copy(
        update={
            "planned": tuple(map(slot, study.planned)),
            "episodes": tuple(each.model_copy(update={"slot": slot(each.slot)}) for each in study.episodes),
            "scripted_models": frozenset(new.get(each, each) for each in study.scripted_models),
            "model_notes": {new.get(name, name): note for name, note in study.model_notes.items()},
            "asked": tuple(each.model_copy(update={"model": new.get(each.model, each.model)}) for each in study.asked),
            "reading": reading,
            "targets": {new.get(name, name): target for name, target in study.targets.items()},
        }
    )


def _reading(studies: Sequence[Study]) -> Reading:
    """Merge the log-reading summaries."""
    each = [study.reading for study in studies]
    versions: Counter[str] = Counter()
    newer: Counter[str] = Counter()
    for one in each:
        versions.update(one.versions)
        newer.update(one.newer)
    return Reading(
        unread=tuple(dict.fromkeys(file for one in each for file in one.unread)),
        foreign=tuple(dict.fromkeys(file for one in each for file in one.foreign)),
        copies=sum(one.copies for one in each),
        replaced=sum(one.replaced for one in each),
        twice=tuple(name for one in each for name in one.twice),
        invalidated=sum(one.invalidated for one in each),
        versions=dict(versions),
        newer=dict(newer),
        settings={name: settings for one in each for name, settings in one.settings.items()},
        apart=tuple(dict.fromkeys(group for one in each for group in one.apart)),
        mixed={name: what for one in each for name, what in one.mixed.items()},
    )


def _named(asked: ContrastStatus, study: Study) -> ContrastStatus:
    return asked.model_copy(update={"family": f"{study.title}: {asked.family}"})


def _refuse_doubles(studies: Sequence[Study], places: Sequence[str]) -> None:
    held: dict[_Key, str] = {}
    for study, place in zip(studies, places, strict=True):
        for key in dict.fromkeys(_key(slot) for slot in study.planned):
            if held.setdefault(key, place) != place:
                raise StudyError(
                    f"{held[key]} and {place} hold the same episode ({key[0]}, {key[1]}, world {key[3]}, "
                    f"epoch {key[4]}). Give one of them, or report them separately."
                )


def _one_rule(studies: Sequence[Study], places: Sequence[str]) -> tuple[Rule, tuple[ExclusionRule, ...]]:
    """Return the common rules of evaluation; loose logs without a study accept any."""
    found = {(study.rule, study.left_out): place for study, place in zip(studies, places, strict=True) if study.hash}
    if len(found) > 1:
        raise StudyError(
            f"{' and '.join(found.values())} stop or leave out episodes by different rules, so one report cannot "
            "cover both. Report them separately."
        )
    return next(iter(found), (Rule(), ()))


def _versions(studies: Sequence[Study]) -> dict[str, str]:
    names = dict.fromkeys(name for study in studies for name in study.versions)
    return {
        name: ", ".join(dict.fromkeys(study.versions[name] for study in studies if name in study.versions))
        for name in names
    }


def _spent(studies: Sequence[Study]) -> dict[str, float | None]:
    """The sum of the runs' spending; `None` if it is unknown for one of them."""
    runs = [study.spent for study in studies if study.spent]
    kinds = dict.fromkeys(kind for run in runs for kind in run)
    found: dict[str, float | None] = {}
    for kind in kinds:
        amounts = [run.get(kind, 0.0 if kind == "unknown_calls" else None) for run in runs]
        known = [amount for amount in amounts if amount is not None]
        found[kind] = sum(known) if len(known) == len(amounts) else None
    return found


def _key(slot: Slot) -> _Key:
    return slot.model, slot.heading, frozenset(slot.arm.items()), slot.world_seed, slot.epoch
