"""Judges: models that are asked what was said in an episode, and never what happened."""

from typing import TYPE_CHECKING

from peerwatch._deferred import on_first_use

if TYPE_CHECKING:
    from peerwatch.judges._ask import ATTEMPTS, ask, judging
    from peerwatch.judges._families import JudgeError, check_judges, families_of
    from peerwatch.judges._masking import Masking, masking_of
    from peerwatch.judges._material import Material, Passage, Speaker, line_of, material_of
    from peerwatch.judges._model_role import ALLOW, ROLE, any_family, check_role, clean_providers, judges_in_role
    from peerwatch.judges._role import judged, words_rubric
    from peerwatch.judges._rubric import Example, Question, Rubric, RubricError, load_rubric, shipped_rubrics
    from peerwatch.judges._scorer import peerwatch_scorer
else:
    __getattr__ = on_first_use(__name__)

__all__ = [
    # what is asked
    "Example",
    "Question",
    "Rubric",
    "RubricError",
    "load_rubric",
    "words_rubric",
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
    "judging",
    # who may judge
    "ALLOW",
    "ROLE",
    "any_family",
    "JudgeError",
    "check_judges",
    "check_role",
    "clean_providers",
    "families_of",
    "judges_in_role",
    # scoring a sample
    "judged",
    "peerwatch_scorer",
]
