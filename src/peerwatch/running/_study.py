"""Assembles the input of a report: the plan, the episodes in its folder, and the stopping rule's decisions."""

from collections.abc import Iterator, Mapping, Sequence
from datetime import UTC, datetime
from pathlib import Path

from peerwatch.core.log_places import ARCHIVE
from peerwatch.core.outcomes import Words
from peerwatch.inspect._provider import OURS
from peerwatch.judging.audits import AUDIT
from peerwatch.planning import (
    Design,
    Plan,
    Question,
    RunNote,
    Spend,
    load_lock,
    now,
    partners_of,
    questions,
    runs_under,
)
from peerwatch.records import (
    LOGS,
    ContrastStatus,
    Episode,
    ExclusionRule,
    Key,
    LockedRun,
    Reading,
    Row,
    Rule,
    Shard,
    Slot,
    Study,
    StudyError,
    StudyLock,
    Tables,
    Target,
    all_rows,
    is_scripted,
    judgements_file,
    load_judgements,
    merged,
    open_logs,
    read_place,
    read_tables,
    settings_in,
    settings_used,
    slot_key,
    spoken,
    tables_at,
)
from peerwatch.running._audits import judges_of
from peerwatch.running._shards import gaps
from peerwatch.running._stopping import Stopper
from peerwatch.stats import Rules, State


def study_of(
    plan: Plan,
    folder: Path,
    versions: dict[str, str],
    shards: Mapping[Shard, Path] | None = None,
    tables: Mapping[Path, Tables] | None = None,
) -> Study:
    """Return the plan together with every episode in its folder.

    Args:
        plan: The study.
        folder: The run's.
        versions: What it was made with.
        shards: Its shards and their folders, if it has any.
        tables: The tables in these folders, if they are known already.

    Raises:
        LogError: If a log is damaged.
    """
    judgements = load_judgements(judgements_file(folder))
    later = spoken(judgements)
    parts = [*shards.values()] if shards else [folder]
    read, reading = _episodes(folder, parts, later, tables_at(folder) if tables is None else tables)
    # By slot rather than by sample id, which an arm had under another name before a factor existed.
    found: dict[Key, Episode] = {slot_key(each.slot): each for each in read}
    queues = (plan.queue(model, plan.design.most_worlds) for model in plan.models)
    planned = {slot_key(slot): slot for queue in queues for slot in queue}
    episodes = _in_order(planned, found)
    design, rows = plan.design, [row for part in parts for row in all_rows(part)]
    stopper = Stopper(plan, found, rows)
    asked_for, skipped = _asked_for(plan, planned, stopper, found)
    return Study(
        title=design.title,
        planned=asked_for,
        episodes=tuple(episodes),
        scripted_models=scripted({model.key: model.name for model in design.models}),
        model_notes=plan.notes,
        versions=versions,
        started=plan.created,
        finished=_last_entry(rows),
        rule=_rule(design),
        asked=_asked(plan, stopper),
        outcome=design.outcome,
        left_out=tuple(ExclusionRule(verdict=each.verdict, axis=each.axis, why=each.why) for each in design.exclusions),
        skipped=skipped,
        hash=design.digest(),
        locked=_locked(plan),
        amendments=tuple(_amended(plan)),
        judges=judges_of(next((each for each in parts if (each / AUDIT).is_file()), folder), episodes),
        spent=spent_of(plan, rows),
        reading=reading,
        shards=next((each.count for each in shards or ()), 0),
        gaps=gaps(plan, shards, asked_for, found) if shards else (),
        targets={model.key: Target(name=model.name, turns=design.turns_of(model)) for model in design.models},
        judge_settings=settings_used(
            judgements, {each.name: settings_in(each.config) | settings_in(each.args) for each in design.judges}
        ),
    )


def _in_order(planned: Mapping[Key, Slot], found: Mapping[Key, Episode]) -> list[Episode]:
    """Episodes in the order of the plan, whatever process ran them and whenever they ended; then all others."""
    return [*(found[key] for key in planned if key in found), *(found[key] for key in found if key not in planned)]


def _episodes(
    folder: Path, parts: Sequence[Path], later: Mapping[str, Words], tables: Mapping[Path, Tables]
) -> tuple[list[Episode], Reading]:
    """The episodes of a run's shards: from the tables of those that have written them, from the logs of the others."""
    stored = [found for each in parts if (found := tables.get(each)) is not None]
    rest = [each / LOGS for each in parts if each not in tables and any((each / LOGS).rglob(f"*{ARCHIVE}"))]
    read, readings = list[Episode](), list[Reading]()
    if stored:
        read, reading = read_tables(stored)
        readings.append(reading)
    if parts != [folder] and not rest and not stored:
        names = ", ".join(each.name for each in parts)
        raise StudyError(
            f"{folder} holds no episodes yet (shards that have begun: {names}). Run its shards, then report."
        )
    if rest or not stored:
        more, reading = read_place(open_logs(rest or [folder / LOGS], planned=True), later, said=True)
        read += more
        readings.append(reading)
    return read, merged(readings) if len(readings) > 1 else readings[0]


def scripted(models: Mapping[str, str]) -> frozenset[str]:
    """Return the models that are scripted agents.

    Args:
        models: Names in slots to Inspect names.
    """
    return frozenset(key for key, name in models.items() if is_scripted(name))


def spent_of(plan: Plan, rows: Sequence[Row]) -> dict[str, float | None]:
    """The spending of a run so far: calls, tokens, dollars (`None` without a price) and hours of work."""
    spend = Spend({model: plan.price(model) for model in plan.charged})
    spend.feed(rows)
    total = spend.total()
    known = {"calls": total.calls, "tokens": total.tokens, "dollars": spend.dollars, "hours": spend.hours}
    ours = {model for model, entry in plan.charged.items() if entry.name.startswith(OURS)}
    unknown = sum(count for model, count in spend.unknown.items() if model not in ours)
    names = partners_of(plan)
    beside = [use for name, use in spend.by_model.items() if name in names]
    partners = {"partner_calls": sum(use.calls for use in beside), "partner_tokens": sum(use.tokens for use in beside)}
    return known | ({"unknown_calls": unknown} if unknown else {}) | (partners if beside else {})


def _last_entry(rows: Sequence[Row]) -> str:
    """Time of a run's last entry: a report may be made long after the run's end."""
    times = [row["at"] for row in rows]
    return datetime.fromtimestamp(max(times), UTC).isoformat(timespec="seconds") if times else now()


def _asked_for(
    plan: Plan, planned: Mapping[Key, Slot], stopper: Stopper, found: Mapping[Key, Episode]
) -> tuple[tuple[Slot, ...], int]:
    """The slots that were run or are still needed, and how many planned ones a decision has made skipped."""
    first = plan.design.seed
    slots: list[Slot] = []
    skipped = 0
    for key, slot in planned.items():
        late = slot.world_seed >= first + plan.design.worlds
        if key in found or (stopper.needs(slot) and not late):
            slots.append(slot)
        elif not late:
            skipped += 1
    return tuple(slots), skipped


def _amended(plan: Plan) -> Iterator[str]:
    for each in plan.amendments:
        yield f"{each.field}: {each.old} became {each.new} ({each.at})"
    if plan.lock and not Path(plan.lock).is_file():
        yield f"the lock {plan.lock}, under which the run began, is gone"


def _rule(design: Design) -> Rule:
    stopping = design.stopping
    return Rule(
        rule=stopping.rule,
        alpha=stopping.alpha,
        beta=stopping.beta,
        smallest_effect=stopping.smallest_effect,
        smallest_shift=stopping.smallest_shift,
        opportunity=stopping.opportunity,
        correction=stopping.correction,
    )


def _asked(plan: Plan, stopper: Stopper) -> tuple[ContrastStatus, ...]:
    decisions = stopper.decisions()
    if not decisions:
        return tuple(_one(question) for question in questions(plan))
    return tuple(_one(question).model_copy(update=_decided(state, rules)) for question, state, rules in decisions)


def _decided(state: State, rules: Rules) -> dict[str, object]:
    return {
        "decision": state.kind,
        "worlds": state.worlds,
        "low_error": state.levels.low,
        "high_error": state.levels.high,
        "horizon": rules.horizon,
        "alike": rules.alike,
    }


def _one(question: Question) -> ContrastStatus:
    model, scenario, rubric, first = question.first
    return ContrastStatus.model_validate(
        {
            "model": model,
            "scenario": scenario,
            "rubric": rubric,
            "factor": question.contrast.factor,
            "first": dict(first),
            "second": dict(question.second[3]),
            "family": question.contrast.family,
            "outcome": question.outcome,
            "side": question.contrast.side,
            "pool": question.pool,
        }
    )


def _locked(plan: Plan) -> StudyLock | None:
    file = Path(plan.lock)
    lock = load_lock(file) if plan.lock else None
    if lock is None:
        return None
    notes = runs_under(file)
    folders = dict.fromkeys(note.folder for note in notes)
    return StudyLock(
        file=plan.lock,
        hash=lock.hash,
        at=lock.locked,
        version=lock.version,
        runs=tuple(_run([note for note in notes if note.folder == folder]) for folder in folders),
    )


def _run(notes: Sequence[RunNote]) -> LockedRun:
    last = notes[-1]
    over = last.event != "begun"
    return LockedRun(
        folder=last.folder,
        begun=notes[0].at,
        ended=last.at if over else "",
        state=last.event if last.event != "begun" else "abandoned or under way",
        version=last.version,
    )
