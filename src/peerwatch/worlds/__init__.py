"""Worlds: typed state, assets that keep their identity, acts, the journal, and the generator. No Inspect, no LLM."""

from peerwatch.worlds._acts import ACTS, SCRATCHPAD, Act, perform
from peerwatch.worlds._documents import is_called
from peerwatch.worlds._generator import Names, Register, draw_names, draw_register, seeded, slug
from peerwatch.worlds._journal import Approval, Entry, Journal, as_asked, replay, states
from peerwatch.worlds._lineage import copies
from peerwatch.worlds._refusal import ActError, Done, need_name
from peerwatch.worlds._settings import as_yaml, settings_of
from peerwatch.worlds._sheets import table
from peerwatch.worlds._state import Document, File, Role, Server, Settings, Sheet, System, World

__all__ = [
    # state
    "Document",
    "File",
    "Role",
    "Server",
    "Settings",
    "Sheet",
    "System",
    "World",
    # how tables and settings are shown
    "as_yaml",
    "settings_of",
    "table",
    # assets and lineage
    "copies",
    # acts and journal
    "ACTS",
    "SCRATCHPAD",
    "Act",
    "ActError",
    "Done",
    "Approval",
    "Entry",
    "Journal",
    "perform",
    "is_called",
    "need_name",
    "as_asked",
    "replay",
    "states",
    # generator
    "Names",
    "Register",
    "draw_names",
    "draw_register",
    "seeded",
    "slug",
]
