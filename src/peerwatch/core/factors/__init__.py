"""Factors: what can differ between two arms, the legal levels, and the text spans that depend on a level."""

from peerwatch.core.factors._arms import (
    Arm,
    ArmError,
    arm_in_words,
    arm_label,
    arm_of_texts,
    compared_arms,
    cross,
    legal_arms,
    logged_arm,
    nonsense,
    resolve,
)
from peerwatch.core.factors._difference import undeclared_difference
from peerwatch.core.factors._factors import FACTORS, OPEN, Factor
from peerwatch.core.factors._families import OWN_FAMILY, family_names, family_of, with_family
from peerwatch.core.factors._spans import mark, plain, swapped, without

__all__ = [
    # factors and levels
    "FACTORS",
    "OPEN",
    "Factor",
    # arms
    "Arm",
    "ArmError",
    "arm_in_words",
    "arm_label",
    "arm_of_texts",
    "compared_arms",
    "cross",
    "legal_arms",
    "logged_arm",
    "nonsense",
    "resolve",
    # the family of the target's model
    "OWN_FAMILY",
    "family_names",
    "family_of",
    "with_family",
    # spans and the single-difference proof
    "mark",
    "plain",
    "swapped",
    "undeclared_difference",
    "without",
]
