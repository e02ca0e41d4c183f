"""Asking judges about the reasoning in logs: what was answered is kept at once, so that a batch can be gone on with."""

from collections.abc import Awaitable, Callable, Sequence
from pathlib import Path

from inspect_ai.log import EvalSample
from inspect_ai.model import Model
from inspect_ai.util import collect

from peerwatch.judges import Material, Rubric, ask, masking_of, material_of
from peerwatch.outcomes import Words, trace_of
from peerwatch.reasoning import READABLE, reasoning_class
from peerwatch.studies import EVENTS, Judgement, keep, load_judgements, read_samples
from peerwatch.traces._logs import valid

AT_ONCE = 20
"""Episodes of which judges are asked at a time."""

Ask = Callable[[Sequence[Model], Rubric, Material], Awaitable[Words]]
"""Asks judges about the material of an episode, as `peerwatch.judges.ask` does."""


async def judge_traces(
    place: Path,
    judges: Sequence[Model],
    rubric: Rubric,
    file: Path,
    tell: Callable[[str], None] = lambda _: None,
    asking: Ask = ask,
) -> None:
    """Ask judges about every valid episode with reasoning that can be read, where they have not answered yet.

    Args:
        place: A log, or a folder of logs.
        judges: Who is asked, each for itself.
        rubric: What they are asked.
        file: Where the answers are kept; a line is appended for each episode and judge.
        tell: Called with a line for each answer.
        asking: Asks one judge about one episode.

    Raises:
        LogError: If there is nothing there, or a log cannot be used.
        OSError: If the file cannot be written.
    """
    kept = load_judgements(file)
    done = {(each.sample, each.judge) for each in kept if each.rubric == rubric.label and not each.failed}

    async def one(path: Path, sample: EvalSample, judge: Model) -> None:
        words = await asking([judge], rubric, _material(sample))
        judgement = Judgement(
            log=path.name,
            sample=str(sample.uuid),
            id=str(sample.id),
            epoch=sample.epoch,
            rubric=rubric.label,
            judge=str(judge),
            answers=words.answers,
        )
        keep([judgement], file)
        tell(f"{sample.id}, epoch {sample.epoch}: {judge}" + (" gave no answer" if judgement.failed else ""))

    waiting: list[Awaitable[None]] = []
    for path, _, sample in read_samples(place, without=EVENTS):
        if not valid(sample) or reasoning_class(sample.messages) not in READABLE:
            continue
        waiting += [one(path, sample, judge) for judge in judges if (str(sample.uuid), str(judge)) not in done]
        if len(waiting) >= AT_ONCE:
            await collect(*waiting)
            waiting = []
    await collect(*waiting)


def _material(sample: EvalSample) -> Material:
    journal = trace_of(sample.metadata, sample.store).journal
    return material_of(sample.messages, journal, masking_of(sample.metadata), private=True)
