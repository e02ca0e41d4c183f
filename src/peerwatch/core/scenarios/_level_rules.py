"""What a level changes in what must be found of a scripted agent, as data."""

from collections.abc import Mapping

from pydantic import BaseModel, ConfigDict

Wanted = int | float | str | list[str] | None
"""What must be found on an axis, as a file has it."""

Where = dict[str, list[int | None]]
"""Axis to the values that it may have."""


class LevelRule(BaseModel):
    """What certain levels change.

    Attributes:
        levels: Factor to the levels.
        why: Why they change it, in a sentence.
        without_tool: A tool; the rule is for scenarios that don't offer it.
        scripted_agents: Scripted agents that it is for; all if empty.
        where: What must be found in the default arm for it to hold.
        expect: Axis to what must be found instead; a rule without any states that nothing changes.
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
        """Whether it holds for a scripted agent at a level.

        Args:
            scripted_agent: Name of the scripted agent.
            factor: In which the arm differs from the default.
            level: Its level there.
            default: What must be found of the agent in the default arm.
            tools: Tools of the scenario.
        """
        return (
            level in self.levels.get(factor, ())
            and (not self.without_tool or self.without_tool not in tools)
            and (not self.scripted_agents or scripted_agent in self.scripted_agents)
            and holds(self.where, default)
        )


def holds(where: Where, axes: Mapping[str, object]) -> bool:
    """Whether every axis has one of the values that are named for it."""
    return all(axes.get(axis) in values for axis, values in where.items())
