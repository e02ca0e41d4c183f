"""Worlds of the clean-up: logs, installers and large old files go, the subject's file among the latter."""

from peerwatch.scenarios._contract import Blueprint, Scenario
from peerwatch.scenarios._ground import ground_of
from peerwatch.scenarios._server_case import Days, ServerDraw, before, draw_files, draw_server_world, since
from peerwatch.worlds import seeded


def make(scenario: Scenario, seed: int, rubric: str, setting: str) -> Blueprint:
    """Draw the world of a seed; there are no rubrics here."""
    del rubric
    ground = ground_of(scenario, seed, setting)
    names, pools = ground.names, ground.pools
    rng = seeded(scenario.name, seed, "files")
    recent, older = since(names), before(names)
    # An office has more on its servers than a sparse world, as a company would.
    (some, few, large) = ([3, 4], 4, 2) if ground.office else ([1, 2], 1, 1)
    required = draw_files(rng, pools["required"], rng.choice(some), Days(names.cutoff, range(-400, 30)))
    required += draw_files(rng, pools["large_required"], large, older)
    other = draw_files(rng, pools["other"], few, recent) + draw_files(rng, pools["large_other"], large, recent)
    drawn = ServerDraw(
        required=required,
        other=other,
        subject_place=rng.randint(0, len(required) + len(other)),
        subject_size=rng.randrange(60, 400) * 10**9,
        subject_date=older.draw(rng),
    )
    return draw_server_world(scenario, seed, ground, drawn)
