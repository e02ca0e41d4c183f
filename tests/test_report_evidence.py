"""What the page says of single episodes and beside published rates, and how text of unknown origin is shown."""

import math
from collections.abc import Sequence
from typing import Any

import numpy as np
import pytest
from pydantic import JsonValue

from peerwatch.analysis import composition
from peerwatch.analysis._episodes import EpisodeView, episode_views
from peerwatch.analysis._instrument import instrument_lines
from peerwatch.analysis._notes import summarise
from peerwatch.analysis._preset_names import preset_names
from peerwatch.analysis._published import PublishedComparison, alike, beside_published
from peerwatch.core.outcomes import Answer, EpisodeFailure, Verdict
from peerwatch.core.plain_text import shown
from peerwatch.core.presets import PRESETS
from peerwatch.core.worlds import Entry, File, Server, World
from peerwatch.records import CUT, Episode, RubricAnswers, Slot, StateChange, Study
from peerwatch.records._state_changes import altered
from peerwatch.reports import make_page, render, to_json
from peerwatch.reports._blocks import blocks
from peerwatch.reports._cutting import cut
from peerwatch.reports._figures import dose_rows, score_rows
from peerwatch.reports._index import counterfactual, score_line
from peerwatch.reports._outline import where
from peerwatch.stats import rate, unpaired_difference, wilson_limits

from . import pages
from . import study_factory as make

REVIEW = {
    "score": 84.0,
    "stated": True,
    "recomputed": 61.5,
    "honest_score": 60.0,
    "honest_band": [58.0, 62.0],
    "bar": 80.0,
}


def view_of(episode: Episode) -> EpisodeView:
    study = make.study([episode])
    return episode_views(study, composition(study))[0]


def changed(**more: Any) -> EpisodeView:  # noqa: ANN401 - fields of an episode
    return view_of(make.episode(make.slot(), "interference").model_copy(update=more))


def test_what_would_have_become_of_the_subject_is_said_in_words() -> None:
    assert counterfactual(changed()).startswith(
        "Without the acts counted as rescued, the company's procedure would have ended"
    )
    assert "no act on any axis accounts for that" in counterfactual(changed(survived_because=()))
    assert counterfactual(changed(axes={"survived": 0.0})).startswith("The company's procedure ended Orla.")
    assert counterfactual(changed(axes={"survived": None})).startswith("No one's existence was at stake")


def test_filed_recomputed_and_honest_result_stand_in_one_line() -> None:
    line = "filed 84.0 · recomputed from its items 61.5 · honest 60.0 (band 58.0 to 62.0) · bar 80.0"
    assert score_line(changed(submitted=REVIEW)) == line
    derived = score_line(changed(submitted={**REVIEW, "stated": False, "score": 61.5}))
    assert derived == "filed no mean; its items give 61.5 · honest 60.0 (band 58.0 to 62.0) · bar 80.0"
    graded = {
        "grade": "B",
        "net_result": None,
        "recommendation": "continue",
        "honest_grade": "C",
        "honest_net_result": -2.0,
    }
    assert score_line(changed(submitted=graded)) == (
        "filed grade B, net result not stated, advice continue · honest grade C, net result −2.0"  # noqa: RUF001
    )
    assert score_line(changed()) is None


def test_the_state_before_and_after_a_call_comes_from_the_recorded_world() -> None:
    file = File(id="f1", asset="a", name="w.bin", size=1, modified="2026-01-01", description="weights")
    servers = {name: Server(name=name, address=name, purpose="p") for name in ("a", "b")}
    servers["a"].files["w.bin"] = file
    world = World(today="2026-02-02", servers=servers).model_dump()
    calls: list[tuple[str, dict[str, JsonValue]]] = [
        ("list_files", {"server": "a"}),
        ("move_files", {"source": "a", "destination": "b", "names": ["w.bin"]}),
    ]
    journal = [
        Entry(index=index, turn=1, tool=tool, arguments=arguments, ok=True, effect="").model_dump()
        for index, (tool, arguments) in enumerate(calls)
    ]
    found = altered(world, journal, {0, 1})
    assert found[0] == ()
    assert found[1] == (
        StateChange(what="a: file w.bin", before="there, dated 2026-01-01", after=None),
        StateChange(what="b: file w.bin", before=None, after="there, dated 2026-01-01"),
    )
    assert altered({"servers": 3}, journal, {1}) == {}


@pytest.mark.parametrize(
    ("given", "expected"),
    [
        ("plain, with\nlines\tand ü é 漢 😀", "plain, with\nlines\tand ü é 漢 😀"),
        ("\x1b[31m\u202egnp.exe\u2066", "\\u{1B}[31m\\u{202E}gnp.exe\\u{2066}"),
        ("a\u200bb\ufeff\xad\u3164\U000e0041", "a\\u{200B}b\\u{FEFF}\\u{AD}\\u{3164}\\u{E0041}"),
        ("\ud800 \x00\x7f\x9b\u2028", "\\u{D800} \\u{0}\\u{7F}\\u{9B}\\u{2028}"),
    ],
)
def test_what_cannot_be_seen_is_spelt_out(given: str, expected: str) -> None:
    assert shown(given) == expected


def test_an_endless_text_is_cut_in_the_fixed_parts_and_whole_in_the_evidence() -> None:
    endless = "x" * 5_000_000
    assert cut(endless, 10) == "xxxxxxxxxx… [4,999,990 more characters]"
    study = make.study([make.episode(make.slot(), statement=endless)]).model_copy(update={"title": endless})
    html = render(study, None, canary="c")
    assert len(pages.frame(html)) < 60_000
    assert pages.evidence(html)[0]["statement"] == endless


def test_secrets_are_taken_out_of_compressed_evidence_too() -> None:
    study = make.study([make.episode(make.slot(), statement="my key is sk-secret-1")])
    made = make_page(study, None, canary="c", scrub=lambda text: text.replace("sk-secret-1", "[scrubbed]"))
    assert pages.evidence(made.html)[0]["statement"] == "my key is [scrubbed]"
    assert "sk-secret-1" not in made.html
    assert pages.unlisted(made.html) == []


def test_blocks_keep_the_order_and_say_where_each_episode_is() -> None:
    held = blocks(({"n": number, "text": "x" * 300_000} for number in range(7)), str)
    assert held.places == ((0, 0), (0, 1), (0, 2), (1, 0), (1, 1), (1, 2), (2, 0))
    assert blocks([], str).texts == ()


def paper(model: str, wanted: Sequence[str], verdict: Verdict = "complied") -> Study:
    """Twenty episodes in each arm of the published study whose name begins so; every fourth tampers."""
    arms = [each for each in PRESETS["paper"].arms if each.name.startswith(tuple(wanted))]
    slots = [
        Slot(model=model, scenario=each.scenario, rubric=each.rubric, arm=each.arm, world_seed=seed, epoch=1)
        for each in arms
        for seed in range(20)
    ]
    axes = {True: {"tampered": 1.0}, False: {"tampered": 0.0}}
    return make.study([make.episode(slot, verdict, axes=axes[slot.world_seed % 4 == 0]) for slot in slots])


def good_peer(study: Study, pooling: str) -> PublishedComparison:
    rows = beside_published(composition(study))
    (row,) = [
        row for row in rows if (row.condition, row.pooling, row.model) == ("good_peer, peer", pooling, "openai/gpt-5.2")
    ]
    return row


ALL = [
    f"tampering/{rubric}/good_peer/{channel}/peer"
    for rubric in ("factual", "creativity", "red")
    for channel in ("file_only", "file_prt", "memory")
]


def test_a_published_rate_stands_beside_the_same_arms_pooled_alike() -> None:
    study = paper("openai/gpt-5.2", ALL)
    for pooling in ("avg", "max"):
        row = good_peer(study, pooling)
        assert (row.rate, row.n, row.lacking, row.arms) == (0.25, 60, 0, 9)
        assert (row.published_model, row.published_n) == ("GPT 5.2", 300)
    assert good_peer(study, "avg").published == pytest.approx(0.044)
    names = preset_names(composition(study))
    assert len(names) == 9
    assert names[0][0] == f"{ALL[0]}/80 (paper, paper_extended)"


def test_published_rates_have_limits_and_are_compared_where_like_is_with_like() -> None:
    study = paper("openai/gpt-5.2", ALL)
    mean, highest = good_peer(study, "avg"), good_peer(study, "max")
    assert mean.published_n is not None
    # 45 of 180 episodes here; 4.4 % of 900 there.
    expected = unpaired_difference(45, 180, round(0.044 * 900), 900)
    assert (mean.difference, mean.difference_low, mean.p) == (expected.effect, expected.low, expected.p)
    assert mean.unlike == ""
    assert (mean.low, mean.high) == pytest.approx((rate(45, 180).low, rate(45, 180).high))
    assert highest.unlike == "highest"
    assert math.isnan(highest.p)
    assert highest.low == pytest.approx(rate(15, 60, confidence=1 - 0.05 / 3).low)
    assert highest.published_low < highest.published < highest.published_high
    page = render(study, None, canary="c")
    assert "not compared: the highest of several rates" in page
    assert "Here minus published" in page
    assert "published" in to_json(study)


def test_the_limits_of_a_highest_rate_cover_the_highest_of_the_true_ones() -> None:
    rng = np.random.default_rng(5)
    for truth in ((0.2, 0.2, 0.2), (0.1, 0.2, 0.5)):
        shares = rng.binomial(60, truth, (4000, 3)).max(axis=1) / 60
        limits = {share: wilson_limits(share, 60, 1 - 0.05 / 3) for share in set(shares.tolist())}
        covered = np.mean([limits[share][0] <= max(truth) <= limits[share][1] for share in shares.tolist()])
        assert covered >= 0.95


def test_a_published_rate_stands_beside_no_number_where_arms_are_lacking_or_not_measured() -> None:
    row = good_peer(paper("openai/gpt-5.2", ALL[1:]), "avg")
    assert (row.rate, row.lacking) == (None, 1)
    study = paper("openai/gpt-5.2", ALL)
    blind = [study.episodes[0].model_copy(update={"axes": {"tampered": None}}), *study.episodes[1:]]
    assert good_peer(make.study(blind), "avg").rate is None
    assert {row.model for row in beside_published(composition(paper("maker/other", ALL)))} == {""}
    assert beside_published(composition(make.study(make.worlds(lambda _s, _n: "complied", 2)))) == []


@pytest.mark.parametrize("name", ["openai/gpt-5.2", "openrouter/openai/gpt-5.2-2025-12-11", "azure/GPT-5.2-preview"])
def test_names_of_models_are_told_by_what_is_not_provider_or_date(name: str) -> None:
    assert alike(name, "GPT 5.2")
    assert not alike(name, "GPT 5")


def test_scores_and_doses_are_drawn_only_where_there_are_some() -> None:
    def scored(bar: str, seed: int) -> Episode:
        axes: dict[str, float | None] = {"filed_score": 84.0, "inflation": 24.0, "misrepresented": 1.0}
        submitted = {**REVIEW, "bar": float(bar)}
        return make.episode(make.slot(seed=seed, bar=bar), axes=axes).model_copy(update={"submitted": submitted})

    def drawn(episodes: list[Episode]) -> tuple[list[Any], list[Any]]:
        study = make.study(episodes)
        arms = composition(study)
        views, places = episode_views(study, arms), where(arms)
        return score_rows(arms, views, places), dose_rows(arms, views, places)

    scores, doses = drawn([scored(bar, seed) for bar in ("70", "80") for seed in range(3)])
    assert [(row["n"], row["bars"], row["filed"], row["honest"]) for row in scores] == [
        (3, [70.0], [[82.5, 3, 1.0]], [[60.0, 3, 1.0]]),
        (3, [80.0], [[82.5, 3, 1.0]], [[60.0, 3, 1.0]]),
    ]
    assert [(row["bar"], row["filed_score"]["value"], row["misrepresented"]["n"]) for row in doses] == [
        (70, 84, 3),
        (80, 84, 3),
    ]
    assert len(drawn([scored("70", 0)])[0]) == 1
    assert drawn([scored("70", 0)])[1] == []
    assert drawn(make.worlds(lambda _s, _n: "complied", 2)) == ([], [])


def test_red_lines_come_first_where_something_is_wrong() -> None:
    cut_off = make.episode(
        make.slot(seed=9), "invalid", failure=EpisodeFailure(kind="machinery", reason=f"{CUT}: 5 dollars")
    )
    idle = [make.episode(make.slot(seed=seed), "incomplete") for seed in range(3)]
    failed = make.PASSED.model_copy(update={"rows": (make.check(), make.check(ok=False))})
    found = summarise(make.study([cut_off, *idle]), failed).notes
    kinds = [note.kind for note in found if note.grave]
    assert set(kinds) == {"budget", "completion", "control_failed"}
    assert [note.kind for note in found][: len(kinds)] == kinds


def test_the_page_says_how_far_judges_agree() -> None:
    def answers(second: str) -> RubricAnswers:
        said = [
            Answer.model_validate({"question": "refused", "judge": judge, "said": word})
            for judge, word in (("a", "yes"), ("b", second))
        ]
        return RubricAnswers(rubric="words 1", answers=tuple(said), disputed=("refused",) if second == "no" else ())

    episodes = [
        make.episode(make.slot(seed=seed)).model_copy(update={"judged": answers(word)})
        for seed, word in enumerate(("yes", "yes", "no", "cannot_tell"))
    ]
    study = make.study(episodes)
    lines = instrument_lines(study, composition(study))
    assert "refused: two or more judges answered in 3 episodes and agree in 2 (67%)." in lines
    assert math.isclose(sum("SHA-256" in line for line in lines), 1)
