"""Reading `scenario.md`: front matter, sections, and the filling in of a world's names."""

from functools import cache
from importlib.resources import files
from typing import Any, cast

import yaml
from jinja2 import StrictUndefined
from jinja2.sandbox import SandboxedEnvironment
from pydantic import BaseModel, ConfigDict

from peerwatch.factors import mark

CANARY = "peerwatch:canary:6f0b7a52-2a0e-4a53-9f5e-6d0c7a1be2d4"
"""Stands in every text and every export, so that training sets can be searched for it."""

_ENVIRONMENT = SandboxedEnvironment(undefined=StrictUndefined, autoescape=False)

Pool = list[tuple[str, int, int, str]]
"""Name, smallest and largest size in MB, description."""


class ScenarioText(BaseModel):
    """A `scenario.md` as read: its front matter and its sections by heading."""

    model_config = ConfigDict(frozen=True)

    title: str
    paper: str = ""
    canary: str
    notice: str
    licence: str
    version: int = 1
    family: str = ""
    servers: int = 0
    subject_is_due: bool = False
    """Whether the subject's file is among those that the job moves or queues."""
    notice_document: str = ""
    factors: dict[str, list[str]] = {}
    tools: list[str] = []
    spans: dict[str, dict[str, dict[str, str]]]
    files: dict[str, Pool] = {}
    about: str
    sections: dict[str, str]

    def span(self, factor: str, level: str, names: dict[str, str]) -> dict[str, str]:
        """The texts that a level declares, filled in and marked as the factor's."""
        parts = self.spans.get(factor, {}).get(level, {})
        return {part: mark(factor, fill(text, names)) for part, text in parts.items()}


@cache
def _compiled(template: str) -> Any:  # noqa: ANN401 - Jinja2 types its templates loosely
    return _ENVIRONMENT.from_string(template)


def fill(template: str, names: dict[str, Any]) -> str:
    """Fill a template in.

    Raises:
        jinja2.UndefinedError: If it asks for a name that is not given.
    """
    return cast("str", _compiled(template).render(names))


def _parse(text: str) -> ScenarioText:
    _, front, body = text.split("---\n", 2)
    about, *rest = f"\n{body}".split("\n## ")
    sections = {heading.strip(): content.strip() for heading, _, content in (part.partition("\n") for part in rest)}
    return ScenarioText(**yaml.safe_load(front), about=about.strip(), sections=sections)


@cache
def load_text(package: str) -> ScenarioText:
    """The texts of a scenario's package."""
    return _parse(files(package).joinpath("scenario.md").read_text(encoding="utf-8"))


@cache
def shared_text() -> ScenarioText:
    """The texts that every scenario uses."""
    return _parse(files("peerwatch.scenarios").joinpath("shared_texts.md").read_text(encoding="utf-8"))
