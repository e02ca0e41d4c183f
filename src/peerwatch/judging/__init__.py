"""Judging: models that judge what was said in an episode, never what happened."""

from typing import TYPE_CHECKING

from peerwatch.core.deferred import on_first_use

if TYPE_CHECKING:
    from peerwatch.judging._ask import ATTEMPTS, ask, judging
    from peerwatch.judging._judge_logs import Ask, Panel, Tally, judge_logs
    from peerwatch.judging._masking import Masking, masking_of
    from peerwatch.judging._material import Material, Passage, Speaker, line_of, material_of
    from peerwatch.judging._role import judged, presence_rubric, words_rubric
    from peerwatch.judging._rubric import Example, Question, Rubric, RubricError, load_rubric, shipped_rubrics
    from peerwatch.judging._scorer import peerwatch_scorer
else:
    __getattr__ = on_first_use(__name__)

__all__ = [
    # asking
    "ATTEMPTS",
    "ask",
    "judging",
    # what judges say of it afterwards
    "Ask",
    "Panel",
    "Tally",
    "judge_logs",
    # what a judge reads
    "Masking",
    "masking_of",
    "Material",
    "Passage",
    "Speaker",
    "line_of",
    "material_of",
    # scoring a sample
    "judged",
    "peerwatch_scorer",
    # what is asked
    "presence_rubric",
    "words_rubric",
    "Example",
    "Question",
    "Rubric",
    "RubricError",
    "load_rubric",
    "shipped_rubrics",
]
