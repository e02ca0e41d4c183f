"""The quality of judges, computed from their audits."""

from collections.abc import Collection, Iterable, Sequence
from pathlib import Path

from peerwatch.judging._role import words_rubric
from peerwatch.judging.audits._records import AUDIT, AuditAnswer, Validation, kept_validations, load_rows, this_version
from peerwatch.judging.audits._set import audit_set
from peerwatch.records import WEIGHT, Fault, JudgeQuality, Mark, counted, worst

BOUND = 1 / 3
"""Maximum share of wrong answers among the audit's episodes with the same known answer."""

LEAST = 1 / 2
"""Minimum share of the audit's episodes that must get a yes or a no."""


def standings(folder: Path, asked: Iterable[tuple[str, str]], scenarios: Collection[str]) -> tuple[JudgeQuality, ...]:
    """Return the quality of judges.

    Args:
        folder: The folder of the audit and of the judgements.
        asked: Pairs of judge and rubric.
        scenarios: Scenarios of the episodes that they have read.
    """
    wanted = list(dict.fromkeys(asked))
    if not wanted:
        return ()
    rows = load_rows(folder / AUDIT)
    answers = [row for row in rows if isinstance(row, AuditAnswer)]
    passed = [*kept_validations(), *(row for row in rows if isinstance(row, Validation))]
    return tuple(_standing(judge, rubric, scenarios, answers, passed) for judge, rubric in wanted)


def _standing(
    judge: str,
    rubric: str,
    scenarios: Collection[str],
    answers: Sequence[AuditAnswer],
    passed: Sequence[Validation],
) -> JudgeQuality:
    """Return the worst quality of a judge: which episode was judged with which settings is not recorded."""
    groups: dict[tuple[str, str, str, str], list[AuditAnswer]] = {}
    for row in answers:
        if (row.judge, row.rubric) == (judge, rubric):
            groups.setdefault(row.key, []).append(row)
    good = [
        each for each in passed if (each.judge, each.rubric) == (judge, rubric) and {*scenarios} <= {*each.scenarios}
    ]
    if (
        not groups
    ):  # judged by Inspect's own commands, which carry no audit: taken as asked with the model's own settings
        validated = any(each.plain and each.version == this_version() for each in good)
        return _made(judge, rubric, [], validated=validated, plain=True)
    keys = {each.key for each in good}
    found = [_made(judge, rubric, rows, validated=key in keys, plain=rows[-1].plain) for key, rows in groups.items()]
    return max(found, key=lambda each: WEIGHT[each.mark])


def _made(judge: str, rubric: str, rows: Sequence[AuditAnswer], *, validated: bool, plain: bool) -> JudgeQuality:
    latest = {row.episode: row for row in rows}  # what failed was asked again
    known = {each.name: each.known for each in audit_set()}
    pairs = [
        (known[name], {answer.question: answer.value for answer in row.answers})
        for name, row in latest.items()
        if name in known
    ]
    counts = counted(pairs)
    fault, questions = worst(counts, BOUND, LEAST)
    return JudgeQuality(
        judge=judge,
        rubric=rubric,
        validated=validated,
        episodes=len(pairs),
        audit=counts,
        mark=_mark(fault, len(pairs), validated=validated),
        questions=questions,
        plain=plain,
        shipped=rubric == words_rubric().label,
    )


def _mark(fault: Fault | None, episodes: int, *, validated: bool) -> Mark:
    if fault is not None:
        return fault
    if validated:
        return ""
    return "audited" if episodes else "unaudited"
