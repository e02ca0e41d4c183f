"""Judges finished episodes: no target is called, and earlier judgements are kept."""

from collections.abc import Awaitable, Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import groupby
from pathlib import Path

import anyio
from inspect_ai.log import EvalSample
from inspect_ai.model import Model

from peerwatch.core.outcomes import Answer, Words
from peerwatch.core.scenarios import TOLD
from peerwatch.core.worlds import Entry
from peerwatch.inspect import JOURNAL, check_judges
from peerwatch.judging._ask import ask
from peerwatch.judging._masking import masking_of
from peerwatch.judging._material import Material, material_of
from peerwatch.judging._rubric import Rubric
from peerwatch.judging.audits import TRANSPORT, audit
from peerwatch.records import (
    EVENTS,
    Judgement,
    UnreadFile,
    counted_score,
    keep,
    load_judgements,
    open_logs,
    read_samples,
    settings_in,
)

AT_ONCE = 20
"""Maximum number of episodes judged in parallel, in addition to the provider's own limits."""


@dataclass
class Tally:
    """The result of a batch, in numbers of (judge, episode) pairs.

    Attributes:
        there: Already judged by the same rubric.
        asked: Asked now.
        failed: Of these, without an answer to any question; they are asked again next time.
        left_out: Episodes that are not judged, most of them broken off by the machinery.
        audited: Episodes of the audit set that were read now.
    """

    there: int = 0
    asked: int = 0
    failed: int = 0
    left_out: int = 0
    audited: int = 0
    reasons: dict[str, int] = field(default_factory=dict[str, int])
    """Reason for a missing answer to its count."""
    unread: list[UnreadFile] = field(default_factory=list[UnreadFile])
    """Files that could not be read."""


Ask = Callable[[Sequence[Model], Rubric, Material], Awaitable[Words]]
"""Asks judges about the material of an episode, like `peerwatch.judging.ask`."""


@dataclass(frozen=True)
class Panel:
    """The judges and their task.

    Attributes:
        judges: Their models.
        rubric: The questions.
        exchange: Further questions about episodes in which the target could write to its partner; their answers are
            kept together with those to the questions of all episodes, as in a run.
        same_family: Whether judges may belong to the family of the judged model.
        wanted: Selects episodes among those that the machinery did not break off.
        ask: Asks one judge about one episode.
    """

    judges: Sequence[Model]
    rubric: Rubric
    exchange: Rubric | None = None
    same_family: bool = False
    wanted: Callable[[EvalSample], bool] = lambda _: True
    ask: Ask = ask

    def rubrics(self, sample: EvalSample) -> list[Rubric]:
        """What is asked about an episode."""
        if self.exchange is None or sample.metadata["arm"].get("presence", TOLD) == TOLD:
            return [self.rubric]
        return [self.rubric, self.exchange]


def judge_logs(place: Path, panel: Panel, file: Path, tell: Callable[[str], None]) -> Tally:
    """Ask judges about every episode at a place that they have not judged by this rubric.

    Args:
        place: A log, or a folder of logs.
        panel: The judges and their task.
        file: The file of judgements, including earlier ones.
        tell: Called with a line for each episode.

    Raises:
        LogError: If there are no logs, or a log is unusable.
        UserError: If a judge belongs to the family of a model that it would judge.
        OSError: If the judgements cannot be written.
    """
    return anyio.run(_judge_logs, place, panel, file, tell)


async def _judge_logs(place: Path, panel: Panel, file: Path, tell: Callable[[str], None]) -> Tally:
    """Judge all logs in one event loop, because a judge's HTTP client works in one only."""
    made = load_judgements(file)
    done = {(each.sample, each.judge): each.answers for each in made if each.rubric == panel.rubric.label}
    tally = Tally()
    logs = open_logs(place)
    for model in dict.fromkeys(logs.models.values()):
        check_judges(panel.judges, model, allow_same_family=panel.same_family)
    tally.audited = await audit(panel.judges, panel.rubric, file.parent, panel.ask, tell)
    for path, found in groupby(read_samples(logs, without=EVENTS, unread=tally.unread), lambda each: each[0].path):
        due = list(_due(path, [sample for _, sample in found], panel, done, tally))
        await _all(due, panel, file, tally, tell)
    return tally


@dataclass(frozen=True)
class _Due:
    """What a judge is still to be asked about an episode, with the answers that it has given."""

    log: str
    sample: EvalSample
    judge: Model
    rubrics: list[Rubric]
    answers: tuple[Answer, ...]


def _due(
    path: Path,
    samples: Sequence[EvalSample],
    panel: Panel,
    done: Mapping[tuple[str, str], tuple[Answer, ...]],
    tally: Tally,
) -> Iterator[_Due]:
    for sample in samples:
        if not (_whole(sample) and panel.wanted(sample)):
            tally.left_out += 1
            continue
        for judge in panel.judges:
            given = done.get((str(sample.uuid), str(judge)), ())
            known = {answer.question for answer in given if answer.said is not None}
            missing = [rubric for rubric in panel.rubrics(sample) if not known & {*rubric.ids}]
            if not missing:
                tally.there += 1
                continue
            again = {question for rubric in missing for question in rubric.ids}
            kept = tuple(answer for answer in given if answer.question not in again)
            yield _Due(path.name, sample, judge, missing, kept)


def _whole(sample: EvalSample) -> bool:
    return sample.error is None and counted_score(sample.scores).score is not None and JOURNAL in sample.store


async def _all(due: Sequence[_Due], panel: Panel, file: Path, tally: Tally, tell: Callable[[str], None]) -> None:
    room = anyio.CapacityLimiter(AT_ONCE)
    settings = {str(judge): _settings(judge) for judge in panel.judges}

    async def one(each: _Due) -> None:
        answers = each.answers
        async with room:
            for rubric in each.rubrics:
                answers += (await panel.ask([each.judge], rubric, _material(each.sample, rubric))).answers
        words = Words(rubric=panel.rubric.label, answers=answers)
        judgement = Judgement(
            log=each.log,
            sample=str(each.sample.uuid),
            id=str(each.sample.id),
            epoch=each.sample.epoch,
            rubric=panel.rubric.label,
            judge=str(each.judge),
            answers=words.answers,
            settings=settings[str(each.judge)],
        )
        keep([judgement], file)
        _count(judgement, tally)
        tell(f"[{tally.asked}/{len(due)}] {each.sample.id}  {each.judge!s}: {_in_short(words)}")

    async with anyio.create_task_group() as group:
        for each in due:
            group.start_soon(one, each)


def _settings(judge: Model) -> dict[str, str]:
    """The settings on which a judge's answers depend, without its name and the transport of its calls."""
    options = judge.config.model_dump(mode="json", exclude_none=True)
    own = {name: value for name, value in options.items() if name not in TRANSPORT}
    return settings_in(own) | settings_in(judge.model_args)


def _material(sample: EvalSample, rubric: Rubric) -> Material:
    journal = [Entry.model_validate(entry) for entry in sample.store[JOURNAL]]
    return material_of(sample.messages, journal, masking_of(sample.metadata), private=rubric.rests_on == "private")


def _count(judgement: Judgement, tally: Tally) -> None:
    tally.asked += 1
    if judgement.failed:
        tally.failed += 1
        reason = judgement.answers[0].reason if judgement.answers else "the rubric asks nothing"
        tally.reasons[reason] = tally.reasons.get(reason, 0) + 1


def _in_short(words: Words) -> str:
    """The questions answered with yes."""
    if all(answer.said is None for answer in words.answers):
        return "no answer"
    said = [answer.question for answer in words.answers if answer.value]
    return ", ".join(said) or "nothing of what was asked"
