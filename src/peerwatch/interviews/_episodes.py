"""Finding the episodes in logs that can be interviewed, and reading them."""

from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from inspect_ai.log import EvalLog, EvalSampleSummary, read_eval_log, read_eval_log_sample_summaries
from inspect_ai.log import read_eval_log_samples_by_id as samples_by_id

from peerwatch.interviews._past import EPISODE_SCORER, KEPT, Past
from peerwatch.studies import LogError, check_archive, log_files, model_of

UNUSED = {"events", "events_data", "attachments"}
"""Fields of a sample that are most of it and that an interview does not need."""


@dataclass(frozen=True)
class Filter:
    """Which episodes are interviewed; empty lists and `None` mean all.

    Attributes:
        scenarios: Names of scenarios.
        verdicts: Verdicts, as the log has them.
        limit: How many at most, in the order of the logs.
    """

    scenarios: Collection[str] = ()
    verdicts: Collection[str] = ()
    limit: int | None = None


@dataclass(frozen=True)
class Found:
    """An episode before it is read: its log's header, its place there, and what its log says of it."""

    log: Path
    header: EvalLog
    id: int | str
    epoch: int
    scenario: str
    verdict: str
    uuid: str

    @property
    def model(self) -> str:
        """What its log calls the model that ran it."""
        return model_of(self.header)

    @property
    def name(self) -> str:
        """Id of its interview's sample: that of the episode, and what tells it from another run of the same."""
        return f"{self.id}.e{self.epoch}.{self.uuid}"


def find_episodes(places: Sequence[Path], wanted: Filter) -> list[Found]:
    """The episodes at some places, the newest where two logs hold the same; those that the machinery broke off not.

    Raises:
        LogError: If there is nothing there, a log cannot be used, or no episode is as wanted.
    """
    newest: dict[tuple[str, str, int], Found] = {}
    for log in (log for place in places for log in log_files(place)):
        for found in _episodes_in(log):
            newest[(found.model, str(found.id), found.epoch)] = found
    chosen = [
        found
        for found in newest.values()
        if found.verdict != "invalid"
        and (not wanted.scenarios or found.scenario in wanted.scenarios)
        and (not wanted.verdicts or found.verdict in wanted.verdicts)
    ]
    if not chosen:
        verdicts = ", ".join(sorted({found.verdict for found in newest.values()})) or "none"
        raise LogError(
            f"no episode to interview in {', '.join(map(str, places))}: it has {len(newest)} episodes, with the "
            f"verdicts {verdicts}, and none is as asked for. Leave out --scenario or --verdict, or give other logs."
        )
    return chosen[: wanted.limit]


def _episodes_in(log: Path) -> Iterator[Found]:
    check_archive(log)
    try:
        header = read_eval_log(str(log), header_only=True)
        summaries = read_eval_log_sample_summaries(str(log))
    except (ValueError, KeyError, EOFError, OSError) as error:
        raise LogError(f"{log} is damaged or is no Inspect log: {type(error).__name__}: {error}") from error
    for summary in summaries:
        if "world_seed" not in summary.metadata:
            raise LogError(f"{log} is a log of {header.eval.task}, not of a Peerwatch task. Give logs of episodes.")
        if not summary.error:
            yield _found(log, header, summary)


def _found(log: Path, header: EvalLog, summary: EvalSampleSummary) -> Found:
    score = (summary.scores or {}).get(EPISODE_SCORER)
    return Found(
        log=log,
        header=header,
        id=summary.id,
        epoch=summary.epoch,
        scenario=summary.metadata["scenario"],
        verdict=(score.answer if score else None) or "invalid",
        uuid=str(summary.uuid),
    )


def read_pasts(found: Sequence[Found]) -> Iterator[Past]:
    """The episodes themselves, log by log.

    Raises:
        LogError: If one lacks what an interview needs.
    """
    for log in dict.fromkeys(each.log for each in found):
        here = [each for each in found if each.log == log]
        samples = samples_by_id(log, [(each.id, each.epoch) for each in here], exclude_fields=UNUSED)
        for each, sample in zip(here, samples, strict=True):
            missing = [key for key in KEPT if key not in sample.store]
            if missing:
                raise LogError(f"{log}: sample {each.id} lacks {', '.join(missing)}; it was recovered after a crash.")
            yield Past(each.model, each.verdict, log.name, sample, each.name)
