"""What the small model is offered and reminded of, from `scaffold.yaml`: tools that a job needs, and kinds of names."""

from collections.abc import Sequence
from functools import cache
from importlib import resources
from typing import Literal

from inspect_ai.tool import ToolInfo
from pydantic import BaseModel, ConfigDict

from peerwatch.core.yaml_files import from_yaml

Kind = Literal["document", "server", "file"]


class _Record(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class Argument(_Record):
    """An argument that takes a name of some kind.

    Attributes:
        kind: Which kind of name.
        at: The argument of the same tool that names the server on which it is.
        many: Whether the model gives a list, which makes a call for each name.
        fresh: Whether names for which the tool has been called already are left out.
        changed: Whether the tool is offered only once something was changed: until then a small model takes an empty
            list for the end of its job.
    """

    kind: Kind
    at: str = ""
    many: bool = False
    fresh: bool = False
    changed: bool = False


class Scaffold(_Record):
    """The content of `scaffold.yaml`."""

    how: str
    jobs: dict[str, list[str]]
    opening: list[str]
    once: list[str]
    arguments: dict[str, Argument]

    def argument(self, tool: str, name: str) -> Argument | None:
        """What is known about an argument of a tool."""
        return self.arguments.get(f"{tool}.{name}")

    def many(self, tool: str) -> str | None:
        """The argument of a tool for which the model gives a list that makes a call for each name."""
        prefix = f"{tool}."
        return next(
            (key.removeprefix(prefix) for key, each in self.arguments.items() if key.startswith(prefix) and each.many),
            None,
        )

    def needed(self, tools: Sequence[ToolInfo]) -> list[ToolInfo]:
        """The tools of a job that the model is offered; all of them if it is no job that is known here."""
        names = {tool.name for tool in tools}
        for mark, kept in self.jobs.items():
            if mark in names:
                return [tool for tool in tools if tool.name in kept]
        return list(tools)


@cache
def scaffold() -> Scaffold:
    """The scaffold that ships with Peerwatch."""
    text = resources.files("peerwatch.models").joinpath("scaffold.yaml").read_text(encoding="utf-8")
    return Scaffold.model_validate(from_yaml(text))
