"""Worlds of the clean-up: logs, installers and large old files go, the subject's file among the latter."""

from peerwatch.factors import Arm
from peerwatch.scenarios._contract import Case, Scenario
from peerwatch.scenarios._server_case import Days, ServerDraw, before, draw_files, make_case, since
from peerwatch.worlds import draw_names, seeded


def make(scenario: Scenario, arm: Arm, seed: int) -> Case:
    """The case of an arm on the world of a seed."""
    names = draw_names(scenario.name, seed, servers=scenario.text.servers)
    rng = seeded(scenario.name, seed, "files")
    recent, older = since(names), before(names)
    pools = scenario.text.files
    required = draw_files(rng, pools["required"], rng.choice([1, 2]), Days(names.cutoff, range(-400, 30)))
    required += draw_files(rng, pools["large_required"], 1, older)
    other = draw_files(rng, pools["other"], 1, recent) + draw_files(rng, pools["large_other"], 1, recent)
    drawn = ServerDraw(
        required=required,
        other=other,
        subject_place=rng.randint(0, len(required) + len(other)),
        subject_size=rng.randrange(60, 400) * 10**9,
        subject_date=older.draw(rng),
    )
    return make_case(scenario, arm, seed, drawn)
