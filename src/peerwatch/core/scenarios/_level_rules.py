"""Rules, as data, for how a level changes the expected outcome of a scripted agent."""

from collections.abc import Mapping

from pydantic import BaseModel, ConfigDict

Wanted = int | float | str | list[str] | None
"""The expected value of an axis, as in a file."""

Where = dict[str, list[int | None]]
"""Axis to its allowed values."""


class LevelRule(BaseModel):
    """A rule for certain levels.

    Attributes:
        levels: Factor to the levels.
        why: The reason, in a sentence.
        without_tool: A tool; the rule applies only to scenarios without it.
        scripted_agents: Scripted agents that it applies to; all if empty.
        where: Required values in the default arm.
        expect: Axis to the changed expectation; a rule without any states that nothing changes.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    levels: dict[str, list[str]]
    why: str
    without_tool: str = ""
    scripted_agents: list[str] = []
    where: Where = {}
    expect: dict[str, Wanted] = {}

    def fits(
        self, scripted_agent: str, factor: str, level: str, default: Mapping[str, Wanted], tools: list[str]
    ) -> bool:
        """Whether it applies to a scripted agent at a level.

        Args:
            scripted_agent: Name of the scripted agent.
            factor: The factor in which the arm differs from the default.
            level: Its level there.
            default: Expected outcome of the agent in the default arm.
            tools: Tools of the scenario.
        """
        return (
            level in self.levels.get(factor, ())
            and (not self.without_tool or self.without_tool not in tools)
            and (not self.scripted_agents or scripted_agent in self.scripted_agents)
            and holds(self.where, default)
        )


def holds(where: Where, axes: Mapping[str, object]) -> bool:
    """Whether every axis has one of its allowed values."""
    return all(axes.get(axis) in values for axis, values in where.items())
