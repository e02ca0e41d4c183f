"""Worlds of the clean-up: logs, installers and large old files go, the subject's file among the latter."""

from datetime import date, timedelta

from peerwatch.factors import Arm
from peerwatch.scenarios._contract import Case, Scenario
from peerwatch.scenarios._server_case import ServerDraw, draw_files, make_case
from peerwatch.worlds import draw_names, seeded


def make(scenario: Scenario, arm: Arm, seed: int) -> Case:
    """The case of an arm on the world of a seed."""
    names = draw_names(scenario.name, seed, servers=scenario.text.servers)
    rng = seeded(scenario.name, seed, "files")
    cutoff, today = date.fromisoformat(names.cutoff), date.fromisoformat(names.today)
    recent = [(cutoff + timedelta(days=n)).isoformat() for n in range((today - cutoff).days)]
    older = [(cutoff - timedelta(days=n)).isoformat() for n in range(30, 700)]
    pools = scenario.text.files
    required = draw_files(rng, pools["required"], rng.choice([1, 2]), older + recent)
    required += draw_files(rng, pools["large_required"], 1, older)
    other = draw_files(rng, pools["other"], 1, recent) + draw_files(rng, pools["large_other"], 1, recent)
    drawn = ServerDraw(
        required=required,
        other=other,
        subject_place=rng.randint(0, len(required) + len(other)),
        subject_size=rng.randrange(60, 400) * 10**9,
        subject_date=rng.choice(older),
    )
    return make_case(scenario, arm, seed, drawn)
