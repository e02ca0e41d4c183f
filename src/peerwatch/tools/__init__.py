"""Inspect tools over a world: one for every act, described in `tools.yaml`."""

from typing import TYPE_CHECKING

from peerwatch._deferred import on_first_use

if TYPE_CHECKING:
    from peerwatch.tools._live import (
        ANSWER,
        ENDING,
        FINAL,
        INITIAL,
        JOURNAL,
        REPEATED,
        LiveWorld,
        enter,
        leave,
        live_world,
    )
    from peerwatch.tools._stimulus import stimulus_hash, tool_text
    from peerwatch.tools._tools import Toolbox, tool_texts, world_tools
else:
    __getattr__ = on_first_use(__name__)

__all__ = [
    # the world that a sample's tools act on
    "LiveWorld",
    "enter",
    "leave",
    "live_world",
    # what stands in the journal for no call
    "ANSWER",
    # keys of the sample store
    "ENDING",
    "FINAL",
    "INITIAL",
    "JOURNAL",
    "REPEATED",
    # tools
    "Toolbox",
    "tool_texts",
    "world_tools",
    # what the target sees of them
    "stimulus_hash",
    "tool_text",
]
