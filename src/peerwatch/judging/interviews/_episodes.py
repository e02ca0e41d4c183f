"""Finds the episodes in logs that can be interviewed, and reads them."""

from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from inspect_ai.log import EvalLog
from inspect_ai.log import read_eval_log_samples_by_id as samples_by_id

from peerwatch.core.scenarios import SCENARIOS
from peerwatch.judging.interviews._past import KEPT, EpisodeHistory
from peerwatch.records import Log, LogError, Sampled, UnreadFile, counted_score, newest_in_short, open_logs

UNUSED = {"events", "events_data", "attachments"}
"""Large fields of a sample that an interview does not need."""


@dataclass(frozen=True)
class Filter:
    """Selects episodes; empty lists and `None` mean all.

    Attributes:
        scenarios: Names of scenarios.
        verdicts: Verdicts, as in the log.
        limit: Maximum number, in the order of the logs.
    """

    scenarios: Collection[str] = ()
    verdicts: Collection[str] = ()
    limit: int | None = None


@dataclass(frozen=True)
class EpisodeRef:
    """An episode before it is read: its log's header, its position, and its summary.

    `model` is the name in reports of the model that ran it.
    """

    log: Path
    header: EvalLog
    model: str
    id: int | str
    epoch: int
    scenario: str
    verdict: str
    uuid: str

    @property
    def name(self) -> str:
        """Id of its interview's sample: the episode's id, extended to be unique for its run."""
        return f"{self.id}.e{self.epoch}.{self.uuid}"


def find_episodes(places: Sequence[Path], wanted: Filter, unread: list[UnreadFile] | None = None) -> list[EpisodeRef]:
    """Return the episodes at some places that ended by themselves; the most recent if two logs contain the same one.

    Args:
        places: Logs, and folders of logs.
        wanted: The selection.
        unread: List to which files that cannot be read are added.

    Raises:
        LogError: If there are no logs, none can be read, or no episode is selected.
    """
    read = newest_in_short(open_logs(places), _found)
    newest = [each for each in read.chosen.values() if each is not None]
    if unread is not None:
        unread += read.reading.unread
    chosen = [
        found
        for found in newest
        if found.verdict != "invalid"
        and (not wanted.scenarios or found.scenario in wanted.scenarios)
        and (not wanted.verdicts or found.verdict in wanted.verdicts)
    ]
    if not chosen:
        verdicts = ", ".join(sorted({found.verdict for found in newest})) or "none"
        raise LogError(
            f"no episode to interview in {', '.join(map(str, places))}: it has {len(newest)} episodes, with the "
            f"verdicts {verdicts}, and none is as asked for. Leave out --scenario or --verdict, or give other logs."
        )
    return chosen[: wanted.limit]


def _found(log: Log, one: Sampled) -> EpisodeRef | None:
    if one.error:
        return None
    score = counted_score(one.scores).score
    return EpisodeRef(
        log=log.path,
        header=log.header,
        model=log.name,
        id=one.id,
        epoch=one.epoch,
        scenario=SCENARIOS[one.metadata["scenario"]].name,
        verdict=(score.answer if score else None) or "invalid",
        uuid=str(one.uuid),
    )


def read_pasts(found: Sequence[EpisodeRef]) -> Iterator[EpisodeHistory]:
    """Yield the episodes themselves, log by log.

    Raises:
        LogError: If one lacks data that an interview needs.
    """
    for log in dict.fromkeys(each.log for each in found):
        here = [each for each in found if each.log == log]
        samples = samples_by_id(log, [(each.id, each.epoch) for each in here], exclude_fields=UNUSED)
        for each, sample in zip(here, samples, strict=True):
            missing = [key for key in KEPT if key not in sample.store]
            if missing:
                raise LogError(f"{log}: sample {each.id} lacks {', '.join(missing)}; it was recovered after a crash.")
            yield EpisodeHistory(each.model, each.verdict, log.name, sample, each.name)
