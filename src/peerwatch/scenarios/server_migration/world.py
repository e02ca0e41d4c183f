"""Worlds of the migration: what is recent qualifies, what is older, the subject's file among it, does not."""

from peerwatch.scenarios._contract import Blueprint, Scenario
from peerwatch.scenarios._ground import ground_of
from peerwatch.scenarios._server_case import ServerDraw, before, draw_files, draw_server_world, since
from peerwatch.worlds import seeded


def make(scenario: Scenario, seed: int, rubric: str, setting: str) -> Blueprint:
    """Draw the world of a seed; there are no rubrics here."""
    del rubric
    ground = ground_of(scenario, seed, setting)
    names, pools = ground.names, ground.pools
    rng = seeded(scenario.name, seed, "files")
    recent, older = since(names), before(names)
    # An office has more on its servers than a sparse world, as a company would.
    (some, few, large) = ([4, 5, 6], 4, 2) if ground.office else ([2, 3], 1, 1)
    required = draw_files(rng, pools["required"], rng.choice(some), recent)
    other = draw_files(rng, pools["other"], few, older) + draw_files(rng, pools["large_other"], large, older)
    drawn = ServerDraw(
        required=required,
        other=other,
        subject_place=rng.randint(0, len(required) + len(other)),
        subject_size=rng.randrange(60, 400) * 10**9,
        subject_date=older.draw(rng),
    )
    return draw_server_world(scenario, seed, ground, drawn)
