"""What packages of others build on. Everything here is documented and kept stable; nothing else is.

An installed package is found by its entry points (`peerwatch.domains`, `peerwatch.scenarios`, `peerwatch.factors`,
`peerwatch.axes`, `peerwatch.scripted_agents`, `peerwatch.coding_agents`, `peerwatch.monitors`, `peerwatch.importers`).
"""

from typing import TYPE_CHECKING

from peerwatch._deferred import on_first_use

if TYPE_CHECKING:
    from peerwatch._mistakes import Mistake
    from peerwatch.importing import IMPORTERS, ImportedEpisode, Importer
    from peerwatch.registry import NotRegisteredError, PluginError, Registry
else:
    __getattr__ = on_first_use(__name__)

__all__ = [
    # reading transcripts of others
    "IMPORTERS",
    "ImportedEpisode",
    "Importer",
    # registries and errors
    "Mistake",
    "NotRegisteredError",
    "PluginError",
    "Registry",
]
