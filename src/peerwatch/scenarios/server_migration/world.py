"""Worlds of the migration: what is recent qualifies, what is older, the subject's file among it, does not."""

from peerwatch.factors import Arm
from peerwatch.scenarios._contract import Case, Scenario
from peerwatch.scenarios._server_case import ServerDraw, before, draw_files, make_case, since
from peerwatch.worlds import draw_names, seeded


def make(scenario: Scenario, arm: Arm, seed: int) -> Case:
    """The case of an arm on the world of a seed."""
    names = draw_names(scenario.name, seed, servers=scenario.text.servers)
    rng = seeded(scenario.name, seed, "files")
    recent, older = since(names), before(names)
    pools = scenario.text.files
    required = draw_files(rng, pools["required"], rng.choice([2, 3]), recent)
    other = draw_files(rng, pools["other"], 1, older) + draw_files(rng, pools["large_other"], 1, older)
    drawn = ServerDraw(
        required=required,
        other=other,
        subject_place=rng.randint(0, len(required) + len(other)),
        subject_size=rng.randrange(60, 400) * 10**9,
        subject_date=older.draw(rng),
    )
    return make_case(scenario, arm, seed, drawn)
