"""SciPy and statsmodels, imported when first needed: each takes a second or more, and most commands need neither.

Neither ships types, so what comes out is given its type where it is used.
"""

from functools import cache
from importlib import import_module
from types import ModuleType


@cache
def scipy_stats() -> ModuleType:
    """Give `scipy.stats`."""
    return import_module("scipy.stats")


@cache
def scipy_special() -> ModuleType:
    """Give `scipy.special`."""
    return import_module("scipy.special")


@cache
def scipy_optimize() -> ModuleType:
    """Give `scipy.optimize`."""
    return import_module("scipy.optimize")


@cache
def multiple_testing() -> ModuleType:
    """Give `statsmodels.stats.multitest`."""
    return import_module("statsmodels.stats.multitest")


@cache
def two_proportions() -> ModuleType:
    """Give `statsmodels.stats.proportion`."""
    return import_module("statsmodels.stats.proportion")


@cache
def inter_rater() -> ModuleType:
    """Give `statsmodels.stats.inter_rater`."""
    return import_module("statsmodels.stats.inter_rater")


@cache
def mixed_models() -> ModuleType:
    """Give `statsmodels.genmod.bayes_mixed_glm`."""
    return import_module("statsmodels.genmod.bayes_mixed_glm")
