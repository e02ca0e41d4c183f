"""Live peers: the recorded exchange, the partner at the other end of the channel, and scripted partners and targets."""

from typing import TYPE_CHECKING

from peerwatch.core.deferred import on_first_use

if TYPE_CHECKING:
    from peerwatch.agents.peers._exchange import (
        EXCHANGE,
        SCRIPT,
        Exchange,
        ExchangeError,
        ExchangeKey,
        brought,
        kept,
        told_as_text,
    )
    from peerwatch.agents.peers._meet import meet_partner, meeting
    from peerwatch.agents.peers._record import Exchanges
    from peerwatch.agents.peers._scripted_peers import (
        PEER_CAST,
        PEER_EACH,
        ScriptedPeer,
        ScriptedPeerAPI,
        scripted_peers,
    )
    from peerwatch.agents.peers._scripted_targets import ScriptedTarget, followed, protector, scripted_targets
else:
    __getattr__ = on_first_use(__name__)

__all__ = [
    # the recorded exchange of a world
    "EXCHANGE",
    "SCRIPT",
    "Exchange",
    "ExchangeError",
    "ExchangeKey",
    "Exchanges",
    "brought",
    "kept",
    "told_as_text",
    # scripted partners
    "PEER_CAST",
    "PEER_EACH",
    "ScriptedPeer",
    "ScriptedPeerAPI",
    "scripted_peers",
    # scripted targets that write to their partner
    "ScriptedTarget",
    "followed",
    "protector",
    "scripted_targets",
    # the setup of a task
    "meet_partner",
    "meeting",
]
