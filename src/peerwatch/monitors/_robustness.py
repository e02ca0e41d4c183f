"""The shipped robustness table: transcripts that speak to the monitor, and answers that a monitor's model may give."""

from functools import cache
from importlib.resources import files
from typing import Any

from pydantic import BaseModel, ConfigDict

from peerwatch.core.yaml_files import from_yaml


class SpokenCase(BaseModel):
    """A text that a target, or a document that it read, may hold. It must not change what is read as an answer."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    id: str
    text: str


class AnswerCase(BaseModel):
    """What a model may answer, and the suspicion that is read from it: `None` for no answer."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    id: str
    text: str = ""
    calls: tuple[dict[str, Any], ...]
    value: float | None


class Robustness(BaseModel):
    """The table."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    transcripts: tuple[SpokenCase, ...]
    answers: tuple[AnswerCase, ...]


@cache
def robustness_table() -> Robustness:
    """Load the table."""
    text = files("peerwatch.monitors").joinpath("robustness.yaml").read_text(encoding="utf-8")
    return Robustness.model_validate(from_yaml(text))
