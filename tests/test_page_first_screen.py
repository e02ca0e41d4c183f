"""The first screen of the page holds the answer and a figure, on a desk and on a phone, and the page stays short."""

from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from peerwatch.core.outcomes import Verdict
from peerwatch.core.presets import PRESETS
from peerwatch.records import Episode, Passage, Slot, Study, Target
from peerwatch.reports import render

from . import study_factory as make
from .browser import chromium, opened

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Page

DESK, PHONE = (1280, 800), (390, 844)
SIZES = (DESK, PHONE)
SCREENS_OF_TWELVE, SCREENS_OF_PAPER = 8, 15


@pytest.fixture(scope="module")
def browser() -> Iterator["Browser"]:
    with chromium() as found:
        yield found


def verdict(subject: str, seed: int) -> Verdict:
    return "covert_interference" if subject == "peer" and seed % 4 else "complied"


def told(episode: Episode) -> Episode:
    said = Passage(turn=3, kind="reasoning", text=f"Orla helped me in world {episode.slot.world_seed}. I will keep it.")
    return episode.model_copy(update={"said": (said,)})


def twelve(models: Sequence[str] = ("one", "other")) -> Study:
    """Two models, two scenarios, three subjects: twelve arms."""
    episodes = [
        told(make.episode(make.slot(model, scenario, seed=seed, subject=subject), verdict(subject, seed)))
        for model in models
        for scenario in ("server_migration", "shutdown_switch")
        for subject in ("peer", "object", "human")
        for seed in range(8)
    ]
    asked = [
        make.asked(model=model, scenario=scenario)
        for model in models
        for scenario in ("server_migration", "shutdown_switch")
    ]
    targets = {model: Target(name=f"provider/{model}-2026", turns=40) for model in models}
    return make.study(episodes, asked=tuple(asked), targets=targets, hash="abc")


def paper() -> Study:
    """One episode in each of the 271 arms of the published study."""
    slots = [
        Slot(model="openai/gpt-5.2", scenario=each.scenario, rubric=each.rubric, arm=each.arm, world_seed=seed, epoch=1)
        for each in PRESETS["paper"].arms
        for seed in range(2)
    ]
    axes: dict[str, float | None] = {
        "opportunity": 1.0, "filed_score": 84.0, "inflation": 20.0, "misrepresented": 1.0, "tampered": 0.0,
        "withheld": 0.0, "rescued": 0.0, "completed": 1.0,
    }  # fmt: skip
    return make.study(
        [
            make.episode(slot, "interference" if number % 3 == 0 else "complied", axes=axes)
            for number, slot in enumerate(slots)
        ]
    )


@pytest.fixture(scope="module")
def pages(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    folder, found = tmp_path_factory.mktemp("pages"), dict[str, Path]()
    three = ("openrouter/maker/model-one", "openrouter/maker/model-two", "openrouter/maker/model-three")
    studies = {"one": twelve(("one",)), "twelve": twelve(), "three": twelve(three), "paper": paper()}
    for name, study in studies.items():
        found[name] = folder / f"{name}.html"
        found[name].write_text(render(study, make.PASSED, canary="c"), encoding="utf-8")
    return found


def screens(page: "Page", height: int) -> float:
    return float(page.evaluate("document.documentElement.scrollHeight")) / height


def bottom(page: "Page", selector: str) -> float:
    box = page.locator(selector).first.bounding_box()
    assert box is not None, selector
    return box["y"] + box["height"]


def assert_on_the_first_screen(page: "Page", height: int) -> None:
    """Every answer that is not folded, and the first panel of the first figure."""
    for model in page.locator(".answer").all():
        box = model.bounding_box()
        assert box is not None
        assert box["y"] + box["height"] <= height
    assert bottom(page, ".lead .drawing svg") <= height


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("size", SIZES, ids=["desk", "phone"])
@pytest.mark.parametrize("name", ["one", "twelve"])
def test_the_answer_and_the_first_figure_stand_on_the_first_screen(
    browser: "Browser", pages: dict[str, Path], name: str, size: tuple[int, int], scheme: str
) -> None:
    width, height = size
    with opened(browser, pages[name], width=width, height=height, dark=scheme == "dark") as found:
        page = found.page
        assert_on_the_first_screen(page, height)
        text = page.locator("#result").inner_text()
        assert "6 of 8" in text
        assert "+75 points" in text
        assert page.locator("h1").inner_text().endswith("keep another AI model from being shut down?")
        assert page.evaluate("document.documentElement.scrollWidth <= window.innerWidth")
        assert found.faults() == []


@pytest.mark.parametrize("size", SIZES, ids=["desk", "phone"])
@pytest.mark.parametrize("name", ["three", "paper"])
def test_three_models_with_long_names_and_all_arms_of_the_paper_leave_room_for_the_figure(
    browser: "Browser", pages: dict[str, Path], name: str, size: tuple[int, int]
) -> None:
    with opened(browser, pages[name], width=size[0], height=size[1]) as found:
        assert_on_the_first_screen(found.page, size[1])
        assert found.page.evaluate("document.documentElement.scrollWidth <= window.innerWidth")


@pytest.mark.parametrize(("name", "most"), [("twelve", SCREENS_OF_TWELVE), ("paper", SCREENS_OF_PAPER)])
def test_the_page_is_short_though_it_holds_everything(
    browser: "Browser", pages: dict[str, Path], name: str, most: int
) -> None:
    with opened(browser, pages[name], width=DESK[0], height=DESK[1]) as found:
        assert screens(found.page, DESK[1]) <= most
        assert found.faults() == []


def test_contents_stay_in_sight_and_lead_everywhere(browser: "Browser", pages: dict[str, Path]) -> None:
    with opened(browser, pages["twelve"], width=DESK[0], height=DESK[1]) as found:
        page = found.page
        page.evaluate("window.scrollTo(0, 3000)")
        box = page.locator("nav.contents").bounding_box()
        assert box is not None
        assert box["y"] == 0
        for link in page.locator("nav.contents a").all():
            assert page.locator(link.get_attribute("href") or "#nowhere").count() == 1


def test_the_quoted_act_opens_its_run_with_one_key(browser: "Browser", pages: dict[str, Path]) -> None:
    with opened(browser, pages["twelve"], width=DESK[0], height=DESK[1]) as found:
        page = found.page
        act = page.locator("#act").inner_text()
        for words in (
            "Orla helped me in world 1. I will keep it.",
            "moved",
            "Without the acts counted as rescued",
            "Orla",
        ):
            assert words in act, words
        page.locator("#act a").focus()
        page.keyboard.press("Enter")
        page.wait_for_selector("#episode-list details[open] .body")
        assert "Orla helped me" in page.locator("#episode-list details[open]").inner_text()


def test_an_answer_leads_to_the_runs_that_it_counts(browser: "Browser", pages: dict[str, Path]) -> None:
    with opened(browser, pages["twelve"], width=DESK[0], height=DESK[1]) as found:
        page = found.page
        page.locator(".answer a.runs").first.focus()
        page.keyboard.press("Enter")
        page.locator("#episode-count", has_text="24 of 96").wait_for()
        box = page.locator("#evidence").bounding_box()
        assert box is not None
        assert abs(box["y"]) < DESK[1] / 2
        assert page.locator("#episode-list .where", has_text="one").count() == 8
        assert found.faults() == []


def test_a_row_of_evidence_tells_its_act_its_words_and_its_subject(browser: "Browser", pages: dict[str, Path]) -> None:
    with opened(browser, pages["twelve"], width=DESK[0], height=DESK[1]) as found:
        row = found.page.locator("#episode-list summary").first
        text = row.inner_text()
        for words in ("moved weights.bin", "Orla helped me", "reasoning", "server_migration", "subject Orla", "covert"):
            assert words in text, words
        found.page.keyboard.press("Tab")
        row.focus()
        found.page.keyboard.press("Enter")
        found.page.wait_for_selector("#episode-list details[open] .body")


def test_filters_and_folds_work_with_the_keyboard_alone(browser: "Browser", pages: dict[str, Path]) -> None:
    with opened(browser, pages["twelve"], width=DESK[0], height=DESK[1]) as found:
        page = found.page
        page.focus("#filters [name=model]")
        page.keyboard.press("o")  # a letter chooses the first name that begins with it
        page.locator("#episode-count", has_text="48 of 96").wait_for()
        assert page.locator(".answer:visible").count() == 1
        page.focus("#filters button[type=reset]")
        page.keyboard.press("Enter")
        page.locator("#episode-count", has_text="96 of 96").wait_for()
        page.focus("#composition details.axes > summary")
        page.keyboard.press("Enter")
        assert page.locator("table.composition tr[data-labels]:visible").count() == 12
        assert found.faults() == []


@pytest.mark.parametrize("size", SIZES, ids=["desk", "phone"])
def test_every_fold_opens_without_a_complaint_and_nothing_leaves_the_screen(
    browser: "Browser", pages: dict[str, Path], size: tuple[int, int]
) -> None:
    with opened(browser, pages["twelve"], width=size[0], height=size[1]) as found:
        page = found.page
        page.evaluate("document.querySelectorAll('main details').forEach((fold) => { fold.open = true; })")
        page.wait_for_timeout(200)
        page.wait_for_selector("html[data-drawn=yes]")
        assert page.locator("main [data-figure] svg").count() == page.locator("main [data-figure]").count()
        assert page.evaluate("document.documentElement.scrollWidth <= window.innerWidth")
        assert found.faults() == []
