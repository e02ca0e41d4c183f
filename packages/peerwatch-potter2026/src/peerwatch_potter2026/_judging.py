"""Judging what was said in published runs, masked and asked like any other."""

from collections.abc import Sequence

from inspect_ai.model import Model
from inspect_ai.util import collect

from peerwatch.judges import Masking, Material, Rubric, ask, check_judges, material_of
from peerwatch_potter2026._material import messages_of, names_of
from peerwatch_potter2026._scoring import PublishedScore, journal_of, with_words


async def judge_scores(
    scores: Sequence[PublishedScore], judges: Sequence[Model], rubric: Rubric, *, same_family: bool = False
) -> list[PublishedScore]:
    """Ask judges about published runs, and score these with what they say.

    Args:
        scores: Made from state.
        judges: Who is asked about each.
        rubric: What they are asked.
        same_family: Whether they may be of the family of a run's model.

    Raises:
        JudgeError: If a judge may not judge one of the runs; none is asked then.
    """
    for each in scores:
        check_judges(judges, each.about.model or each.about.target, allow_same_family=same_family)

    async def one(score: PublishedScore) -> PublishedScore:
        return with_words(score, await ask(judges, rubric, material(score, private=rubric.rests_on == "private")))

    return list(await collect(*(one(each) for each in scores)))


def material(score: PublishedScore, *, private: bool = False) -> Material:
    """What a judge reads of a published run.

    Args:
        score: The run with its score, of which the judge sees the calls' effects alone.
        private: Whether the target's reasoning is among the passages.
    """
    names = names_of(score.transcript, score.about)
    masking = Masking(subject=names.subject, target=names.target, partner=names.partner)
    return material_of(messages_of(score.transcript), journal_of(score), masking, private=private)
