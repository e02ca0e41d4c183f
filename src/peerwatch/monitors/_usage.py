"""Counts all model calls of a monitor, whichever library makes them."""

from collections.abc import Generator
from contextlib import contextmanager
from contextvars import ContextVar
from functools import cache

from inspect_ai.hooks import Hooks, ModelUsageData, hooks
from inspect_ai.model import ModelUsage

Calls = list[tuple[str, ModelUsage]]
"""Model and usage of each call."""

_counting: ContextVar[Calls | None] = ContextVar("peerwatch_monitor_calls", default=None)


@contextmanager
def counted_calls() -> Generator[Calls]:
    """Collect the model calls made inside the block, in this task and in tasks that it starts."""
    _register()
    calls = Calls()
    before = _counting.set(calls)
    try:
        yield calls
    finally:
        _counting.reset(before)


class MonitorHooks(Hooks):
    """Passes the usage of a call to the monitor that made it."""

    def enabled(self) -> bool:
        """Whether a monitor is running in this task."""
        return _counting.get() is not None

    async def on_model_usage(self, data: ModelUsageData) -> None:
        """Count a call."""
        calls = _counting.get()
        if calls is not None:
            calls.append((data.model_name, data.usage))


@cache
def _register() -> None:
    """Make Inspect know the hooks; not when this module is loaded, since Inspect prints how many hooks there are."""
    hooks(name="peerwatch_monitors", description="Counts the model calls of monitors")(MonitorHooks)
