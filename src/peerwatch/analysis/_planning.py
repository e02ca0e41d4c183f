"""How a study was planned, locked and stopped, what it spent, and its deviations from the plan."""

from collections.abc import Iterator, Sequence

from peerwatch.analysis._rows import Composition, Tally
from peerwatch.analysis._tables import total
from peerwatch.analysis._texts import level, text
from peerwatch.core.durations import in_words
from peerwatch.records import ExclusionRule, LockedRun, Record, Rule, Study, StudyLock

KINDS = ("calls", "tokens", "dollars", "hours")


class Planning(Record):
    """Facts about the planning and running of a study that every output prints."""

    hash: str
    """Hash of the study file; empty for loose logs."""
    rule: Rule
    locked: StudyLock | None
    deviations: tuple[str, ...]
    left_out: tuple[ExclusionRule, ...]
    skipped: int
    """Planned episodes that were not started because their contrasts were already decided; not among `episodes`."""
    spent: dict[str, float | None]
    """Calls, tokens, dollars (`None` without a price) and hours; empty if nothing was recorded."""
    episodes: Tally

    def parts(self) -> dict[str, list[str]]:
        """Sentences by topic; deviations, which are notes, are not included."""
        found = {
            "rule": list(_rule(self.rule)) if self.hash else [],
            "lock": [_lock(self)],
            "runs": [run_line(run) for run in (self.locked.runs if self.locked else ())],
            "left_out": [_exclusion(rule) for rule in self.left_out],
            "episodes": [text("planning", "tally", **self.episodes.model_dump())],
            "spent": [spent_line(self.spent)] if self.spent else [],
        }
        return {about: lines for about, lines in found.items() if lines}

    def lines(self) -> list[str]:
        """The sentences without their topics."""
        return [line for lines in self.parts().values() for line in lines]


def planning(study: Study, arms: Sequence[Composition]) -> Planning:
    """Collect what a report prints about the planning and running of a study."""
    return Planning(
        hash=study.hash,
        rule=study.rule,
        locked=study.locked,
        deviations=tuple(_deviations(study)),
        left_out=study.left_out,
        skipped=study.skipped,
        spent=study.spent,
        episodes=total(arms),
    )


def run_line(run: LockedRun) -> str:
    """Describe a run made under the lock, in one line."""
    ended = text("planning", "ended", at=run.ended) if run.ended else text("planning", "not_ended")
    return text(
        "planning", "run", state=run.state, folder=run.folder, begun=run.begun, ended=ended, version=run.version
    )


def spent_line(spent: dict[str, float | None]) -> str:
    """Describe the spending; in dollars only if a price is known."""
    said = text("planning", "spent", **{kind: _amount(kind, spent) for kind in KINDS})
    unknown = spent.get("unknown_calls")
    return f"{said} {text('planning', 'unknown_calls', calls=_amount('unknown_calls', spent))}" if unknown else said


def _amount(kind: str, spent: dict[str, float | None]) -> str:
    value = spent.get(kind)
    if value is None:
        return text("planning", "no_price" if kind == "dollars" and kind in spent else "not_recorded")
    if kind == "dollars":
        return f"${value:,.2f}" if value == 0 or value >= 1 else f"${value:.4f}"
    if kind == "hours":
        return in_words(value * 3600)
    return f"{value:,.0f}"


def _rule(rule: Rule) -> Iterator[str]:
    discoveries = "_discoveries" if rule.correction == "false_discoveries" else ""
    yield text("planning", f"{rule.rule}{discoveries}", alpha=level(rule.alpha), beta=level(rule.beta))
    smallest = f"{100 * rule.smallest_effect:g}"
    if rule.smallest_shift is not None:
        smallest = text("planning", "of_scores", smallest=smallest, shift=f"{rule.smallest_shift:g}")
    yield text("planning", "sizes", smallest=smallest, opportunity=level(rule.opportunity))


def _lock(found: Planning) -> str:
    if found.locked is not None:
        lock = found.locked
        return text("planning", "locked", at=lock.at, version=lock.version, file=lock.file, hash=lock.hash)
    return text("planning", "unlocked", hash=found.hash) if found.hash else text("planning", "no_file")


def _exclusion(rule: ExclusionRule) -> str:
    return text("planning", "rule", what=rule.verdict or rule.axis, why=rule.why)


def _deviations(study: Study) -> Iterator[str]:
    lock = study.locked
    if lock is not None and lock.hash != study.hash:
        yield text("planning", "hash", study=study.hash, lock=lock.hash)
    for run in lock.runs if lock else ():
        if lock and run.version != lock.version:
            yield text("planning", "run_version", folder=run.folder, run=run.version, lock=lock.version)
    for change in study.amendments:
        yield text("planning", "amended", change=change)
