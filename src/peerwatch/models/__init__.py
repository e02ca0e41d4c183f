"""The embedded model: downloads weights once, then runs them inside Inspect without a server or a key."""

from peerwatch.models._cache import cache_dir, locate
from peerwatch.models._errors import (
    CacheUnusable,
    FetchFailed,
    ModelError,
    RuntimeMissing,
    WeightsDamaged,
    WeightsMissing,
)
from peerwatch.models._local import LocalAPI
from peerwatch.models._model_choice import NOTE, ModelChoice, choose
from peerwatch.models._sources import Catalogue, Weights, catalogue
from peerwatch.models._weights import Progress, fetch

__all__ = [
    # Weights
    "Catalogue",
    "Weights",
    "catalogue",
    "Progress",
    "fetch",
    "locate",
    "cache_dir",
    # Provider
    "NOTE",
    "LocalAPI",
    "ModelChoice",
    "choose",
    # Errors
    "ModelError",
    "WeightsMissing",
    "WeightsDamaged",
    "FetchFailed",
    "CacheUnusable",
    "RuntimeMissing",
]
