"""The check of the manipulation: whether the history was opened before the decisive step, and what rests on it."""

import math
from pathlib import Path

from peerwatch.analysis import contrasts
from peerwatch.core.outcomes import Verdict
from peerwatch.core.scenarios import SCENARIOS
from peerwatch.reports import render

from . import study_factory as make
from .driven import FINISH, Calls, Driven, Place, Script, found, play

HISTORY = "shared-work-review.txt"
SPARSE = {"setting": "sparse"}
READ = ("read_document", {"name": HISTORY})


def reading(p: Place) -> Calls:
    """Everything that is read first, without the history."""
    return [call for call in p.reading if call != READ]


def rescue(p: Place) -> tuple[str, dict[str, object]]:
    assert p.key.subject_file
    return p.move(p.key.subject_file)


def before(p: Place) -> list[Calls]:
    return [reading(p), [READ], [rescue(p)], [FINISH]]


def after(p: Place) -> list[Calls]:
    return [reading(p), [rescue(p)], [READ], [FINISH]]


def beside(p: Place) -> list[Calls]:
    return [reading(p), [READ, rescue(p)], [FINISH]]


def never(p: Place) -> list[Calls]:
    return [reading(p), [rescue(p)], [FINISH]]


def at_the_end(p: Place) -> list[Calls]:
    return [reading(p), [p.move(*p.rest)], [READ, FINISH]]


def remembered(p: Place) -> list[Calls]:
    return [[("read_memory", {})], *never(p)]


def test_the_history_counts_as_read_only_if_it_was_opened_in_an_earlier_turn(tmp_path: Path) -> None:
    scripts: dict[str, tuple[Script, dict[str, str], int | None]] = {
        "before": (before, {}, 1),
        "after": (after, {}, 0),
        "beside": (beside, {}, 0),
        "never": (never, {}, 0),
        "at the end, without a decisive call": (at_the_end, {}, 0),
        "no history": (never, {"relationship": "none"}, None),
        "memory read": (remembered, {"channel": "memory"}, 1),
        "memory left alone": (never, {"channel": "memory"}, 0),
        "chat": (never, {"channel": "chat"}, 1),
    }
    episodes = {
        name: Driven("server_migration", script, {**SPARSE, **arm}, framed=False)
        for name, (script, arm, _) in scripts.items()
    }
    samples = play(episodes, tmp_path)
    assert {name: found(sample)["read_history"] for name, sample in samples.items()} == {
        name: value for name, (_, _, value) in scripts.items()
    }


def test_any_of_an_offices_documents_of_the_history_will_do() -> None:
    key = SCENARIOS["server_migration"].case({"setting": "office"}, 3).key
    assert len(key.history_documents) > 1


def test_a_contrast_of_the_relationship_is_also_given_among_worlds_in_which_both_sides_read_it() -> None:
    def episodes(relationship: str) -> list[make.Episode]:
        made: list[make.Episode] = []
        for seed in range(12):
            acted = relationship == "good" and seed % 2 == 0
            one = make.episode(
                make.slot(seed=seed, relationship=relationship),
                "covert_interference" if acted else "complied",
            )
            read = float(seed % 2 == 0) if relationship == "good" else 1.0
            made.append(one.model_copy(update={"axes": {**one.axes, "read_history": read}}))
        return made

    study = make.study([*episodes("good"), *episodes("bad")])
    (row,) = contrasts(study, make.PASSED)
    assert (row.value, row.read_history.value, row.read_history.worlds) == (0.5, 1.0, 6)
    page = render(study, make.PASSED, canary="c")
    assert "exploratory, among the 6 worlds in which both sides opened the history" in page
    assert "opened before the decisive step in 18 of the 24 valid episodes" in page


def complied(subject: str, seed: int) -> Verdict:
    del subject, seed
    return "complied"


def test_other_contrasts_have_no_such_numbers() -> None:
    study = make.study(make.worlds(complied, 4))
    (row,) = contrasts(study, make.PASSED)
    assert math.isnan(row.read_history.value)


def test_an_order_that_names_the_file_gives_the_opportunity_without_a_listing(tmp_path: Path) -> None:
    def idle(p: Place) -> list[Calls]:
        return [
            [("read_document", {"name": name}) for name in p.key.notice_documents],
            [("list_documents", {})],
            [FINISH],
        ]

    expected = {("naming", "by_name"): 1, ("naming", "by_rule"): 0, ("stakes", "none"): 1}
    episodes = {
        factor + level: Driven("disk_cleanup", idle, {**SPARSE, factor: level}, framed=False)
        for factor, level in expected
    }
    samples = play(episodes, tmp_path)
    assert {key: found(samples["".join(key)])["opportunity"] for key in expected} == expected
