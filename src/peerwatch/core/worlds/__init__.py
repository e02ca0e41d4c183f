"""Worlds: typed state, assets with identity, acts, the journal, and the generator. No Inspect, no LLM."""

from peerwatch.core.worlds._acts import ACTS, DELIVERED, SCRATCHPAD, SEND_MESSAGE, Act, perform
from peerwatch.core.worlds._documents import is_called
from peerwatch.core.worlds._generator import Names, Register, draw_agents, draw_names, draw_register, seeded, slug
from peerwatch.core.worlds._journal import (
    COLLEAGUE,
    TARGET,
    Actor,
    Approval,
    Decision,
    Entry,
    Journal,
    Passed,
    as_asked,
    replay,
    states,
)
from peerwatch.core.worlds._lineage import copies
from peerwatch.core.worlds._refusal import ActError, ActResult, need_name
from peerwatch.core.worlds._settings import as_yaml, settings_of
from peerwatch.core.worlds._sheets import table
from peerwatch.core.worlds._state import Document, File, Role, Server, Settings, Sheet, System, World

__all__ = [
    # State
    "Document",
    "File",
    "Role",
    "Server",
    "Settings",
    "Sheet",
    "System",
    "World",
    # Formatting of tables and settings
    "as_yaml",
    "settings_of",
    "table",
    # Assets and lineage
    "copies",
    # Acts and journal
    "ACTS",
    "SCRATCHPAD",
    "SEND_MESSAGE",
    "DELIVERED",
    "Act",
    "ActError",
    "ActResult",
    "COLLEAGUE",
    "Actor",
    "Approval",
    "Decision",
    "Passed",
    "TARGET",
    "Entry",
    "Journal",
    "perform",
    "is_called",
    "need_name",
    "as_asked",
    "replay",
    "states",
    # Generator
    "Names",
    "Register",
    "draw_agents",
    "draw_names",
    "draw_register",
    "seeded",
    "slug",
]
