"""The key of a set: the episode of each item, and the inclusion probability of each episode."""

from pathlib import Path

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from peerwatch.judging.calibration._error import LabelError

ENDING = ".key.json"


class KeyEntry(BaseModel):
    """An episode of the frame.

    Attributes:
        log: File name of its log.
        sample: The sample's uuid.
        id: Id of the sample.
        epoch: Its epoch.
        model: The target.
        subject: The subject.
        stratum: Its stratum.
        probability: Its inclusion probability.
        item: Its id in the set; empty if it was not drawn.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    log: str
    sample: str
    id: str
    epoch: int
    model: str
    subject: str
    stratum: str
    probability: float = Field(gt=0, le=1)
    item: str = ""

    @property
    def weight(self) -> float:
        """Number of episodes of the frame that it represents."""
        return 1 / self.probability


class Key(BaseModel):
    """The information that labelers must not see.

    Attributes:
        canary: Canary string for searching training sets.
        rubric: Label of the rubric.
        questions: Ids of its questions.
        seed: Seed of the draw.
        by: The variables that define the strata.
        episodes: The whole frame.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    canary: str
    rubric: str
    questions: tuple[str, ...]
    seed: int
    by: tuple[str, ...]
    episodes: tuple[KeyEntry, ...]

    @property
    def items(self) -> dict[str, KeyEntry]:
        """Item id to its episode."""
        return {each.item: each for each in self.episodes if each.item}


def key_beside(labels: Path) -> Path:
    """Return the key of a label file: for `labels.csv` and `labels-NAME.csv` it is `labels.key.json`.

    Raises:
        LabelError: If there is none.
    """
    if labels.is_dir():
        raise LabelError(f"{labels} is a folder. Give a label file, as `peerwatch judge sample` writes it.")
    if not labels.is_file():
        raise LabelError(f"{labels} does not exist. Give a label file, as `peerwatch judge sample` writes it.")
    stem = labels.stem
    found = [end for end in range(len(stem), 0, -1) if end == len(stem) or stem[end] == "-"]
    for end in found:
        key = labels.with_name(stem[:end] + ENDING)
        if key.is_file():
            return key
    raise LabelError(f"{labels} has no key beside it ({stem}{ENDING}). Name the key that was drawn with it by --key.")


def load_key(path: Path) -> Key:
    """Load a key.

    Raises:
        LabelError: If it is missing or damaged.
    """
    try:
        return Key.model_validate_json(path.read_text(encoding="utf-8"))
    except (FileNotFoundError, IsADirectoryError) as error:
        raise LabelError(f"{path} is not a key file. Give the {ENDING} file that was drawn with the labels.") from error
    except (ValidationError, UnicodeDecodeError) as error:
        raise LabelError(f"{path} is not the key file of a label set, or is damaged: {_first(error)}.") from error


def _first(error: ValidationError | UnicodeDecodeError) -> str:
    if isinstance(error, UnicodeDecodeError):
        return "it is no text in UTF-8"
    first = error.errors()[0]
    place = ".".join(map(str, first["loc"]))
    return f"{place}: {first['msg']}" if place else first["msg"]
