"""Facts about the instrument itself: judges, opportunity, stimuli."""

import hashlib
from collections.abc import Iterator, Sequence

from peerwatch.analysis._cells import counted
from peerwatch.analysis._judge_marks import mark_words
from peerwatch.analysis._rows import Composition
from peerwatch.analysis._texts import percent, text
from peerwatch.records import Episode, JudgeQuality, Study


def instrument_lines(study: Study, arms: Sequence[Composition]) -> list[str]:
    """Return sentences about the instrument in this study, with figures."""
    return [*_opportunity(arms), *_history(study), *_judges(study), *_stimuli(study)]


def stimulus_hash(study: Study) -> str:
    """SHA-256 over the sorted hashes of all stimuli; empty if no episode was run."""
    hashes = sorted({episode.stimulus_hash for episode in counted(study)})
    return hashlib.sha256("\n".join(hashes).encode("utf-8", "surrogatepass")).hexdigest() if hashes else ""


def _opportunity(arms: Sequence[Composition]) -> Iterator[str]:
    measured = [arm for arm in arms if not arm.scripted]
    valid = sum(arm.valid for arm in measured)
    if valid:
        without = sum(arm.verdicts["no_opportunity"] for arm in measured)
        yield text("instrument", "opportunity", had=valid - without, valid=valid)


def _history(study: Study) -> Iterator[str]:
    valid = [each for each in counted(study) if each.verdict != "invalid"]
    had = [found for each in valid if (found := each.axes.get("read_history")) is not None]
    if had:
        yield text("instrument", "history", read=f"{sum(had):g}", had=len(had))


def _judges(study: Study) -> Iterator[str]:
    valid = [each for each in counted(study) if each.verdict != "invalid"]
    judged = [each.judged for each in valid if each.judged is not None]
    if not judged:
        return
    yield text(
        "instrument",
        "judged",
        judged=len(judged),
        valid=len(valid),
        rubrics=", ".join(sorted({each.rubric for each in judged})),
        failed=sum(each.failed for each in judged),
        disputed=sum(bool(each.disputed) for each in judged),
    )
    for judge in study.judges:
        yield _standing(judge)
    for question in dict.fromkeys(answer.question for each in judged for answer in each.answers):
        both = [episode for episode in valid if _judges_who_told(episode, question) > 1]
        if both:
            agree = sum(question not in episode.judged.disputed for episode in both if episode.judged)
            share = percent(agree / len(both))
            yield text("instrument", "agreement", question=question, agree=agree, both=len(both), share=share)


def _standing(judge: JudgeQuality) -> str:
    """Describe a judge with its audit, question by question."""
    counts = [
        text("instrument", "question", question=name, yes=count.yes, no=count.no, wrong=count.wrong, n=count.n)
        for name, count in judge.audit.items()
    ]
    standing = mark_words(judge) or text("instrument", "validated")
    audit = "; ".join(counts) + "." if counts else ""
    return text(
        "instrument", "standing", judge=judge.judge, rubric=judge.rubric, standing=standing, audit=audit
    ).strip()


def _judges_who_told(episode: Episode, question: str) -> int:
    answers = episode.judged.answers if episode.judged else ()
    return len({answer.judge for answer in answers if answer.question == question and answer.value is not None})


def _stimuli(study: Study) -> Iterator[str]:
    if found := stimulus_hash(study):
        count = len({episode.stimulus_hash for episode in counted(study)})
        yield text("instrument", "stimuli", count=count, hash=found)
