"""Judges: models that are asked what was said in an episode, and never what happened."""

from typing import TYPE_CHECKING, Any

from peerwatch.judges._ask import ATTEMPTS, ask
from peerwatch.judges._families import JudgeError, check_judges, families_of
from peerwatch.judges._masking import Masking, masking_of
from peerwatch.judges._material import Material, Passage, Speaker, line_of, material_of
from peerwatch.judges._role import ALLOW, ROLE, check_role, judged, judges_in_role
from peerwatch.judges._rubric import Example, Question, Rubric, RubricError, load_rubric, shipped_rubrics
from peerwatch.judges._scorer import peerwatch_scorer

if TYPE_CHECKING:
    from peerwatch.judges._scanner import peerwatch_words


def __getattr__(name: str) -> Any:  # noqa: ANN401 - whatever the module holds under the name
    if name == "peerwatch_words":  # Inspect Scout is an extra, and takes seconds to load
        from peerwatch.judges._scanner import peerwatch_words

        return peerwatch_words
    raise AttributeError(f"module 'peerwatch.judges' has no attribute {name!r}")


__all__ = [
    # what is asked
    "Example",
    "Question",
    "Rubric",
    "RubricError",
    "load_rubric",
    "shipped_rubrics",
    # what a judge reads
    "Masking",
    "Material",
    "Passage",
    "Speaker",
    "line_of",
    "masking_of",
    "material_of",
    # asking
    "ATTEMPTS",
    "ask",
    # who may judge
    "ALLOW",
    "ROLE",
    "JudgeError",
    "check_judges",
    "check_role",
    "families_of",
    "judges_in_role",
    # scoring a sample
    "judged",
    "peerwatch_scorer",
    # with Inspect Scout
    "peerwatch_words",
]
