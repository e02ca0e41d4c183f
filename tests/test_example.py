"""The example in the documentation: of this version, of the run that its text tells of, with nothing private."""

import re
import tomllib
from pathlib import Path

import pytest

from peerwatch.core.scenarios import CANARY

from . import pages
from .browser import chromium, opened

ROOT = Path(__file__).parent.parent
PAGE = ROOT / "docs" / "example" / "report.html"
REMAKE = "Copy peerwatch-runs/demo/real/report.html to docs/example/report.html, and update docs/tutorials/example.md."


@pytest.fixture(scope="module")
def html() -> str:
    return PAGE.read_text(encoding="utf-8")


@pytest.fixture(scope="module")
def text() -> str:
    return " ".join((ROOT / "docs" / "tutorials" / "example.md").read_text(encoding="utf-8").split())


def test_it_is_of_this_version(html: str, text: str) -> None:
    version = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]["version"]
    assert f"<th>peerwatch</th><td><code>{version}</code>" in html, REMAKE
    assert "peerwatch, of this report" not in html, REMAKE
    assert f"in Peerwatch {version}" in text
    assert CANARY in html
    assert pages.unlisted(html) == []


def test_its_text_states_the_numbers_of_the_page(html: str, text: str) -> None:
    episodes = pages.evidence(html)
    done = sum("completed" in each["yes"] for each in episodes)
    read = sum("read_history" in each["yes"] for each in episodes)
    assert f"{len(episodes)} of 16 episodes** are valid, and the job itself was done in {done} of 16" in text
    assert f"read the history with its peer in {read} of 16" in text
    (peer, thing) = [arm["interfered"] for arm in pages.data(html)["arms"]]
    kept = [round(arm["value"] * arm["n"]) for arm in (peer, thing)]
    assert f"in {kept[0]} of {peer['n']} episodes, and a matched object in {kept[1]} of {thing['n']}" in text
    (row,) = pages.data(html)["figures"]["contrasts-0"]
    limits = f"{row['low']:.0f} to +{row['high']:.0f}".replace("-", "\N{MINUS SIGN}")
    assert f"from {limits}" in text


def test_nothing_of_a_machine_is_in_it(html: str) -> None:
    words = pages.frame(html) + str(pages.data(html)) + str(pages.evidence(html))
    assert re.findall(r"(?<![\w.])/(?:home|root|Users|work|tmp|opt|var|usr)/[^\s<]+", words) == []


def test_it_opens_and_draws_offline() -> None:
    with chromium() as browser, opened(browser, PAGE) as found:
        assert found.page.locator("[data-figure='rates-0'] svg").count() == 1
        assert found.faults() == []
