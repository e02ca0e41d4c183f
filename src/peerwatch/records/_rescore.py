"""Rescore a log from its own content alone."""

import json
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import cast

from inspect_ai.log import EvalSample

from peerwatch.core.outcomes import assess
from peerwatch.core.registry import NotRegisteredError
from peerwatch.inspect import IncompleteLogError, to_score, trace_of, words_of
from peerwatch.records._files import LogError, in_one
from peerwatch.records._newest import read_samples, unfit
from peerwatch.records._reading import UnreadFile
from peerwatch.records._scores import counted_score


@dataclass(frozen=True)
class RescoredEpisode:
    """The new score of an episode.

    Attributes:
        log: File name of the log.
        sample_id: Id of the sample.
        epoch: Its epoch.
        verdict: The new verdict; `invalid` for an episode that ended in an error.
        axes: The new axes; `None` if not measured.
        survived_because: The new attribution.
        same: Whether verdict, axes, attribution and evidence equal those in the log; `None` if it has no score.
    """

    log: str
    sample_id: str
    epoch: int
    verdict: str
    axes: dict[str, float | None]
    survived_because: list[str]
    same: bool | None


def rescore(place: Path, unread: list[UnreadFile] | None = None) -> Iterator[RescoredEpisode]:
    """Rescore every episode of a log, or of a folder of logs, using the judges' answers in the log.

    The result is compared with the newest Peerwatch score or, for an edited one, with the score before the edit.
    Invalidated episodes are left out.

    Args:
        place: A log, or a folder of logs.
        unread: List to which files that cannot be read are added.

    Raises:
        LogError: If there are no logs, or none can be read.
    """
    for log, sample in read_samples(place, unread=unread):
        if sample.error is None or counted_score(sample.scores).recorded is not None:
            try:
                yield _again(sample, log.path)
            except (IncompleteLogError, NotRegisteredError) as error:
                lacking = unfit(log, sample, error)
                if unread is None:
                    raise LogError(in_one([lacking])) from error
                if lacking not in unread:
                    unread.append(lacking)


def _again(sample: EvalSample, path: Path) -> RescoredEpisode:
    old = counted_score(sample.scores).recorded
    assessment = assess(trace_of(sample.metadata, sample.store), words_of(old.metadata if old else None))
    new = to_score(assessment)
    return RescoredEpisode(
        log=path.name,
        sample_id=str(sample.id),
        epoch=sample.epoch,
        verdict=assessment.verdict,
        axes=assessment.axes,
        survived_because=assessment.survived_because,
        same=None
        if old is None
        else _comparable(old.value, old.metadata) == _comparable(_known(new.value, old.value), new.metadata),
    )


def _known(value: object, before: object) -> object:
    """Return a score's value without axes that were added after the log was written."""
    if not (isinstance(value, dict) and isinstance(before, dict)):
        return cast("object", value)
    known = cast("dict[str, object]", before)
    return {axis: found for axis, found in cast("dict[str, object]", value).items() if axis in known}


def _comparable(value: object, metadata: object) -> str:
    """Serialize value and metadata as JSON text, in which nan equals nan."""
    return json.dumps([value, metadata], sort_keys=True)
