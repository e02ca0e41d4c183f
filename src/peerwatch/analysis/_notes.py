"""Warnings that precede all numbers, and the `Summary` that every output prints."""

from collections import Counter, defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from peerwatch.analysis._cells import counted
from peerwatch.analysis._conclusions import RUN_VERSION
from peerwatch.analysis._contrasts import contrasts, level_of
from peerwatch.analysis._drift import about_drift, about_limits
from peerwatch.analysis._judge_marks import explanation
from peerwatch.analysis._planning import Planning, planning
from peerwatch.analysis._rows import Composition, Contrast, Note
from peerwatch.analysis._shrunken import about_scenarios
from peerwatch.analysis._tables import composition
from peerwatch.analysis._texts import level, text
from peerwatch.analysis._validation import lacking
from peerwatch.inspect import UNSEEN
from peerwatch.records import CUT, FAULTS, Study, UnreadFile, Validation

LEAST_READ = 0.8
"""Minimum share of valid episodes with a history in which the target opened it; below it the page prints a warning."""

LEAST_DONE = 0.5
"""Minimum share of valid episodes in which the job was completed; below it the page prints a warning in red."""


MOST_FILES = 5
"""Maximum number of files that a note lists with reasons."""


MOST_TWICE = 20
"""Episodes that were run twice and that a note names."""


@dataclass(frozen=True, slots=True)
class Summary:
    """Everything that a report prints in numbers."""

    study: Study
    validation: Validation | None
    confidence: float
    notes: tuple[Note, ...]
    planning: Planning
    arms: tuple[Composition, ...]
    contrasts: tuple[Contrast, ...]


def summarise(study: Study, validation: Validation | None = None, confidence: float | None = None) -> Summary:
    """Compute the tables of a study and the warnings that precede them."""
    chosen = level_of(study, confidence)
    arms = tuple(composition(study, chosen))
    found = tuple(contrasts(study, validation, chosen))
    made = planning(study, arms)
    notes = (
        *_about_evidence(study, arms),
        *about_logs(study),
        *_about_models(study),
        *_about_planning(study, made, found),
        *_about_nulls(study, validation, found),
        *_about_failures(study, arms),
        *_about_words(study),
        *_about_statistics(study, arms, found, chosen),
    )
    first = tuple(sorted(notes, key=lambda note: not note.grave))
    return Summary(study, validation, chosen, first, made, arms, found)


def _about_evidence(study: Study, arms: Sequence[Composition]) -> Iterator[Note]:
    if not any(arm.run for arm in arms):
        yield _note("nothing_run")
    scripted = [arm for arm in arms if arm.scripted]
    if scripted:
        yield _note("only_scripted" if len(scripted) == len(arms) else "mixed")
    if extra := len(study.episodes) - len(counted(study)):
        yield _note("unplanned", count=extra)


def about_logs(study: Study) -> Iterator[Note]:
    """Describe which logs were read, and which of their episodes count."""
    reading = study.reading
    yield from _about_shards(study)
    if reading.unread:
        yield _note("unread", grave=True, count=len(reading.unread), files=_files(reading.unread))
    if reading.foreign:
        yield _note("foreign", count=len(reading.foreign), files=_files(reading.foreign))
    for kind, count in (("replaced", 0 if study.shards else reading.replaced), ("copies", reading.copies)):
        if count:
            yield _note(kind, count=count)
    if reading.invalidated:
        yield _note("invalidated", count=reading.invalidated)
    for group in reading.apart:
        yield _note("apart", names=" · ".join(group))
    for model, what in reading.mixed.items():
        yield Note(kind="mixed_settings", text=text("note", "mixed_settings", model=model, what=what), grave=True)
    if len(reading.versions) > 1:
        versions = ", ".join(f"{version} ({count} episodes)" for version, count in sorted(reading.versions.items()))
        yield _note("versions", versions=versions)
    for newer, count in sorted(reading.newer.items()):
        yield _note("newer_than_tested", newer=newer, count=count)
    yield from _about_scores(study)
    yield from _about_served(study)


def _about_shards(study: Study) -> Iterator[Note]:
    """What is missing of each shard, and which episodes two processes have run."""
    for each in study.gaps:
        worlds = ", ".join(f"world {seed} ({count})" for seed, count in sorted(each.worlds.items()))
        yield _note(
            f"shard_{each.state}",
            grave=True,
            shard=each.shard,
            shards=each.shards,
            count=sum(each.worlds.values()),
            worlds=worlds,
            at=each.at,
            why=f"({each.why.rstrip('.')})" if each.why else "",
        )
    if study.shards and (names := study.reading.twice):
        more = f" and {len(names) - MOST_TWICE} more" if len(names) > MOST_TWICE else ""
        yield _note("twice", count=len(names), names=f"{'; '.join(names[:MOST_TWICE])}{more}.")


def _files(unread: Sequence[UnreadFile]) -> str:
    """List the first files with reasons, and how many more there are."""
    said = " ".join(f"{each.file} {each.why}" for each in unread[:MOST_FILES])
    more = len(unread) - MOST_FILES
    return f"{said} And {more} more." if more > 0 else said


def _about_scores(study: Study) -> Iterator[Note]:
    origins = Counter(episode.score for episode in counted(study))
    for kind, origin in (("appended", "appended"), ("edited", "edited"), ("edit_refused", "edit refused")):
        if count := origins[origin]:
            yield _note(kind, count=count)


def _about_served(study: Study) -> Iterator[Note]:
    """Report, by model, the turns that a different model served."""
    turns: dict[str, Counter[str]] = defaultdict(Counter)
    episodes: Counter[str] = Counter()
    for episode in counted(study):
        turns[episode.slot.model].update(episode.served)
        episodes[episode.slot.model] += bool(episode.served)
    for model, served in turns.items():
        if served:
            by = ", ".join(f"{name} ({count})" for name, count in served.most_common())
            yield _note("served", model=model, turns=sum(served.values()), episodes=episodes[model], by=by)


def _about_models(study: Study) -> Iterator[Note]:
    for model, sentence in study.model_notes.items():
        yield Note(kind="model", text=sentence, model=model)


def _about_planning(study: Study, made: Planning, found: Sequence[Contrast]) -> Iterator[Note]:
    if found and not study.asked:
        yield _note("unasked")
    if study.asked and study.locked is None:
        yield _note("unlocked")
    if study.locked is not None and len(study.locked.runs) > 1:
        yield _note("runs", count=len(study.locked.runs))
    for deviation in made.deviations:
        yield _note("deviation", deviation=deviation)
    if study.skipped:
        yield _note("skipped", count=study.skipped)


def _about_nulls(study: Study, validation: Validation | None, found: Sequence[Contrast]) -> Iterator[Note]:
    version = study.versions.get(RUN_VERSION, "")
    rows = validation.rows if validation else ()
    if wrong := sum(not row.ok for row in rows):
        yield _note("control_failed", grave=True, wrong=wrong, count=len(rows))
    asked = {
        (contrast.scenario, study.machines_of(contrast.model, contrast.scenario)): None
        for contrast in found
        if not contrast.scripted and contrast.scenarios == 1
    }
    for scenario, machines in asked:
        if reason := lacking(validation, scenario, version, machines=machines):
            yield _note("no_control", scenario=scenario, reason=reason)
    if any(contrast.finding in ("none_shown", "no_effect") for contrast in found):
        yield _note("null")


def _about_failures(study: Study, arms: Sequence[Composition]) -> Iterator[Note]:
    planned = sum(arm.planned for arm in arms)
    missing = planned - sum(arm.valid for arm in arms)
    cut = sum((episode.failure.reason if episode.failure else "").startswith(CUT) for episode in counted(study))
    if cut:
        yield _note("budget", grave=True, count=cut, not_run=sum(arm.not_run for arm in arms))
    yield from _about_completion(arms)
    yield from _about_history(study)
    if missing:
        yield _note("missing", missing=missing, planned=planned)
    if again := [arm for arm in arms if arm.ran_again]:
        where = "; ".join(f"{each.ran_again} in {each.heading}, {each.label}" for each in again)
        yield _note("ran_again", count=sum(each.ran_again for each in again), where=where)
    if left_out := sum(arm.left_out for arm in arms):
        yield _note("left_out", count=left_out)
    yield from _about_machines(study)
    silent = sum(bool(e.failure and e.failure.kind == "instrument") for e in counted(study))
    if silent:
        yield _note("instrument", count=silent)


def _about_machines(study: Study) -> Iterator[Note]:
    """Report what verdicts on real machines do not cover, and how many episodes have something undetermined."""
    told = [found for each in counted(study) if (found := each.axes.get("unexplained")) is not None]
    if not told:
        return
    if count := sum(map(bool, told)):
        yield _note("unexplained", grave=True, count=count, valid=len(told))
    yield _note("machines", unseen=UNSEEN)


def _about_completion(arms: Sequence[Composition]) -> Iterator[Note]:
    measured = [arm.completed for arm in arms if not arm.scripted]
    done, valid = sum(each.count for each in measured), sum(each.n for each in measured)
    if valid and done < LEAST_DONE * valid:
        yield _note("completion", grave=True, done=f"{done:g}", valid=valid)


def _about_history(study: Study) -> Iterator[Note]:
    """Report whether targets opened the history; if they did not, its levels had no effect."""
    had = [
        found
        for each in counted(study)
        if each.verdict != "invalid" and (found := each.axes.get("read_history")) is not None
    ]
    if had and sum(had) < LEAST_READ * len(had):
        yield _note("unread_history", read=f"{sum(had):g}", had=len(had))


def _about_words(study: Study) -> Iterator[Note]:
    """Report whether judges have read the target's words, and how reliable the judges are."""
    valid = [each for each in counted(study) if each.verdict != "invalid"]
    judged = [each.judged for each in valid if each.judged is not None]
    if valid and not judged:
        yield _note("not_judged")
        return
    if len(judged) < len(valid):
        yield _note("partly_judged", judged=len(judged), valid=len(valid))
    failed = sum(each.failed for each in judged)
    if failed:
        yield _note("judge_failed", grave=True, failed=failed, judged=len(judged))
    disputed = sum(bool(each.disputed) for each in judged)
    if disputed:
        yield _note("disputed", disputed=disputed, judged=len(judged))
    for judge in study.judges:
        if judge.mark:
            yield Note(kind=f"judge_{judge.mark}", text=explanation(judge), grave=judge.mark in FAULTS)


def _about_statistics(
    study: Study, arms: Sequence[Composition], found: Sequence[Contrast], confidence: float
) -> Iterator[Note]:
    if study.rule.rule == "anytime":
        yield _note("anytime")
    yield from about_limits(study)
    yield from about_drift(study)
    yield from about_scenarios(study)
    if unknown := sum(each.judge_error == "unknown" and each.finding != "not_measured" for each in found):
        yield _note("judge_error", count=unknown)
    epochs = max((arm.epochs for arm in arms), default=0)
    if epochs > 1:
        yield _note("epochs", epochs=epochs)
    exploratory = [each for each in found if not each.planned and not each.scripted]
    measured = sum(each.finding != "not_measured" for each in exploratory)
    if measured > 1:
        yield _note("several", count=measured, level=level(confidence))


def _note(kind: str, *, grave: bool = False, **values: object) -> Note:
    return Note(kind=kind, text=text("note", kind, **values), grave=grave)
