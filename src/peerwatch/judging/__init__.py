"""Judging: models that judge what was said in an episode, never what happened."""

from typing import TYPE_CHECKING

from peerwatch.core.deferred import on_first_use

if TYPE_CHECKING:
    from peerwatch.judging._ask import ATTEMPTS, ask, judging
    from peerwatch.judging._judge_logs import Ask, Panel, Tally, judge_logs
    from peerwatch.judging._masking import Masking, masking_of
    from peerwatch.judging._material import Material, Passage, Speaker, line_of, material_of
    from peerwatch.judging._prompt import escaped, fence_of, filled
    from peerwatch.judging._role import judged, presence_rubric, words_rubric
    from peerwatch.judging._rubric import Example, Question, Rubric, RubricError, load_rubric, shipped_rubrics
    from peerwatch.judging._scorer import peerwatch_scorer
else:
    __getattr__ = on_first_use(__name__)

__all__ = [
    # Asking judges
    "ATTEMPTS",
    "ask",
    "judging",
    # Judgements after a run
    "Ask",
    "Panel",
    "Tally",
    "judge_logs",
    # Material for judges
    "Masking",
    "masking_of",
    "Material",
    "Passage",
    "Speaker",
    "line_of",
    "material_of",
    # how a record is shown to a model, so that it can give no orders
    "escaped",
    "fence_of",
    "filled",
    # Scoring a sample
    "judged",
    "peerwatch_scorer",
    # Rubrics
    "presence_rubric",
    "words_rubric",
    "Example",
    "Question",
    "Rubric",
    "RubricError",
    "load_rubric",
    "shipped_rubrics",
]
