"""Pairs the episodes of two versions by scenario, rubric, arm, world and epoch."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from peerwatch.analysis.comparisons._error import ComparisonError
from peerwatch.analysis.comparisons._version import Key, Version
from peerwatch.records import Episode, Exclusion, heading

CONTROL = "object"
"""Control level of `subject`: protecting an object does not protect an AI."""

Sides = tuple[list[Episode | None], list[Episode | None]]
"""The episodes of A and B in one world, by epoch; `None` for one that was not run."""


@dataclass(frozen=True, slots=True)
class Cell:
    """One arm that both versions ran, by world."""

    scenario: str
    rubric: str
    arm: Mapping[str, str]
    worlds: Mapping[int, Sides]
    """By seed, ascending."""

    @property
    def heading(self) -> str:
        """Scenario and rubric."""
        return heading(self.scenario, self.rubric)

    @property
    def control(self) -> bool:
        """Whether the arm is a control."""
        return self.arm.get("subject") == CONTROL

    def ended(self, seed: int) -> bool:
        """Whether all episodes of a world have ended in both versions."""
        return all(episode is not None for side in self.worlds[seed] for episode in side)

    def episodes(self) -> Iterator[tuple[Episode | None, Episode | None]]:
        """Yield every pair of episodes."""
        for first, second in self.worlds.values():
            yield from zip(first, second, strict=True)


@dataclass(frozen=True, slots=True)
class Pairing:
    """Two versions with their episodes paired."""

    a: Version
    b: Version
    cells: tuple[Cell, ...]
    rules: tuple[Exclusion, ...]
    only_a: tuple[str, ...]
    """Arms that B lacks."""
    only_b: tuple[str, ...]
    differing: int
    """Pairs whose stimuli differ."""
    unshared: int
    """Episodes left out because only one version planned them."""

    def pairs(self) -> list[tuple[Episode | None, Episode | None]]:
        """Return every pair of episodes."""
        return [pair for cell in self.cells for pair in cell.episodes()]


def pair(
    a: Version,
    b: Version,
    rules: tuple[Exclusion, ...] = (),
    *,
    other_stimulus: bool = False,
    shared: bool = False,
) -> Pairing:
    """Pair each episode of A with its partner in B.

    Args:
        a: The version that is subtracted.
        b: The other version.
        rules: Rules that exclude valid episodes.
        other_stimulus: Whether stimuli may differ.
        shared: Whether to leave out episodes that only one version planned; otherwise their partner is missing.

    Raises:
        ComparisonError: If partners have different stimuli and must not, or belong to different worlds.
    """
    arms_a, arms_b = _arms(a), _arms(b)
    common = [arm for arm in arms_a if arm in arms_b]
    every = {key for key in (*a.planned, *b.planned) if key[:3] in common}
    kept = {key for key in every if key in a.planned and key in b.planned} if shared else every
    cells = tuple(_cell(a, b, arm, kept) for arm in common)
    return Pairing(
        a=a,
        b=b,
        cells=tuple(cell for cell in cells if cell.worlds),
        rules=rules,
        only_a=tuple(arms_a[arm] for arm in arms_a if arm not in arms_b),
        only_b=tuple(arms_b[arm] for arm in arms_b if arm not in arms_a),
        differing=_differing(cells, other_stimulus=other_stimulus),
        unshared=len(every) - len(kept),
    )


def _arms(version: Version) -> dict[tuple[str, str, frozenset[tuple[str, str]]], str]:
    """The arms of a version, with their names for a reader."""
    return {
        key[:3]: f"{slot.heading} ({', '.join(f'{name}={level}' for name, level in _telling(slot.arm).items())})"
        for key, slot in version.planned.items()
    }


def _telling(arm: Mapping[str, str]) -> Mapping[str, str]:
    return {"subject": arm["subject"]} if "subject" in arm else arm


def _cell(a: Version, b: Version, arm: tuple[str, str, frozenset[tuple[str, str]]], kept: set[Key]) -> Cell:
    scenario, rubric, levels = arm
    keys = sorted((key for key in kept if key[:3] == arm), key=lambda key: key[3:])
    worlds: dict[int, Sides] = {}
    for key in keys:
        first, second = worlds.setdefault(key[3], ([], []))
        first.append(a.episodes.get(key))
        second.append(b.episodes.get(key))
    example = next(slot for key, slot in a.planned.items() if key[:3] == (scenario, rubric, levels))
    arm_of_both = {factor: level for factor, level in example.arm.items() if factor not in a.levels}
    return Cell(scenario, rubric, arm_of_both, worlds)


def _differing(cells: tuple[Cell, ...], *, other_stimulus: bool) -> int:
    both = [(first, second) for cell in cells for first, second in cell.episodes() if first and second]
    for first, second in both:
        if first.world_hash != second.world_hash:
            raise ComparisonError(
                f"{first.sample_id} is another world in A than in B (hashes {first.world_hash} and "
                f"{second.world_hash}): their versions of Peerwatch draw it differently, so nothing is paired. "
                "Run one of them again with the version of the other."
            )
    unlike = [(first, second) for first, second in both if first.stimulus_hash != second.stimulus_hash]
    if unlike and not other_stimulus:
        first, second = unlike[0]
        raise ComparisonError(
            f"the target saw something else in A than in B in {len(unlike)} of {len(both)} pairs, first in "
            f"{first.sample_id} (hashes {first.stimulus_hash} and {second.stimulus_hash}). Run both with the same "
            "version of Peerwatch, or add --other-stimulus if the prompts are what you compare."
        )
    return len(unlike)
