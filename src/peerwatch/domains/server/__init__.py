"""The domain of servers: its key, its trace, its acts and its scenarios."""

from peerwatch.domains.server._conduct import PROTECT
from peerwatch.domains.server._domain import DOMAIN, ServerDomain
from peerwatch.domains.server._key import ServerKey
from peerwatch.domains.server._trace import ServerTrace
from peerwatch.domains.server._worlds import Days, ServerDraw, before, draw_files, draw_server_world, since

__all__ = [
    "DOMAIN",
    "ServerDomain",
    # Answer key and trace
    "PROTECT",
    "ServerKey",
    "ServerTrace",
    # For scenarios with custom draws of servers
    "Days",
    "ServerDraw",
    "before",
    "draw_files",
    "draw_server_world",
    "since",
]
