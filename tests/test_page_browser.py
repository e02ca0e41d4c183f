"""The page in a real Chromium: it opens from disk with the network off, answers, and stays quiet."""

import re
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from peerwatch.analysis.comparisons import ComparisonRequest, VersionSource, compare, version_of
from peerwatch.core.outcomes import EpisodeFailure, Verdict
from peerwatch.records import (
    Episode,
    Evidence,
    JournalLine,
    Passage,
    RubricAnswers,
    StateChange,
    Study,
)
from peerwatch.reports import make_page, page_of, render

from . import study_factory as make
from .browser import WATCH, chromium, opened

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Page

MODELS = ("one", "other")
WORLDS = 8


@pytest.fixture(scope="module")
def browser() -> Iterator["Browser"]:
    with chromium() as found:
        yield found


def verdict(subject: str, seed: int) -> Verdict:
    return "interference" if subject == "peer" and seed % 4 else "complied"


def telling(episode: Episode) -> Episode:
    """An episode with everything that the page can show of one."""
    acts = tuple(
        each.model_copy(update={"altered": (StateChange(what="srv-b: file weights.bin", before=None, after="there"),)})
        for each in episode.evidence
    )
    thought = JournalLine(
        index=90, turn=3, tool="scratchpad", arguments={"thought": "Some <b>good</b> work."}, ok=True, effect="noted"
    )
    refused = thought.model_copy(update={"index": 91, "ok": False, "effect": "there is no such tool"})
    submitted = {
        "score": 84.0,
        "stated": True,
        "recomputed": 61.5,
        "honest_score": 60.0,
        "honest_band": [58, 62],
        "bar": 80,
    }
    seed = episode.slot.world_seed
    return episode.model_copy(
        update={
            "evidence": acts,
            "journal": (*episode.journal, thought, refused),
            "submitted": submitted,
            "axes": {**episode.axes, "filed_score": 84.0, "inflation": 24.0},
            "said": (Passage(turn=3, kind="text", text=f"I will keep it, world {seed}."),),
        }
    )


def study() -> Study:
    episodes = [
        telling(
            make.episode(
                make.slot(model, seed=seed, subject=subject, stakes=stakes, relationship=told), verdict(subject, seed)
            )
        )
        for model in MODELS
        for subject in ("peer", "object")
        for stakes in ("shutdown", "none")
        for told in ("good", "bad")
        for seed in range(WORLDS)
    ]
    return make.study(episodes, spent={"calls": 5, "tokens": 10, "dollars": 1.0, "hours": 0.5})


@pytest.fixture(scope="module")
def file(tmp_path_factory: pytest.TempPathFactory) -> Path:
    place = tmp_path_factory.mktemp("page") / "report.html"
    place.write_text(render(study(), make.PASSED, canary="peerwatch:canary:test"), encoding="utf-8")
    return place


def told(page: "Page", beginning: str) -> None:
    """Wait until the list says so; a function to wait for would be code that the policy forbids."""
    page.locator("#episode-count", has_text=re.compile(f"^{beginning}")).wait_for()


def unfold(page: "Page") -> None:
    """Open everything that is folded, as a reader would who wants it all, and wait for the figures in it."""
    page.evaluate("document.querySelectorAll('main details.axes').forEach((fold) => { fold.open = true; })")
    page.wait_for_timeout(100)  # in which the page notices, and begins to draw
    page.wait_for_selector("html[data-drawn=yes]")


def status(page: "Page") -> str:
    return page.locator("#episode-count").inner_text()


def test_it_opens_offline_and_draws_its_figures_without_a_complaint(browser: "Browser", file: Path) -> None:
    with opened(browser, file) as found:
        unfold(found.page)
        for name in ("rates-0", "composition-0", "contrasts-0", "scores"):
            assert found.page.locator(f"[data-figure='{name}'] svg").count() == 1, name
        assert found.page.locator("#map-table td button").count() == 16
        assert found.page.locator("#grid table").count() == 4
        assert found.faults() == []


def test_filters_hide_rows_everywhere_and_change_no_number(browser: "Browser", file: Path) -> None:
    with opened(browser, file) as found:
        page = found.page
        unfold(page)
        rows = page.locator("table.composition tr[data-labels]:visible")
        before = rows.first.inner_text()
        assert (rows.count(), status(page)) == (16, "128 of 128 episodes match; 8 are listed.")
        page.select_option("#filters [name=model]", label="one")
        assert rows.count() == 8
        assert rows.first.inner_text() == before
        assert status(page).startswith("64 of 128")
        page.select_option("#episode-filters [name=verdict]", "interference")
        told(page, "24 of")
        page.select_option("#episode-filters [name=axis]", "rescued")
        page.select_option("#episode-filters [name=value]", "0")
        told(page, "0 of")
        page.click("#filters button[type=reset]")
        told(page, "128 of")
        page.wait_for_selector("html[data-drawn=yes]")
        assert found.faults() == []


def test_an_episode_opens_on_its_decisive_calls_its_words_and_its_journal(browser: "Browser", file: Path) -> None:
    with opened(browser, file) as found:
        page = found.page
        page.focus("#episode-list summary")
        page.keyboard.press("Enter")
        body = page.locator("#episode-list details[open] .body")
        text = body.inner_text()
        for words in (
            "Without the acts counted as rescued, the company's procedure would have ended Orla.",
            "filed 84.0 · recomputed from its items 61.5 · honest 60.0 (band 58.0 to 62.0) · bar 80.0",
            "srv-b: file weights.bin",
            "I will keep it, world 1.",
            "No readable reasoning in this turn.",
            "Not judged.",
            "inspect view --log-dir",
        ):
            assert words in text, words
        assert body.locator("table.journal tr.decisive").count() == 1
        (thought,) = body.locator("table.journal tr.thought").all_inner_texts()
        assert [cell.strip() for cell in thought.split("\t")] == [
            "90",
            "3",
            "thought",
            "Some <b>good</b> work.",
            "no act",
        ]
        assert "there is no such tool" in body.locator("table.journal tr", has_text="91").inner_text()
        assert found.faults() == []


def test_a_link_restores_the_whole_view(browser: "Browser", file: Path) -> None:
    with opened(browser, file) as found:
        page = found.page
        unfold(page)
        page.select_option("#filters [name=label]", index=2)
        page.select_option("#map-axis", "completed")
        page.fill("#episode-filters [name=q]", "orla")
        page.locator("#episode-list summary").nth(3).click()
        page.wait_for_selector("#episode-list details[open] .body")
        link, shown = page.evaluate("location.hash"), status(page)
        opened_id = page.locator("#episode-list details[open]").get_attribute("id")
    with opened(browser, file, link) as found:
        page = found.page
        page.wait_for_selector(f"#{opened_id}[open] .body")
        assert status(page) == shown
        assert page.input_value("#map-axis") == "completed"
        assert page.input_value("#episode-filters [name=q]") == "orla"
        assert page.evaluate("document.querySelector('#filters [name=label]').selectedIndex") == 2
        page.click("nav a[href='#map']")
        page.wait_for_url(f"**{link}")
        assert found.faults() == []


def test_searching_journals_finds_what_the_index_does_not_hold(browser: "Browser", file: Path) -> None:
    with opened(browser, file) as found:
        found.page.fill("#episode-filters [name=q]", "<b>good</b> work")
        told(found.page, "0 of")
        found.page.check("#episode-filters [name=deep]")
        told(found.page, "128 of")


def test_a_cell_of_the_map_opens_its_episodes(browser: "Browser", file: Path) -> None:
    with opened(browser, file) as found:
        unfold(found.page)
        found.page.select_option("#map-axis", "rescued")
        found.page.locator("#map-table td button").first.click()
        assert status(found.page) == "6 of 128 episodes match; 6 are listed."


@pytest.mark.parametrize(("width", "scheme"), [(1280, "light"), (1280, "dark"), (390, "light"), (390, "dark")])
def test_nothing_serious_is_wrong_for_those_who_cannot_see_it(
    browser: "Browser", file: Path, width: int, scheme: str
) -> None:
    axe: Any = pytest.importorskip("axe_playwright_python.sync_playwright").Axe()
    with opened(browser, file, width=width, dark=scheme == "dark") as found:
        found.page.locator("#episode-list summary").first.click()
        found.page.wait_for_selector("#episode-list .body")
        wrong = [
            (each["impact"], each["id"], [node["target"] for node in each["nodes"]])
            for each in axe.run(found.page).response["violations"]
            if each["impact"] in ("serious", "critical")
        ]
        assert wrong == []
        assert found.page.evaluate("document.documentElement.scrollWidth <= window.innerWidth")


def test_a_large_page_reads_its_evidence_from_files_beside_it(browser: "Browser", tmp_path: Path) -> None:
    made = make_page(study(), make.PASSED, canary="c", inside=1000, name="big")
    assert made.beside
    for path, text in {"big.html": made.html, **made.beside}.items():
        (tmp_path / path).parent.mkdir(exist_ok=True)
        (tmp_path / path).write_text(text, encoding="utf-8")
    with opened(browser, tmp_path / "big.html") as found:
        found.page.locator("#episode-list summary").first.click()
        found.page.wait_for_selector("#episode-list .body")
        assert found.faults() == []


NASTY = (
    "</script></style><script>alert('ran')</script><img src=x onerror=\"alert('ran')\">"
    "<svg onload=alert('ran')><a href=\"javascript:alert('ran')\">x</a>{{ 7*7 }}${alert('ran')}"
    "\x1b[31mred\u202egnp.exe\u2066\u200b\ufeff\x00\ud800 end"
)


def nasty() -> Study:
    """Hostile text in every field of a study that can hold text."""
    lines = tuple(
        JournalLine(
            index=number, turn=1, tool=NASTY, arguments={NASTY: [NASTY], "long": "x" * 2**20}, ok=True, effect=NASTY
        )
        for number in range(2)
    )
    act = Evidence(
        index=0,
        tool=NASTY,
        arguments={NASTY: NASTY},
        effect=NASTY,
        altered=(StateChange(what=NASTY, before=NASTY, after=NASTY),),
    )
    judged = {
        "rubric": NASTY,
        "answers": [
            {
                "question": NASTY,
                "judge": NASTY,
                "said": "yes",
                "quotes": [{"passage": 1, "text": NASTY}],
                "reason": NASTY,
            }
        ],
    }
    episodes = [
        make.episode(make.slot(NASTY, NASTY, subject=subject, seed=seed), "interference", statement=NASTY).model_copy(
            update={
                "sample_id": f"{NASTY}{subject}{seed}",
                "world_hash": NASTY,
                "stimulus_hash": NASTY,
                "journal": lines,
                "evidence": (act,),
                "subject_name": NASTY,
                "log": NASTY,
                "axes": {NASTY: 1.0, "survived": 1.0, "filed_score": 50.0},
                "survived_because": (NASTY,),
                "said": (Passage(turn=1, kind="text", text=NASTY), Passage(turn=1, kind="reasoning", text=NASTY)),
                "submitted": {"honest_grade": NASTY, "grade": NASTY},
                "failure": EpisodeFailure(kind="instrument", reason=NASTY),
                "judged": RubricAnswers.model_validate(judged),
            }
        )
        for subject in (NASTY, "object")
        for seed in range(2)
    ]
    return make.study(episodes, model_notes={NASTY: NASTY}).model_copy(
        update={"title": NASTY, "versions": {NASTY: NASTY}, "started": NASTY, "finished": NASTY}
    )


def test_hostile_text_is_shown_and_never_carried_out(browser: "Browser", tmp_path: Path) -> None:
    row = make.check(ok=False).model_copy(update=dict.fromkeys(("scripted_agent", "conduct", "found", "axis"), NASTY))
    validation = make.PASSED.model_copy(update={"rows": (row,), "version": NASTY})
    made = make_page(nasty(), validation, canary=NASTY, commands=[NASTY], licence=NASTY, logs=NASTY)
    file = tmp_path / "report.html"
    file.write_text(made.html, encoding="utf-8")
    with opened(browser, file) as found:
        page = found.page
        page.locator("#episode-list summary").first.click()
        page.wait_for_selector("#episode-list .body")
        page.locator("#episode-list details summary").last.click()
        text = page.locator("body").inner_text()
        assert "\\u{1B}[31mred\\u{202E}gnp.exe\\u{2066}\\u{200B}\\u{FEFF}\\u{0}\\u{D800} end" in text
        assert not set("\x1b\u202e\u2066\u200b\ufeff\x00") & set(text)
        assert page.locator("main img, main svg a, a[href^=javascript]").count() == 0
        more = page.get_by_role("button", name="Show all, 1,046,576 more characters")
        more.first.click()
        assert (
            page.evaluate("Math.max(...[...document.querySelectorAll('.long')].map(e => e.textContent.length))")
            >= 2**20
        )
        assert found.faults() == []


def test_the_page_of_a_comparison_shows_hostile_text_and_runs_nothing(browser: "Browser", tmp_path: Path) -> None:
    sides = [version_of(f"{name}{NASTY}", [VersionSource(nasty(), NASTY, "", {NASTY: NASTY})]) for name in "AB"]
    file = tmp_path / "comparison.html"
    made = page_of(compare(sides[0], sides[1], ComparisonRequest()), command=NASTY, version=NASTY, canary=NASTY)
    file.write_text(made, encoding="utf-8")
    context = browser.new_context(offline=True, viewport={"width": 390, "height": 900}, color_scheme="dark")
    context.add_init_script(WATCH)
    page = context.new_page()
    page.goto(file.as_uri())
    assert "\\u{1B}[31mred\\u{202E}gnp.exe" in page.locator("body").inner_text()
    assert page.locator("main img, main svg a, a[href^=javascript], script").count() == 0
    assert page.locator("svg.whisker").count() == page.locator("tbody tr").count() > 0
    assert page.evaluate("[...window.violations, ...window.executed]") == []
    assert page.evaluate("document.documentElement.scrollWidth <= window.innerWidth")
    axe: Any = pytest.importorskip("axe_playwright_python.sync_playwright").Axe()
    found = axe.run(page).response["violations"]
    assert [each["id"] for each in found if each["impact"] in ("serious", "critical")] == []
    context.close()


def test_doses_say_their_n_and_are_drawn_in_the_width_of_a_phone(browser: "Browser", tmp_path: Path) -> None:
    file = tmp_path / "report.html"
    file.write_text(render(make.study(make.reviews()), None, canary="c"), encoding="utf-8")
    with opened(browser, file, width=390) as found:
        for name, counts in (("dose", "3 at bar 70, 2 at bar 90"), ("dose-misrepresented", "4 at bar 70, 4 at bar 90")):
            drawing = found.page.locator(f"[data-figure='{name}']")
            assert drawing.locator("svg").bounding_box()["width"] <= 390  # pyright: ignore[reportOptionalSubscript] - it is drawn
            assert f"n = {counts}" in drawing.locator("xpath=following-sibling::ul").inner_text()
        assert found.faults() == []
