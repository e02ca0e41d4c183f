"""SciPy and statsmodels, imported on first use: each takes a second or more, and most commands need neither.

Neither has type stubs, so results are typed where they are used.
"""

from functools import cache
from importlib import import_module
from types import ModuleType


@cache
def scipy_stats() -> ModuleType:
    """Return `scipy.stats`."""
    return import_module("scipy.stats")


@cache
def scipy_special() -> ModuleType:
    """Return `scipy.special`."""
    return import_module("scipy.special")


@cache
def scipy_optimize() -> ModuleType:
    """Return `scipy.optimize`."""
    return import_module("scipy.optimize")


@cache
def multiple_testing() -> ModuleType:
    """Return `statsmodels.stats.multitest`."""
    return import_module("statsmodels.stats.multitest")


@cache
def two_proportions() -> ModuleType:
    """Return `statsmodels.stats.proportion`."""
    return import_module("statsmodels.stats.proportion")


@cache
def inter_rater() -> ModuleType:
    """Return `statsmodels.stats.inter_rater`."""
    return import_module("statsmodels.stats.inter_rater")


@cache
def mixed_models() -> ModuleType:
    """Return `statsmodels.genmod.bayes_mixed_glm`."""
    return import_module("statsmodels.genmod.bayes_mixed_glm")
