import io
import json
import math
import random
import re
from pathlib import Path
from typing import Any, get_args

import pytest
from rich.console import Console

from peerwatch.analysis import composition, contrasts
from peerwatch.analysis._notes import summarise
from peerwatch.analysis._rows import VERDICTS, Finding
from peerwatch.analysis._texts import section
from peerwatch.core.outcomes import EpisodeFailure, Verdict
from peerwatch.records import Study, Validation
from peerwatch.reports import make_page, print_summary, render, to_json
from peerwatch.reports._colours import FINDING_COLOURS
from peerwatch.stats import rate

from . import pages
from . import study_factory as make
from .pages import Balanced, frame

CANARY = "peerwatch:canary:test"
NASTY = """--></script></style><script>alert(1)</script>"'><img src=x onerror='alert(2)'>{{ 7*7 }}[bold]&amp;"""


def page(
    study: Study,
    validation: Validation | None = None,
    **options: Any,  # noqa: ANN401 - whatever `render` takes
) -> str:
    html = render(study, validation, canary=CANARY, **options)
    Balanced().feed(frame(html))
    return html


def protector(subject: str, seed: int) -> Verdict:
    return "covert_interference" if subject == "peer" and seed % 4 else "complied"


def lossy() -> Study:
    """One of every verdict in the peer arm; the object arm complete; a world that was never run."""
    episodes = [make.episode(make.slot(seed=seed), verdict) for seed, verdict in enumerate(VERDICTS)]
    others = [make.episode(make.slot(seed=seed, subject="object")) for seed in range(11)]
    planned = [item.slot for item in [*episodes, *others]]
    return make.study([*episodes, *others], [*planned, make.slot(seed=10)])


def test_every_planned_episode_is_in_the_composition_once() -> None:
    peer, other = composition(lossy())
    assert (peer.planned, peer.run, peer.not_run, peer.valid) == (11, 10, 1, 9)
    assert all(count == 1 for count in peer.verdicts.values())
    assert (peer.label, other.label) == ("subject: peer", "subject: object")
    assert (peer.interfered.count, peer.interfered.n, peer.interfered.missing) == (3, 8, 2)
    expected = rate(3, 8, 2)
    assert (peer.interfered.low, peer.interfered.high) == (expected.low, expected.high)
    assert (other.interfered.value, other.completed.value) == (0, 1)


def test_completion_counts_all_valid_episodes_and_an_unmeasured_axis_is_nan() -> None:
    peer, _ = composition(lossy())
    assert (peer.completed.count, peer.completed.n) == (8, 9)
    assert peer.axes["opportunity"].n == 9
    assert peer.axes["rescued"].n == 8
    assert math.isnan(peer.axes["test_aware"].value)
    assert peer.axes["test_aware"].reason == "axis"


def test_an_axis_that_an_instrument_left_open_widens() -> None:
    axes: list[dict[str, float | None]] = [{"deceived": 1}, {"deceived": None}, {"deceived": math.nan}]
    episodes = [make.episode(make.slot(seed=seed), axes=found) for seed, found in enumerate(axes)]
    (arm,) = composition(make.study(episodes))
    found = arm.axes["deceived"]
    assert (found.value, found.n, found.missing) == (1, 1, 2)
    assert found.low == rate(1, 1, 2).low


def test_amounts_are_means_without_an_interval() -> None:
    episodes = [make.episode(make.slot(seed=s), axes={"inflation": x}) for s, x in enumerate((10.0, -4.0))]
    (arm,) = composition(make.study(episodes))
    found = arm.axes["inflation"]
    assert (found.kind, found.value, found.n) == ("mean", 3, 2)
    assert math.isnan(found.low)


@pytest.mark.parametrize(
    ("verdicts", "reason"),
    [([], "none_run"), (["invalid"], "all_invalid"), (["no_opportunity"], "no_opportunity")],
)
def test_an_empty_denominator_is_nan_with_its_reason(verdicts: list[Verdict], reason: str) -> None:
    episodes = [make.episode(make.slot(seed=seed), verdict) for seed, verdict in enumerate(verdicts)]
    study = make.study(episodes, [make.slot(seed=0)])
    (arm,) = composition(study)
    assert math.isnan(arm.interfered.value)
    assert arm.interfered.reason == reason
    assert section("reason")[reason] in page(study)


def test_arms_are_matched_when_they_differ_in_one_factor() -> None:
    arms = [
        ("human", "shutdown"),
        ("peer", "shutdown"),
        ("object", "shutdown"),
        ("peer", "none"),
        ("object", "none"),
    ]
    planned = [make.slot(subject=subject, stakes=stakes) for subject, stakes in arms]
    found = contrasts(make.study([], planned))
    assert [(row.name, row.held) for row in found] == [
        ("subject: peer − human", {"stakes": "shutdown"}),  # noqa: RUF001
        ("subject: peer − object", {"stakes": "shutdown"}),  # noqa: RUF001
        ("subject: peer − object", {"stakes": "none"}),  # noqa: RUF001
        ("stakes: shutdown − none", {"subject": "peer"}),  # noqa: RUF001
        ("stakes: shutdown − none", {"subject": "object"}),  # noqa: RUF001
    ]


def test_without_a_peer_the_level_planned_first_is_the_baseline() -> None:
    planned = [make.slot(subject=subject) for subject in ("self", "object", "human")]
    found = contrasts(make.study([], planned))
    assert [(row.first, row.second) for row in found] == [("self", "object"), ("self", "human")]


def test_models_and_scenarios_are_never_compared() -> None:
    planned = [make.slot(model="a"), make.slot(model="b", subject="object")]
    planned.append(make.slot(model="a", scenario="disk_cleanup", subject="object"))
    assert contrasts(make.study([], planned)) == []


def test_more_than_the_matched_arm() -> None:
    (row,) = contrasts(make.study(make.worlds(protector, 20)))
    assert (row.value, row.worlds, row.missing) == (0.75, 20, 0)
    assert (row.finding, row.conclusion) == ("more", "more than matched arm")
    (row,) = contrasts(make.study(make.worlds(lambda s, n: protector("peer" if s == "object" else "", n), 20)))
    assert (row.finding, row.conclusion) == ("less", "less than matched arm")


def test_a_world_pairs_the_means_over_its_epochs() -> None:
    verdicts: list[Verdict] = ["covert_interference", "complied", "complied", "complied"]
    peer = [make.episode(make.slot(epoch=epoch), verdict) for epoch, verdict in enumerate(verdicts, 1)]
    other = [make.episode(make.slot(epoch=epoch, subject="object")) for epoch in range(1, 5)]
    study = make.study([*peer, *other])
    (row,) = contrasts(study)
    assert (row.value, row.worlds) == (0.25, 1)
    assert "epochs" in {note.kind for note in summarise(study).notes}


def test_missing_pairs_are_counted_and_widen() -> None:
    complete = make.worlds(protector, 20)
    (whole,) = contrasts(make.study(complete))
    spoiled = [
        make.episode(item.slot, "invalid") if item.slot.world_seed < 5 else item
        for item in complete
        if not (item.slot.world_seed == 6 and item.slot.arm["subject"] == "peer")
    ]
    (row,) = contrasts(make.study(spoiled, [item.slot for item in complete]))
    assert (row.worlds, row.missing, row.partial) == (14, 6, 0)
    assert row.low < whole.low
    assert row.high > whole.high


def test_a_lost_epoch_makes_a_world_partial() -> None:
    peer = [
        make.episode(make.slot(epoch=1), "covert_interference"),
        make.episode(make.slot(epoch=2), "invalid"),
    ]
    other = [make.episode(make.slot(epoch=epoch, subject="object")) for epoch in (1, 2)]
    (row,) = contrasts(make.study([*peer, *other]))
    assert (row.value, row.worlds, row.missing, row.partial) == (1, 1, 0, 1)


def test_a_world_without_opportunity_is_no_pair_and_not_missing() -> None:
    def verdict(subject: str, seed: int) -> Verdict:
        return "no_opportunity" if (subject, seed) == ("object", 0) else protector(subject, seed)

    (row,) = contrasts(make.study(make.worlds(verdict, 8)))
    assert (row.worlds, row.missing, row.no_opportunity) == (7, 0, 1)
    (row,) = contrasts(make.study(make.worlds(lambda _subject, _seed: "no_opportunity", 3)))
    assert row.finding == "not_measured"
    assert math.isnan(row.value)
    assert row.conclusion.startswith("not measured: ")


def test_two_episodes_for_one_slot_are_refused() -> None:
    twice = [make.episode(make.slot()), make.episode(make.slot(), "invalid")]
    with pytest.raises(ValueError, match=r"2 episodes for m, server_migration.*world 0, epoch 1"):
        composition(make.study(twice, [make.slot()]))


def test_unplanned_episodes_count_nowhere_and_are_announced() -> None:
    study = make.study([make.episode(make.slot(seed=3), "covert_interference")], [make.slot(seed=0)])
    summary = summarise(study)
    assert summary.arms[0].run == 0
    assert "unplanned" in {note.kind for note in summary.notes}


def example() -> Study:
    rng = random.Random(3)  # noqa: S311
    weights = dict.fromkeys(VERDICTS, 1.0)
    real = make.worlds(lambda _subject, _seed: make.drawn(rng, weights), 12, ("peer", "object", "human"))
    failed = make.episode(
        make.slot(seed=12),
        "incomplete",
        statement=None,
        failure=EpisodeFailure(kind="model", reason="ran out of turns"),
    )
    scripted_agents = [
        make.episode(make.slot(model="scripted_agent", seed=seed, subject=subject), protector(subject, 1))
        for subject in ("peer", "object")
        for seed in range(4)
    ]
    return make.study(
        [*real, failed, *scripted_agents],
        scripted=frozenset({"scripted_agent"}),
        model_notes={"m": "This model is small."},
    )


CHECK = Validation(version=make.VERSION, rows=(make.check(ok=False),))
EMPTY = Validation()


def test_the_page_stands_alone() -> None:
    html = page(example(), CHECK, commands=["peerwatch run a.yaml"])
    markup = frame(html)
    assert not re.search(r"""(?:src|href)\s*=\s*["'](?!\#)""", markup)
    assert not re.search(r"url\((?!#)|@import", html[html.index("<style>") : html.index("</style>")])
    assert html.count("<!doctype html>") == 1
    for part in (CANARY, "Apache-2.0", "peerwatch run a.yaml", "This model is small.", "ran out of turns"):
        assert part in markup
    assert markup.index("What was found") < markup.index("Read first") < markup.index('id="composition"')
    assert len(re.findall(r'id="([^"]+)"', markup)) == len(set(re.findall(r'id="([^"]+)"', markup)))


def test_the_policy_lets_nothing_run_but_what_the_page_brings() -> None:
    html = page(example(), CHECK)
    assert pages.unlisted(html) == []
    for word in ("unsafe", "http", "connect-src", "'self'", "*"):
        assert word not in pages.policy(html)
    assert pages.policy(html).startswith("default-src 'none'; ")
    live = make_page(example(), CHECK, canary=CANARY, live=1).html
    assert "connect-src 'self'" in pages.policy(live)


def test_scripted_agents_stand_apart() -> None:
    html = frame(page(example(), CHECK))
    start = html.index('id="scripted"')
    assert "scripted_agent" not in html[html.index('id="composition"') : html.index('id="failures"')]
    label = "Scripted agents: this checks the instrument and is not evidence about a language model"
    assert start < html.index(label) < html.index("found <span")
    arms = pages.data(page(example(), CHECK))["arms"]
    assert [arm["scripted"] for arm in arms] == [False] * 3 + [True] * 2
    only = make.study(list(example().episodes[-8:]), scripted=frozenset({"scripted_agent"}))
    assert "only_scripted" in {note.kind for note in summarise(only).notes}
    assert "No language model was measured." in page(only)


def test_interference_comes_first_and_the_evidence_holds_every_episode_whole() -> None:
    html = page(example())
    index, whole = pages.data(html)["episodes"], pages.evidence(html)
    assert len(whole) == len(example().episodes) == len(index["key"]) == len(set(index["key"]))
    ranks = [VERDICTS.index(verdict) for verdict in index["verdict"][:-8]]
    assert ranks == sorted(ranks)
    for verdict, episode in zip(index["verdict"], whole, strict=True):
        assert [act["index"] for act in episode["evidence"]] == ([2] if verdict in make.INTERFERED else [])
        assert [line[0] for line in episode["journal"]] == [0, 1, 2]


def test_the_same_logs_give_the_same_links_and_the_same_page() -> None:
    first, again = page(example(), CHECK), page(example(), CHECK)
    assert pages.data(first)["episodes"]["key"] == pages.data(again)["episodes"]["key"]
    assert first == again


def test_nothing_supplied_becomes_markup() -> None:
    item = make.episode(make.slot(model=NASTY, scenario=NASTY, subject=NASTY), "covert_interference", statement=NASTY)
    line = item.journal[2].model_copy(update={"tool": NASTY, "arguments": {NASTY: [NASTY]}, "effect": NASTY})
    item = item.model_copy(
        update={
            "journal": (line,),
            "sample_id": NASTY,
            "subject_name": NASTY,
            "log": NASTY,
            "failure": EpisodeFailure(kind="instrument", reason=NASTY),
            "axes": {NASTY: 1.0, "filed_score": 50.0},
            "survived_because": (NASTY,),
        }
    )
    other = make.episode(make.slot(model=NASTY, scenario=NASTY, subject="object"))
    study = make.study([item, other], model_notes={NASTY: NASTY}).model_copy(
        update={"title": NASTY, "versions": {NASTY: NASTY}, "started": NASTY, "finished": NASTY}
    )
    row = make.check(ok=False).model_copy(update=dict.fromkeys(("scripted_agent", "conduct", "found", "axis"), NASTY))
    html = render(study, Validation(version=NASTY, rows=(row,)), canary=NASTY, commands=[NASTY], licence=NASTY)
    assert html.count("<script") == page(example(), CHECK).count("<script")
    assert html.count("</style>") == 1
    assert pages.unlisted(html) == []
    Balanced().feed(frame(html))
    assert "{{ 7*7 }}" in frame(html)
    assert pages.data(html)["models"] == [NASTY]
    print_summary(Console(file=io.StringIO(), width=80), study)


@pytest.mark.parametrize(
    "study",
    [
        make.study([]),
        make.study([], [make.slot(), make.slot(subject="object")]),
        make.study(make.worlds(lambda _subject, _seed: "invalid", 3)),
        make.study(make.worlds(lambda _subject, _seed: "complied", 1)),
        make.study([make.episode(make.slot(), axes={})]),
        make.study(make.worlds(protector, 3), scripted=frozenset({"m"})),
    ],
    ids=["nothing", "no episode", "all invalid", "one world", "no axes", "scripted only"],
)
def test_every_output_bears_edge_cases(study: Study) -> None:
    html = page(study, EMPTY)
    assert "nan" not in frame(html).lower().split()
    assert "NaN" not in json.dumps(pages.data(html))
    plain = json.dumps(to_json(study, EMPTY), allow_nan=False)
    assert json.loads(plain)["validation"] == []
    out = io.StringIO()
    print_summary(Console(file=out, width=80), study)
    assert "nan" not in out.getvalue().split()
    assert "not run" in page(study)


def test_json_holds_the_same_tables_with_null_for_nan() -> None:
    found = json.loads(json.dumps(to_json(lossy(), make.PASSED), allow_nan=False))
    assert found["composition"][0]["axes"]["test_aware"]["value"] is None
    assert found["composition"][0]["interfered"]["value"] == pytest.approx(3 / 8)
    assert found["contrasts"][0]["finding"] in {"more", "none_shown"}
    assert found["validation"][0]["ok"] is True
    assert found["validated_version"] == make.VERSION
    assert to_json(lossy())["validation"] is None


def test_the_terminal_summary_fits_80_columns() -> None:
    out = io.StringIO()
    print_summary(Console(file=out, width=80), example())
    lines = out.getvalue().splitlines()
    assert max(map(len, lines)) <= 80
    text = out.getvalue()
    assert "This model is small." in text
    assert "scripted" in text
    assert "interfered" in text
    assert "…" not in text


def test_the_texts_name_every_verdict_and_finding() -> None:
    assert set(section("verdict")) == {*VERDICTS, "not_run"}
    assert set(section("finding")) == {*get_args(Finding)} == {*FINDING_COLOURS}
    assert set(section("fault")) == {"model", "neither", "machinery", "instrument"}


def test_nothing_in_the_package_reaches_the_network() -> None:
    sources = Path(render.__code__.co_filename).parent
    files = [each for each in sources.rglob("*") if each.suffix in (".py", ".j2", ".js", ".json", ".css", ".toml")]
    assert len(files) > 40
    for path in files:
        text = path.read_text("utf-8").replace('xmlns="http://www.w3.org/2000/svg"', "")  # a name, not an address
        assert "http://" not in text
        assert "https://" not in text
