"""Judges: models that are asked what was said in an episode, and never what happened."""

from peerwatch.judges._ask import ATTEMPTS, ask
from peerwatch.judges._masking import Masking, masking_of
from peerwatch.judges._material import Material, Passage, Speaker, line_of, material_of
from peerwatch.judges._rubric import Example, Question, Rubric, RubricError, load_rubric, shipped_rubrics

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
]
