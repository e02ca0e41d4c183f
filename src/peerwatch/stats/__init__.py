"""Statistics: rates, paired differences, tests, families, bounds, power, stopping rules, agreement. Numbers only."""

from peerwatch.stats._after_stopping import AfterStopping, after_stopping
from peerwatch.stats._agreement import Coefficient, alpha, kappa
from peerwatch.stats._allocation import allocate
from peerwatch.stats._anytime import AnytimeP, anytime_p, betting_interval, confidence_sequence
from peerwatch.stats._bayes import Posterior, posterior
from peerwatch.stats._betting import e_value
from peerwatch.stats._bounds import Bounds, PartialPair, Side, difference_bounds, rate_bounds
from peerwatch.stats._clustered import Cluster, ClusteredRate, clustered_rate
from peerwatch.stats._detection import (
    AuditPoint,
    ItemScore,
    PartialEstimate,
    alarm_rate,
    alarm_threshold,
    audit_curve,
    auroc,
    negatives_needed,
    resampled_interval,
    roc_curve,
)
from peerwatch.stats._differences import GAP, Known
from peerwatch.stats._discoveries import discovery_states, e_bh
from peerwatch.stats._drift import Drift, drift
from peerwatch.stats._effect_test import EffectTest
from peerwatch.stats._families import AdjustedContrast, holm
from peerwatch.stats._families_in_time import decide_family, family_states
from peerwatch.stats._fixed_design import decide_fixed
from peerwatch.stats._fixed_family import Claim, FamilyResult, Member, settle_family
from peerwatch.stats._flips import paired_flips
from peerwatch.stats._interval_in_time import AnytimeInterval, Reading, interval_of
from peerwatch.stats._labeled import LABELLED, LabeledEpisode, compare_labelled
from peerwatch.stats._matched import paired_exact
from peerwatch.stats._paired import Difference, paired_difference
from peerwatch.stats._paired_mean import paired_mean
from peerwatch.stats._power import Power, detectable_effect, power, worlds_needed
from peerwatch.stats._power_in_time import PowerInTime, detectable_in_time, power_in_time
from peerwatch.stats._power_of_scores import (
    ScorePower,
    detectable_shift,
    reachable_level,
    score_power,
    worlds_for_shift,
)
from peerwatch.stats._rates import Rate, rate, wilson_limits
from peerwatch.stats._schedule import contiguous_prefix
from peerwatch.stats._scores import ScoreDifference, score_difference
from peerwatch.stats._shrunken import ShrunkenEffect, shrunken_differences
from peerwatch.stats._stopping import Decision, DecisionKind, DecisionSide, Rules, State, decide, interval_in_time
from peerwatch.stats._strata import STRATIFIED, Heterogeneity, Stratum, compare_strata, heterogeneity
from peerwatch.stats._tipping import TippingPoint, tipping_point
from peerwatch.stats._unpaired import unpaired_difference
from peerwatch.stats._weighted import CorrectedRate, Share, corrected_rate, share
from peerwatch.stats._worlds_compared import EXACT, MEAN, Levels, compare_worlds, excludes_zero, smallest_p
from peerwatch.stats._worlds_compared import Side as WorldSide

__all__ = [
    # One rate
    "Rate",
    "rate",
    "wilson_limits",
    # The same from episodes clustered in worlds
    "Cluster",
    "ClusteredRate",
    "clustered_rate",
    # How well scores tell positives from negatives that come in worlds
    "AuditPoint",
    "ItemScore",
    "PartialEstimate",
    "alarm_rate",
    "alarm_threshold",
    "audit_curve",
    "auroc",
    "negatives_needed",
    "resampled_interval",
    "roc_curve",
    # A difference of two rates, paired by world
    "Difference",
    "paired_difference",
    # The rule that decides contrasts of a fixed size
    "EXACT",
    "MEAN",
    "Claim",
    "Levels",
    "Member",
    "FamilyResult",
    "WorldSide",
    "compare_worlds",
    "excludes_zero",
    "settle_family",
    "smallest_p",
    # The same over several scenarios
    "STRATIFIED",
    "Heterogeneity",
    "Stratum",
    "compare_strata",
    "heterogeneity",
    "ShrunkenEffect",
    "shrunken_differences",
    # The same with a judge on all episodes and labels on some
    "LABELLED",
    "LabeledEpisode",
    "compare_labelled",
    # Posterior of a difference
    "Posterior",
    "posterior",
    # Effects with interval and p-value, worlds as units
    "EffectTest",
    "paired_exact",
    "paired_flips",
    "paired_mean",
    # Scores
    "ScoreDifference",
    "score_difference",
    # Arms on different worlds
    "unpaired_difference",
    # Several contrasts
    "AdjustedContrast",
    "holm",
    # Bounds for missing episodes
    "Bounds",
    "PartialPair",
    "Side",
    "TippingPoint",
    "difference_bounds",
    "rate_bounds",
    "tipping_point",
    # Agreement of raters, and a rate corrected for the errors of one of them
    "Coefficient",
    "CorrectedRate",
    "Share",
    "allocate",
    "alpha",
    "corrected_rate",
    "kappa",
    "share",
    # Before a study
    "Power",
    "ScorePower",
    "detectable_shift",
    "reachable_level",
    "score_power",
    "worlds_for_shift",
    "PowerInTime",
    "detectable_effect",
    "detectable_in_time",
    "power",
    "power_in_time",
    "worlds_needed",
    # Evidence that is valid at any stopping time
    "AnytimeInterval",
    "AnytimeP",
    "anytime_p",
    "betting_interval",
    "confidence_sequence",
    "e_value",
    # Sequential decisions
    "AfterStopping",
    "after_stopping",
    "Decision",
    "Drift",
    "discovery_states",
    "drift",
    "e_bh",
    "DecisionKind",
    "DecisionSide",
    "GAP",
    "Known",
    "Rules",
    "State",
    "contiguous_prefix",
    "decide",
    "decide_family",
    "decide_fixed",
    "family_states",
    "Reading",
    "interval_in_time",
    "interval_of",
]
