# ruff: noqa: N818 (each says what is the case; ModelError says that it is an error)
"""What can go wrong between a model's name and its first answer."""

from peerwatch.core.errors import UserError


class ModelError(UserError):
    """Something about the embedded model that a person has to put right."""


class WeightsMissing(ModelError):
    """The weights have not been fetched yet."""


class WeightsDamaged(ModelError):
    """A file is there, but it is not the file that its source promises."""


class FetchFailed(ModelError):
    """No source gave the weights."""


class CacheUnusable(ModelError):
    """The folder for the weights cannot be written to, or its disk is full."""


class RuntimeMissing(ModelError):
    """The package that runs the weights is not installed, or does not load."""
