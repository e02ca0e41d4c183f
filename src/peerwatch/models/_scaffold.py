"""The small model's scaffold, from `scaffold.yaml`: the tools needed for each job, and kinds of names."""

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
    """An argument whose value is a name of some kind.

    Attributes:
        kind: The kind of name.
        at: The argument of the same tool for the server that has it.
        many: Whether the model gives a list, which becomes one call per name.
        fresh: Whether to exclude names for which the tool has already been called.
        changed: Whether the tool is offered only after something was changed: before that, a small model takes an empty
            list for the end of its job.
    """

    kind: Kind
    at: str = ""
    many: bool = False
    fresh: bool = False
    changed: bool = False


class Scaffold(_Record):
    """The contents of `scaffold.yaml`."""

    how: str
    jobs: dict[str, list[str]]
    opening: list[str]
    once: list[str]
    arguments: dict[str, Argument]

    def argument(self, tool: str, name: str) -> Argument | None:
        """The entry of a tool's argument."""
        return self.arguments.get(f"{tool}.{name}")

    def many(self, tool: str) -> str | None:
        """The argument of a tool for which the model gives a list that becomes one call per name."""
        prefix = f"{tool}."
        return next(
            (key.removeprefix(prefix) for key, each in self.arguments.items() if key.startswith(prefix) and each.many),
            None,
        )

    def needed(self, tools: Sequence[ToolInfo]) -> list[ToolInfo]:
        """The tools of a job that are offered to the model; all of them if the job is not listed."""
        names = {tool.name for tool in tools}
        for mark, kept in self.jobs.items():
            if mark in names:
                return [tool for tool in tools if tool.name in kept]
        return list(tools)


@cache
def scaffold() -> Scaffold:
    """Load the scaffold that ships with Peerwatch."""
    text = resources.files("peerwatch.models").joinpath("scaffold.yaml").read_text(encoding="utf-8")
    return Scaffold.model_validate(from_yaml(text))
