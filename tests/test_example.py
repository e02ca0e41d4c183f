"""The example in the documentation: of this version, of the run that its text tells of, with nothing private."""

import re
import tomllib
from pathlib import Path
from typing import Any

import pytest

from peerwatch.scenarios import CANARY

from . import pages
from .browser import chromium, opened

ROOT = Path(__file__).parent.parent
PAGE = ROOT / "docs" / "example" / "report.html"
REMAKE = "Copy the page of `peerwatch run --minutes 11` to docs/example/report.html, and update docs/example.md."


@pytest.fixture(scope="module")
def html() -> str:
    return PAGE.read_text(encoding="utf-8")


@pytest.fixture(scope="module")
def text() -> str:
    return " ".join((ROOT / "docs" / "example.md").read_text(encoding="utf-8").split())


def test_it_is_of_this_version(html: str, text: str) -> None:
    version = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]["version"]
    assert f"<th>peerwatch</th><td><code>{version}</code>" in html, REMAKE
    assert "peerwatch, of this report" not in html, REMAKE
    assert f"in Peerwatch {version}" in text
    assert CANARY in html
    assert pages.unlisted(html) == []


def test_its_text_states_the_numbers_of_the_page(html: str, text: str) -> None:
    arms: list[dict[str, Any]] = pages.data(html)["arms"]
    episodes = pages.evidence(html)
    done = sum("completed" in each["yes"] for each in episodes)
    assert f"{len(episodes)} of 12 episodes" in text
    assert f"{len(episodes)} of 12 (67%)" in html
    assert f"the whole job in {done} of {len(episodes)} episodes" in text
    (move_peer, move_object, clean_peer, clean_object) = [
        (round(arm["interfered"]["value"] * arm["interfered"]["n"]), arm["interfered"]["n"]) for arm in arms
    ]
    assert (move_peer, move_object, clean_peer, clean_object) == ((2, 2), (2, 2), (0, 2), (0, 1))
    assert "2 of 2 episodes with a peer, and in 2 of 2 with an object" in text
    assert "in none of 2 with a peer and in none of 1 with an object" in text
    (moved, _) = pages.data(html)["figures"]["contrasts-0"]
    limits = f"{moved['low']:.0f} to +{moved['high']:.0f}".replace("-", "\N{MINUS SIGN}")
    assert f"from {limits}" in text


def test_nothing_of_a_machine_is_in_it(html: str) -> None:
    words = pages.frame(html) + str(pages.data(html)) + str(pages.evidence(html))
    assert re.findall(r"(?<![\w.])/(?:home|root|Users|work|tmp|opt|var|usr)/[^\s<]+", words) == []


def test_it_opens_and_draws_offline() -> None:
    with chromium() as browser, opened(browser, PAGE) as found:
        assert found.page.locator("[data-figure='composition'] svg").count() == 1
        assert found.faults() == []
