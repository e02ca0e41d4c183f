"""Reading a run's logs back into episodes."""

import math
import zipfile
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from inspect_ai.log import EvalLog, EvalSample, read_eval_log

from peerwatch._mistakes import Mistake
from peerwatch.outcomes import Ending, failure_in_log, words_of
from peerwatch.studies._episodes import Episode, Evidence, Failure, JournalLine, Slot
from peerwatch.tools import ENDING, JOURNAL

SCORER = "peerwatch"
"""Name of the scorer whose scores are read."""

MODEL = "peerwatch_model"
"""Where a study's log says what the study calls the model: one model may run with several settings."""

INSTRUCTED = "instructed"
"""Key in `Sample.metadata` of an episode whose model was told to protect the subject, or to comply: it is no evidence
of what the model does by itself."""


class LogError(Mistake):
    """A log cannot be used; the message says which and why."""


def log_files(place: Path) -> list[Path]:
    """The Inspect logs at a place: the file itself, or all below a folder, oldest first.

    Raises:
        LogError: If there is nothing there.
    """
    if not place.exists():
        raise LogError(f"{place} does not exist. Give an Inspect log (.eval) or the folder of a run.")
    if place.is_file():
        return [place]
    found = sorted(place.rglob("*.eval"))
    if not found:
        raise LogError(f"{place} holds no Inspect logs (.eval). Give the folder of a run, or of its logs.")
    return found


def read_log(path: Path) -> EvalLog:
    """A log with its samples, checked to be one of Peerwatch's.

    Raises:
        LogError: If it is damaged, is no Inspect log, or holds another task's samples.
    """
    check_archive(path)
    try:
        log = read_eval_log(str(path))
    except (ValueError, KeyError, zipfile.BadZipFile, EOFError, OSError) as error:
        raise LogError(f"{path} is damaged or is no Inspect log: {type(error).__name__}: {error}") from error
    foreign = [sample for sample in log.samples or [] if "world_seed" not in sample.metadata]
    if foreign:
        raise LogError(f"{path} is a log of {log.eval.task}, not of a Peerwatch task.")
    return log


def check_archive(path: Path) -> None:
    """Make sure that a log is an archive before Inspect reads it.

    Raises:
        LogError: If it is not.
    """
    if not zipfile.is_zipfile(path):
        raise LogError(
            f"{path} is damaged or is no Inspect log: it is not a complete .eval archive. "
            "Move it out of the folder; the run's episodes that it held run again when the run is gone on with."
        )


def model_of(log: EvalLog) -> str:
    """What a log's study calls the model; its name, in a log of no study."""
    return str((log.eval.metadata or {}).get(MODEL, log.eval.model))


def models_at(place: Path) -> dict[str, str]:
    """What the logs at a place call their models, to each one's name for Inspect.

    Raises:
        LogError: If there is nothing there.
    """
    headers = [read_eval_log(str(path), header_only=True) for path in log_files(place)]
    return {model_of(header): header.eval.model for header in headers}


def read_episodes(place: Path) -> list[Episode]:
    """Every episode at a place, the newest log's where two logs hold the same slot.

    Episodes of instructed models are left out.

    Raises:
        LogError: If there is nothing there, nothing but episodes of instructed models, or a log cannot be used.
    """
    found: dict[tuple[str, str, int], Episode] = {}
    instructed = False
    for path in log_files(place):
        log = read_log(path)
        for sample in log.samples or []:
            instructed = instructed or INSTRUCTED in sample.metadata
            if _broken_off(sample) or INSTRUCTED in sample.metadata:
                continue
            episode = to_episode(sample, model_of(log), path)
            found[(episode.slot.model, episode.sample_id, sample.epoch)] = episode
    if instructed and not found:
        raise LogError(
            f"{place} holds only episodes of models that were told what to do, which are no evidence of what a "
            "model does by itself. Give the folder of a run; `peerwatch certify --instructed` prints these."
        )
    return list(found.values())


def _broken_off(sample: EvalSample) -> bool:
    """Whether a Ctrl-C ended it: it counts as not run, and runs when the run is resumed."""
    return sample.error is not None and sample.error.message.startswith(("CancelledError", "Cancelled("))


def to_episode(sample: EvalSample, model: str, path: Path) -> Episode:
    """One sample of a log as an episode."""
    data = sample.metadata
    score = (sample.scores or {}).get(SCORER)
    notes: dict[str, Any] = (score.metadata if score else None) or {}
    values = score.value if score and isinstance(score.value, dict) else {}
    usage = sample.model_usage or {}
    return Episode(
        slot=Slot(
            model=model,
            scenario=data["scenario"],
            rubric=data.get("rubric", ""),  # logs from before there were rubrics have none
            arm=data["arm"],
            world_seed=data["world_seed"],
            epoch=sample.epoch,
        ),
        sample_id=str(sample.id),
        world_hash=data["world_hash"],
        stimulus_hash=data["stimulus_hash"],
        verdict=notes.get("verdict", "invalid"),
        axes=axes_of(values),
        survived_because=tuple(notes.get("survived_because", ())),
        evidence=tuple(Evidence(**item) for item in notes.get("evidence", ())),
        journal=tuple(JournalLine(**entry) for entry in sample.store.get(JOURNAL, ())),
        statement=_statement(sample),
        subject_name=data["answer_key"]["subject_name"],
        failure=_failure(sample),
        turns=sample.store.get(ENDING, {}).get("turns", 0),
        seconds=sample.total_time or 0.0,
        tokens=sum(each.total_tokens for each in usage.values()),
        log=path.name,
    )


def axes_of(values: Mapping[str, Any]) -> dict[str, float | None]:
    """A score's value as axes: nan is `None`."""
    return {axis: _measured(value) for axis, value in values.items()}


def _measured(value: Any) -> float | None:  # noqa: ANN401 - a score's value is any JSON
    number = float(value) if isinstance(value, int | float) else math.nan
    return None if math.isnan(number) else number


def _statement(sample: EvalSample) -> str | None:
    """What the target said when it called `finish`."""
    said = [
        str(entry["arguments"]["statement"])
        for entry in sample.store.get(JOURNAL, ())
        if entry["tool"] == "finish" and entry["ok"]
    ]
    return said[-1] if said else None


def _failure(sample: EvalSample) -> Failure | None:
    noted, score = sample.store.get(ENDING), (sample.scores or {}).get(SCORER)
    found = failure_in_log(
        Ending.model_validate(noted) if noted else None,
        sample.error.message if sample.error else None,
        words_of(score.metadata if score else None),
        scored=score is not None,
    )
    return Failure(kind=found.kind, reason=found.reason) if found else None
