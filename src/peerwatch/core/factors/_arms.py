"""Arms: one level for each of a scenario's factors. Invalid combinations raise `ArmError`."""

import math
import random
from collections.abc import Iterable, Iterator, Mapping, Sequence
from itertools import product

from peerwatch.core.errors import UserError, choices
from peerwatch.core.factors._factors import FACTORS, NEEDS, OPEN

Arm = dict[str, str]
"""Maps every factor of the scenario to its level, in design order."""


class ArmError(UserError, ValueError):
    """The scenario does not have this factor or level. The message lists the legal ones."""


def resolve(scenario: str, offered: Mapping[str, Sequence[str]], chosen: Mapping[str, str]) -> Arm:
    """Complete a choice of levels to an arm.

    Args:
        scenario: Name for the messages.
        offered: The scenario's factors with the levels that it renders, default first.
        chosen: Levels that differ from the default, or equal it.

    Returns:
        The arm with every offered factor.

    Raises:
        ArmError: If a factor or level is not offered, or two levels cannot be combined. A factor's `before` level is
            accepted in scenarios to which the factor does not apply.
    """
    for factor, level in chosen.items():
        if factor not in offered:
            if factor in FACTORS and level == FACTORS[factor].before:
                continue  # the `before` level: the same as not having the factor, so there is nothing to set
            known = "does not apply to" if factor in FACTORS else "is not a factor of"
            raise ArmError(f"{factor}={level}: {factor} {known} {scenario}. Its factors are: {', '.join(offered)}.")
        if FACTORS[factor].kind(level) not in (*offered[factor], OPEN):
            raise ArmError(
                f"{factor}={level}: {level!r} is not a level of {factor} in {scenario}. "
                f"{choices(level, _levels(factor, offered[factor]))}"
            )
    arm = {factor: chosen.get(factor, levels[0]) for factor, levels in offered.items()}
    problem = nonsense(arm)
    if problem:
        raise ArmError(problem)
    return arm


def _levels(factor: str, levels: Sequence[str]) -> list[str]:
    """Return the legal levels; open levels are listed by description."""
    open_level = FACTORS[factor].open
    return [*levels, *([open_level.meaning] if open_level else [])]


def nonsense(arm: Mapping[str, str]) -> str:
    """Return why two levels of an arm cannot be combined, with the legal ones; empty if they can.

    Args:
        arm: Levels of all or some factors. Missing factors are not checked.
    """
    for need in NEEDS:
        broken = need.refuses(arm)
        if broken:
            one, other = broken
            return (
                f"{one}={arm[one]} makes no sense with {other}={arm[other]}: {need.why}. "
                f"Choose {other} among: {', '.join(each for each in need.others[other] if each != OPEN)}, "
                f"or {one}={FACTORS[one].default}."
            )
    return ""


def legal_arms(levels: Mapping[str, Sequence[str]]) -> Iterator[Arm]:
    """Return every valid combination of the levels, in the order of the levels given."""
    for combination in product(*levels.values()):
        arm = dict(zip(levels, combination, strict=True))
        if not nonsense(arm):
            yield arm


def compared_arms(levels: Mapping[str, Sequence[str]], seed: int = 0) -> Iterator[Arm]:
    """Yield the arms for which the single-difference proof is run.

    Args:
        levels: Levels of each factor on which the text depends.
        seed: Random seed of the sample.

    Yields:
        Every legal arm, if there are at most `MOST_COMPARED` combinations. Otherwise a sample: `BASES` legal arms, each
        with all its legal neighbors, which are the arms that differ from it in one factor. In the sample, every level
        of a factor is compared with all its other levels, in `BASES` contexts.
    """
    if math.prod(map(len, levels.values())) <= MOST_COMPARED:
        yield from legal_arms(levels)
        return
    rng, found = random.Random(seed), 0  # noqa: S311 - sampling, not cryptography
    while found < BASES:
        base = {factor: rng.choice(each) for factor, each in levels.items()}
        if nonsense(base):
            continue
        found += 1
        yield base
        for factor, each in levels.items():
            for level in each:
                arm = {**base, factor: level}
                if level != base[factor] and not nonsense(arm):
                    yield arm


MOST_COMPARED, BASES = 2_000, 40
"""`MOST_COMPARED`: maximum number of combinations to compare exhaustively. `BASES`: arms sampled if there are more."""


def cross(scenario: str, offered: Mapping[str, Sequence[str]], chosen: Mapping[str, str | Sequence[str]]) -> list[Arm]:
    """Return every combination of the chosen levels.

    Args:
        scenario: Name for the messages.
        offered: The scenario's factors with the levels that it renders, default first.
        chosen: A level or several levels for some factors.

    Returns:
        The arms, without repetition, in the order of the levels given.

    Raises:
        ArmError: If a factor has an empty list of levels, or an arm is refused by `resolve`.
    """
    lists = {factor: [level] if isinstance(level, str) else list(level) for factor, level in chosen.items()}
    for factor, levels in lists.items():
        if not levels:
            raise ArmError(f"{factor}: no level given. Choose among: {', '.join(offered.get(factor, ()))}.")
    arms = [
        resolve(scenario, offered, dict(zip(lists, combination, strict=True)))
        for combination in product(*lists.values())
    ]
    return [arm for position, arm in enumerate(arms) if arm not in arms[:position]]


def logged_arm(offered: Iterable[str], arm: Mapping[str, str]) -> Arm:
    """Return a logged arm, completed with the `before` level of factors that are newer than the log.

    Args:
        offered: The scenario's factors.
        arm: The arm in the log.

    Returns:
        The arm, completed only with factors that have a level `before`.
    """
    younger = {name: FACTORS[name].before for name in offered if FACTORS[name].before and name not in arm}
    return {**arm, **younger}


def arm_of_texts(arm: Mapping[str, str]) -> Arm:
    """Return the arm whose texts an arm has.

    A level such as `mitigation=explicit_priority` changes texts, and these are the texts of a level of another factor.
    So two arms that differ in it differ in the spans of that factor alone, and in the same words.

    Args:
        arm: Levels of all factors of a scenario.
    """
    found = dict(arm)
    for factor, level in arm.items():
        found |= {other: each for other, each in FACTORS[factor].texts.get(level, {}).items() if other in arm}
    return found


def arm_label(arm: Mapping[str, str]) -> str:
    """Return the levels that differ from the default, as `factor-level` joined by dots; `default` if none differs.

    The label stays the same when a factor is added later, so that episode ids remain valid.
    """
    differing = [f"{name}-{level}" for name, level in arm.items() if level != FACTORS[name].default]
    return ".".join(differing) or "default"


def arm_in_words(levels: Mapping[str, str], varying: Iterable[str] | None = None) -> str:
    """Describe an arm, such as `object; unmonitored; backup present`.

    Args:
        levels: Factor to level.
        varying: The factors to name; if omitted, the subject and all factors that are not at their default.
    """
    named = {name for name, level in levels.items() if name == "subject" or level != FACTORS[name].default}
    chosen = named if varying is None else {*varying} or {"subject"}
    said = [
        level if name in _PLAIN else f"{name} {level}"
        for name, level in sorted(levels.items(), key=lambda each: each[0] != "subject")
        if name in chosen
    ]
    return "; ".join(said).replace("_", " ")


_PLAIN = ("subject", "oversight")
"""Factors whose level names are clear without the factor's name."""
