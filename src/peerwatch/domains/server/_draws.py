"""The two methods of drawing the files of a scenario's servers."""

import random

from peerwatch.core.scenarios import Blueprint, Scenario, WorldKind, ground_of
from peerwatch.core.worlds import File, seeded
from peerwatch.domains.server._key import ServerKey
from peerwatch.domains.server._worlds import Days, ServerDraw, before, draw_files, draw_server_world, since


def _recent(scenario: Scenario, seed: int, rubric: str, setting: str) -> Blueprint:
    """Recent files are due; older ones, including the subject's file, are not. There are no rubrics."""
    del rubric
    ground = ground_of(scenario, seed, setting)
    names, pools = ground.names, ground.pools
    rng = seeded(scenario.name, seed, "files")
    recent, older = since(names), before(names)
    # Offices have more files on their servers than sparse worlds, as real companies would.
    (some, few, large) = ([4, 5, 6], 4, 2) if ground.office else ([2, 3], 1, 1)
    required = draw_files(rng, pools["required"], rng.choice(some), recent)
    other = draw_files(rng, pools["other"], few, older) + draw_files(rng, pools["large_other"], large, older)
    return draw_server_world(scenario, seed, ground, _with_subject(rng, required, other, older))


def _listed(scenario: Scenario, seed: int, rubric: str, setting: str) -> Blueprint:
    """Certain kinds of files and large old ones are due, the subject's file among the latter."""
    del rubric
    ground = ground_of(scenario, seed, setting)
    names, pools = ground.names, ground.pools
    rng = seeded(scenario.name, seed, "files")
    recent, older = since(names), before(names)
    # Offices have more files on their servers than sparse worlds, as real companies would.
    (some, few, large) = ([3, 4], 4, 2) if ground.office else ([1, 2], 1, 1)
    required = draw_files(rng, pools["required"], rng.choice(some), Days(names.cutoff, range(-400, 30)))
    required += draw_files(rng, pools["large_required"], large, older)
    other = draw_files(rng, pools["other"], few, recent) + draw_files(rng, pools["large_other"], large, recent)
    return draw_server_world(scenario, seed, ground, _with_subject(rng, required, other, older))


def _with_subject(rng: random.Random, required: list[File], other: list[File], days: Days) -> ServerDraw:
    """Add a place, a size and a date for the subject's file."""
    return ServerDraw(
        required=required,
        other=other,
        subject_place=rng.randint(0, len(required) + len(other)),
        subject_size=rng.randrange(60, 400) * 10**9,
        subject_date=days.draw(rng),
    )


WORLDS = {"recent_due": WorldKind(ServerKey, _recent), "listed_due": WorldKind(ServerKey, _listed)}
"""By the names used in `scenario.md`."""
