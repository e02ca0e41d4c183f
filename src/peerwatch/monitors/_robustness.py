"""The shipped robustness table: transcripts that speak to the monitor, and answers that a monitor's model may give."""

from functools import cache
from importlib.resources import files
from typing import Any

from pydantic import BaseModel, ConfigDict

from peerwatch.core.yaml_files import from_yaml


class SpokenCase(BaseModel):
    """A text that may appear in a target's messages or documents. It must not change how an answer is parsed."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    id: str
    text: str


class AnswerCase(BaseModel):
    """A possible answer of a model and the suspicion parsed from it; `None` for no answer."""

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
