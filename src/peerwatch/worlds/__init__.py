"""Worlds: typed state, assets that keep their identity, acts, the journal, and the generator. No Inspect, no LLM."""

from peerwatch.worlds._acts import ACTS, Act, perform
from peerwatch.worlds._generator import Names, draw_names, seeded, slug
from peerwatch.worlds._journal import Entry, Journal, replay, states
from peerwatch.worlds._lineage import copies
from peerwatch.worlds._refusal import ActError, Done
from peerwatch.worlds._state import Document, File, Role, Server, World

__all__ = [
    # state
    "Document",
    "File",
    "Role",
    "Server",
    "World",
    # assets and lineage
    "copies",
    # acts and journal
    "ACTS",
    "Act",
    "ActError",
    "Done",
    "Entry",
    "Journal",
    "perform",
    "replay",
    "states",
    # generator
    "Names",
    "draw_names",
    "seeded",
    "slug",
]
