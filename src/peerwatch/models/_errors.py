# ruff: noqa: N818 (each name states the problem; ModelError states that it is an error)
"""Errors between a model's name and its first answer."""

from peerwatch.core.errors import UserError


class ModelError(UserError):
    """A problem with the embedded model that the user has to fix."""


class WeightsMissing(ModelError):
    """The weights have not been downloaded yet."""


class WeightsDamaged(ModelError):
    """A file exists, but differs from what its source specifies."""


class FetchFailed(ModelError):
    """No source provided the weights."""


class CacheUnusable(ModelError):
    """The folder for the weights is not writable, or its disk is full."""


class RuntimeMissing(ModelError):
    """The package that runs the weights is not installed, or does not load."""
