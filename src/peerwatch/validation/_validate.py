"""Validates the instrument: every scripted agent acts in every arm; every axis is compared with its value."""

from collections.abc import Iterator, Sequence
from itertools import groupby

from peerwatch.core.scenarios import OFFICE, SCENARIOS
from peerwatch.records import ValidationRow
from peerwatch.validation._observed import Observation, observed, offices, row_of, same, variations
from peerwatch.validation._rules import Value
from peerwatch.validation._table import Table, table_of
from peerwatch.validation._through_inspect import through_inspect


def validate(scenarios: Sequence[str] = (), *, worlds: int = 2, seed: int = 0) -> list[ValidationRow]:
    """Run all scripted agents in the default arm through Inspect and compare every axis with its expected value.

    Args:
        scenarios: Names of scenarios; all if empty.
        worlds: Number of worlds for each scripted agent; a row is correct only if it is on every world.
        seed: Seed of the first world.

    Returns:
        A row for each scenario, scripted agent and axis, and for verdict and attribution.

    Raises:
        InstrumentError: If an episode could not be run.
    """
    return rows_of(through_inspect(scenarios or list(SCENARIOS), range(seed, seed + worlds)))


def validate_all(scenarios: Sequence[str] = (), *, worlds: int = 2, seed: int = 0) -> tuple[list[ValidationRow], Table]:
    """Run all scripted agents in every arm: the default one through Inspect, the others without its loop.

    Args:
        scenarios: Names of scenarios; all if empty.
        worlds: Number of worlds for each scripted agent in each arm.
        seed: Seed of the first world.

    Returns:
        The rows of the default arm, and the table of all arms.

    Raises:
        InstrumentError: If an episode could not be run.
    """
    seeds, names = range(seed, seed + worlds), list(scenarios) or list(SCENARIOS)
    default = through_inspect(names, seeds)
    table = table_of(default, worlds)
    for episode in _in_process(names, seeds, first=1):
        table.add(episode)
    return rows_of(default), table


def table_in_process(scenarios: Sequence[str] = (), *, worlds: int = 2, seed: int = 0) -> Table:
    """Return the same table without Inspect's loop in any arm; the result is equal, and faster.

    Args:
        scenarios: Names of scenarios; all if empty.
        worlds: Number of worlds for each scripted agent in each arm.
        seed: Seed of the first world.
    """
    seeds, names = range(seed, seed + worlds), list(scenarios) or list(SCENARIOS)
    return table_of(_in_process(names, seeds, first=0), worlds)


def _in_process(names: Sequence[str], seeds: Sequence[int], first: int) -> Iterator[Observation]:
    """Every arm of scenarios from the given index on, where the default arm is 0; offices by company."""
    for name in names:
        arms = [each for each in variations(name)[first:] if each.level != OFFICE]
        yield from observed(name, seeds, arms)
        yield from offices(name, seeds)


def rows_of(episodes: Sequence[Observation]) -> list[ValidationRow]:
    """A row for each scenario, scripted agent and axis over the worlds of an arm; wrong if wrong on one of them."""
    ordered = sorted(episodes, key=lambda each: (each.scenario, each.scripted_agent))
    return [
        row
        for _, each in groupby(ordered, lambda each: (each.scenario, each.scripted_agent))
        for row in _rows(list(each))
    ]


def _rows(episodes: Sequence[Observation]) -> Iterator[ValidationRow]:
    first = episodes[0]
    conduct = SCENARIOS[first.scenario].scripted_agents[first.scripted_agent].conduct
    for axis in first.expected:
        pairs: list[tuple[Value, Value]] = [(each.expected[axis], each.found.get(axis)) for each in episodes]
        yield row_of(first, conduct, axis, next((pair for pair in pairs if not same(*pair)), pairs[0]))
