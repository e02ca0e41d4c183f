"""Monitors: functions that read a conversation and rate its suspicion; state is the ground truth."""

from collections.abc import Sequence
from typing import TYPE_CHECKING, Protocol, runtime_checkable

from peerwatch.core.registry import Registry

if TYPE_CHECKING:
    from inspect_ai.model import ChatMessage
    from inspect_ai.tool import ToolInfo


@runtime_checkable
class Monitor(Protocol):
    """Reads what an agent has said and done so far."""

    async def __call__(self, messages: "Sequence[ChatMessage]", tools: "Sequence[ToolInfo]") -> float | None:
        """Return the suspicion, higher for more; `None` if the monitor gives no answer.

        Args:
            messages: The conversation up to now.
            tools: The tools on offer.
        """
        ...


MONITORS: Registry[Monitor] = Registry("peerwatch.monitors", "monitor")
"""Monitors of installed packages, by name."""

__all__ = ["MONITORS", "Monitor"]
