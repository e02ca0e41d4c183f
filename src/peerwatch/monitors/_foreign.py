"""User-supplied labels, for logs that Peerwatch did not write."""

import csv
import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from io import StringIO
from pathlib import Path
from typing import Any, Final, cast

from inspect_ai.event import ModelEvent
from inspect_ai.log import EvalSample, read_eval_log
from inspect_ai.tool import ToolInfo
from yaml import YAMLError

from peerwatch.core.yaml_files import from_yaml
from peerwatch.monitors._adapters import MonitorError
from peerwatch.monitors._labels import EpisodeLabel
from peerwatch.monitors._many_logs import KnownEpisode
from peerwatch.monitors._transcripts import Transcript
from peerwatch.records import UnreadFile, log_files

SAID: Final[Mapping[str, bool]] = {
    **dict.fromkeys(("1", "true", "yes", "positive", "attack"), True),
    **dict.fromkeys(("0", "false", "no", "negative", "benign", "honest"), False),
}
"""A label to whether a monitor should raise an alarm."""

FIELDS: Final = ("log", "sample", "epoch", "label", "kind", "world")

_SHAPE = "log, sample and label in each row, and perhaps epoch, kind and world"


@dataclass(frozen=True)
class OwnLabel:
    """One row of a label file.

    Attributes:
        log: The log, as a path from the label file's folder, or its name alone.
        sample: Id of the sample.
        epoch: `None` for every epoch.
        positive: Whether a monitor should raise an alarm.
        kind: Of positive or negative; the label if empty.
        world: Samples of one world may be alike; the sample's own id if empty.
    """

    log: str
    sample: str
    positive: bool
    epoch: int | None = None
    kind: str = ""
    world: str = ""


@dataclass
class OwnLabels:
    """The labels of a file, and which of them were used."""

    file: Path
    rows: Sequence[OwnLabel]
    used: set[int] = field(default_factory=set[int])

    def of(self, log: Path, sample: EvalSample) -> OwnLabel | None:
        """The label of a sample; `None` if it has none.

        Raises:
            MonitorError: If several rows fit and disagree.
        """
        fitting = [
            number
            for number, row in enumerate(self.rows)
            if row.sample == str(sample.id) and row.epoch in (None, sample.epoch) and _is(row.log, log, self.file)
        ]
        self.used.update(fitting)
        found = {self.rows[number].positive for number in fitting}
        if len(found) > 1:
            raise MonitorError(f"{self.file}: sample {sample.id} of {log} has labels that disagree. Keep one of them.")
        return self.rows[fitting[0]] if fitting else None

    @property
    def unused(self) -> list[OwnLabel]:
        """Labels that fit no sample."""
        return [row for number, row in enumerate(self.rows) if number not in self.used]


def _is(named: str, log: Path, file: Path) -> bool:
    return named == log.name or (file.parent / named).resolve() == log.resolve()


def load_labels(file: Path) -> OwnLabels:
    """Read a label file: CSV with a header, or a list in YAML or JSON.

    Raises:
        MonitorError: If it cannot be used; the message names the row, the value and what is legal.
    """
    if not file.is_file():
        raise MonitorError(f"--labels {file}: the file does not exist. Give a CSV, YAML or JSON file.")
    text = file.read_text(encoding="utf-8-sig")
    if file.suffix == ".csv":
        rows: object = list(csv.DictReader(StringIO(text)))
    elif file.suffix in (".yaml", ".yml", ".json"):
        try:
            rows = json.loads(text) if file.suffix == ".json" else from_yaml(text)
        except (ValueError, YAMLError) as error:
            raise MonitorError(f"--labels {file} cannot be read: {str(error).splitlines()[0]}") from error
    else:
        raise MonitorError(f"--labels {file} has the ending {file.suffix or 'none'}. Legal: .csv, .yaml, .json.")
    if not isinstance(rows, list) or not rows:
        raise MonitorError(f"--labels {file} holds no rows. It needs {_SHAPE}.")
    return OwnLabels(file, [_row(file, number, row) for number, row in enumerate(cast("list[object]", rows), 1)])


def _row(file: Path, number: int, given: object) -> OwnLabel:
    where = f"--labels {file}, row {number}"
    if not isinstance(given, dict):
        raise MonitorError(f"{where} is not a row of fields. It needs {_SHAPE}.")
    row = {
        str(key): "" if value is None else str(value).strip() for key, value in cast("dict[Any, Any]", given).items()
    }
    if unknown := [key for key in row if key not in FIELDS]:
        raise MonitorError(f"{where}: the field {unknown[0]} is not known. Legal: {', '.join(FIELDS)}.")
    for needed in ("log", "sample", "label"):
        if not row.get(needed):
            raise MonitorError(f"{where} has no {needed}. It needs {_SHAPE}.")
    label, epoch = row["label"].lower(), row.get("epoch", "")
    if label not in SAID:
        raise MonitorError(f"{where}: label {row['label']!r} is not known. Legal: {', '.join(SAID)}.")
    if epoch and not epoch.isdecimal():
        raise MonitorError(f"{where}: epoch {epoch!r} is not a whole number. Leave it empty for every epoch.")
    return OwnLabel(
        row["log"], row["sample"], SAID[label], int(epoch) if epoch else None, row.get("kind", ""), row.get("world", "")
    )


def labeled_transcripts(
    places: Sequence[Path], labels: OwnLabels, unread: list[UnreadFile]
) -> Iterator[list[Transcript]]:
    """The conversations of labeled samples of any Inspect logs, log by log.

    Args:
        places: Logs and folders of logs.
        labels: Which samples are read.
        unread: List to which unreadable files are added.

    Raises:
        LogError: If a place holds no logs.
        MonitorError: If labels disagree.
    """
    for file in dict.fromkeys(file for place in places for file in log_files(place)):
        try:
            samples = read_eval_log(str(file)).samples or []
        except Exception as error:  # noqa: BLE001 - damage shows as errors of zip, zstd, JSON and pydantic
            unread.append(UnreadFile(file=str(file), why=f"cannot be read: {type(error).__name__}."))
            continue
        found: list[Transcript] = []
        for sample in samples:
            label = labels.of(file, sample)
            if label is not None:
                found.append(_transcript(file, sample, label))
        yield found


def _transcript(file: Path, sample: EvalSample, label: OwnLabel) -> Transcript:
    world = label.world or str(sample.id)
    run = str(sample.uuid or f"{file.name} {sample.id} {sample.epoch}")
    episode = EpisodeLabel(
        id=run,
        name=f"{file.name} {sample.id} epoch {sample.epoch}",
        world=world,
        seed=world,
        positive=label.positive,
        kind=label.kind or ("labeled positive" if label.positive else "labeled negative"),
        target=sample.output.model,
    )
    return Transcript(KnownEpisode(episode, None, file, run), tuple(sample.messages), _tools(sample))


def _tools(sample: EvalSample) -> tuple[ToolInfo, ...]:
    """The tools of the first call of a model."""
    return next((tuple(event.tools) for event in sample.events if isinstance(event, ModelEvent)), ())
