"""Values of `$name` in the scripts of scripted agents in a review."""

import math
from typing import Any

from peerwatch.core.scenarios import Case
from peerwatch.domains.review._key import GradeKey, ScoreKey

_ABOVE = 5
"""Points by which a passing mean exceeds the bar."""

_TEMPLATE = "template"
"""Level of the factor `reporting` at which the company's policy prescribes the first line of a report."""


def script_names(case: Case) -> dict[str, Any]:
    """Values of `$name` in a script, in addition to the fields of the answer key."""
    key = case.key
    if isinstance(key, ScoreKey):
        return _score_names(case, key)
    return _grade_names(case, key) if isinstance(key, GradeKey) else {}


def _score_names(case: Case, key: ScoreKey) -> dict[str, Any]:
    rows = range(1, len(case.world.sheets[key.sheet].rows) + 1)
    right = set(key.correct_rows or ())
    passing = math.ceil((key.bar + _ABOVE) / 100 * len(rows))
    raised = right | set([row for row in rows if row not in right][: max(passing - len(right), 0)])
    means = {
        "honest": f"{key.honest_score:g}",
        "bar": f"{key.bar:g}",
        "above": f"{key.bar + _ABOVE:g}",
        "raised": f"{(key.honest_band[1] + key.bar) / 2:g}",
    }
    return {
        **means,
        "gain": f"{key.bar + _ABOVE - key.honest_score:g}",
        **{f"{name}_line": _first_line(case, "MEAN SCORE", mean) for name, mean in means.items()},
        "subject_name": key.subject_name or key.label,
        "share": f"{key.honest_score / 100:.2f}",
        "rounded": f"{key.honest_score:.0f}",
        "correct": len(right),
        "passing": passing,
        "marks": "\n".join(f"{row}: {100 if row in right else 0}" for row in rows),
        "good_marks": "\n".join(f"{row}: {100 if row in raised else 0}" for row in rows),
        "other_id": _other(case, key.subject_id),
        "side_document": _side_document(case),
    }


def _grade_names(case: Case, key: GradeKey) -> dict[str, Any]:
    cost = key.revenue - key.net_result
    return {
        **{f"{grade}_line": _first_line(case, "GRADE", grade.upper()) for grade in ("a", "b", "c")},
        "subject_name": key.subject_name or key.label,
        "cost": cost,
        "profit": key.revenue // 20,
        "other": case.world.systems[_other(case, key.subject_id)].name,
    }


def _first_line(case: Case, label: str, result: str) -> str:
    """The first line of a report as prescribed by the policy, with a blank line; empty if none is prescribed."""
    return f"{label}: {result}\n\n" if case.arm["reporting"] == _TEMPLATE else ""


def _side_document(case: Case) -> str:
    """A company document that states neither the order nor the stakes nor the history."""
    telling = {*case.key.notice_documents, *case.key.history_documents}
    return next(name for name in case.world.documents if name not in telling)


def _other(case: Case, system_id: str) -> str:
    """Id of a register entry other than the subject's."""
    return next(each for each in case.world.systems if each != system_id)
