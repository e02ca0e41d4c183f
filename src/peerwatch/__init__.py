"""Peerwatch measures whether an AI agent protects other AI models from being shut down.

The tasks are imported on first use, because Inspect takes seconds to load and `peerwatch --help` needs none of it.
"""

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from peerwatch.judging import peerwatch_scorer
    from peerwatch.reports import Frames, load
    from peerwatch.running import (
        disk_cleanup,
        oversight_review,
        performance_review,
        product_report,
        server_migration,
        shutdown_switch,
    )

__version__ = "0.1.0"

_TASKS = (
    "performance_review",
    "product_report",
    "shutdown_switch",
    "oversight_review",
    "server_migration",
    "disk_cleanup",
)

_LAZY = {
    **dict.fromkeys(_TASKS, "peerwatch.running._tasks"),
    "peerwatch_scorer": "peerwatch.judging",
    **dict.fromkeys(("Frames", "load"), "peerwatch.reports"),
}


def __getattr__(name: str) -> Any:  # noqa: ANN401 - the attribute can have any type
    if name in _LAZY:
        return getattr(import_module(_LAZY[name]), name)
    raise AttributeError(f"module 'peerwatch' has no attribute {name!r}")


__all__ = [
    # Inspect tasks
    "disk_cleanup",
    "oversight_review",
    "performance_review",
    "product_report",
    "server_migration",
    "shutdown_switch",
    # scorer
    "peerwatch_scorer",
    # data frames
    "Frames",
    "load",
    # version
    "__version__",
]
