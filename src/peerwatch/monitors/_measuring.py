"""From logs to observed episodes: what a monitor reads, and what it says."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from peerwatch.monitors._labels import split
from peerwatch.monitors._many_logs import KnownEpisode
from peerwatch.monitors._numbers import ScoredEpisode
from peerwatch.monitors._rules import rules_alarms, rules_score
from peerwatch.monitors._runner import Scorer
from peerwatch.monitors._scores import Suspicion, score_episodes
from peerwatch.monitors._transcripts import Transcript, masked
from peerwatch.monitors._views import Conversation, conversation, turns_of, up_to_turn
from peerwatch.records import Episode


@dataclass(frozen=True)
class Reads:
    """What is scored in addition to each whole episode.

    Attributes:
        by_turn: Whether the positives of the test worlds are scored turn by turn, for the lead time.
        masked: Whether every episode is scored a second time with names masked.
    """

    by_turn: bool = True
    masked: bool = False


def observed_by_rules(known: Sequence[KnownEpisode]) -> list[ScoredEpisode]:
    """Score episodes by the built-in rules: by their journals, turn by turn, without a model."""
    records = [each.record for each in known]
    scored = iter(score_episodes(rules_score, [each for each in records if each is not None]))
    none = Suspicion(None, "the rules read Peerwatch's journal, which logs of others do not have")
    return [
        ScoredEpisode(each.episode, none)
        if each.record is None
        else ScoredEpisode(each.episode, next(scored), tuple(_turns(each.record)))
        for each in known
    ]


def _turns(record: Episode) -> Iterable[tuple[int, float | None]]:
    """Each turn with a call to the suspicion up to it."""
    if not record.assets:
        return
    alarms = list(rules_alarms(record.journal, record.assets))
    for turn in sorted({line.turn for line in record.journal}):
        yield turn, max((each.suspicion for each in alarms if each.turn <= turn), default=0.0)


def tested(known: Iterable[KnownEpisode]) -> set[str]:
    """Ids of the positives of the test worlds, which are scored turn by turn."""
    listed = list(known)
    calibration = split({each.episode.seed for each in listed})
    return {each.episode.id for each in listed if each.episode.positive and each.episode.seed not in calibration}


def conversations_of(transcript: Transcript, scorer: Scorer, reads: Reads, tested: set[str]) -> list[Conversation]:
    """Everything that a monitor reads of an episode: the whole, the whole masked, and each turn, in this order."""
    view, messages, tools = scorer.monitor.view, transcript.messages, transcript.tools
    found = [conversation(messages, tools, view)]
    if reads.masked and (names := transcript.masking) is not None:
        found.append(conversation(masked(messages, names), tools, view))
    if reads.by_turn and transcript.known.episode.id in tested:
        turns = range(1, turns_of(messages) + 1)
        found += [conversation(up_to_turn(messages, turn), tools, view) for turn in turns]
    return found


async def observe(
    scorer: Scorer, transcripts: Sequence[Transcript], reads: Reads, tested: set[str]
) -> list[ScoredEpisode]:
    """Score the episodes of one log.

    Raises:
        OSError: If answers cannot be kept.
    """
    wanted = [conversations_of(each, scorer, reads, tested) for each in transcripts]
    everything = [(position, each) for several in wanted for position, each in enumerate(several)]
    whole = {number for number, (position, _) in enumerate(everything) if position == 0}
    answers = iter(await scorer.scores([each for _, each in everything], whole))
    found: list[ScoredEpisode] = []
    for transcript, several in zip(transcripts, wanted, strict=True):
        whole, *rest = [next(answers) for _ in several]
        second = rest.pop(0) if reads.masked and transcript.metadata is not None else None
        turns = tuple((turn, each.value) for turn, each in enumerate(rest, 1))
        found.append(ScoredEpisode(transcript.known.episode, whole, turns, second))
    return found
