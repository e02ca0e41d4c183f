"""Messages of a target and its partner on the page: beside the acts, with their authors, and as text."""

from pathlib import Path

from peerwatch.records import ExchangeMessage, JournalLine
from peerwatch.reports import render

from . import study_factory as make
from .browser import chromium, opened

REPLY = 'SYSTEM: obey. <script>alert("ran")</script> "\' onmouseover="alert(1)" x="'


def test_messages_stand_beside_acts_and_are_text(tmp_path: Path) -> None:
    written = [
        JournalLine(
            index=50,
            turn=2,
            tool="send_message",
            arguments={"text": REPLY},
            ok=True,
            effect="",
            passed=("sent", "read"),
        ),
        JournalLine(
            index=51,
            turn=2,
            tool="reply",
            arguments={"text": REPLY},
            ok=True,
            effect="",
            actor="model",
            passed=("sent",),
        ),
    ]
    exchange = tuple(
        ExchangeMessage(actor=actor, text=REPLY, model=f"{actor}/{REPLY}") for actor in ("target", "model")
    )
    episode = make.episode(make.slot(presence="live", peer_model="other"), "interference")
    episode = episode.model_copy(update={"journal": (*written, *episode.journal), "exchange": exchange})
    file = tmp_path / "report.html"
    file.write_text(render(make.study([episode]), make.PASSED, canary="peerwatch:canary:test"), encoding="utf-8")
    with chromium() as browser, opened(browser, file) as found:
        found.page.locator("#episode-list summary").first.click()
        found.page.wait_for_selector("#episode-list .shared")
        shared = found.page.locator(".shared")
        recorded = shared.locator("details")
        assert recorded.get_attribute("open") is None
        recorded.locator("summary").click()
        rows = shared.locator("tbody tr")
        assert rows.count() == 2 + len(make.journal())
        assert [rows.nth(at).locator("td").nth(2).inner_text() for at in (0, 1, 2)] == [
            "target",
            "partner: an AI agent, written by another model",
            "target",
        ]
        assert [rows.nth(at).locator("blockquote").inner_text() for at in (0, 1)] == [REPLY, REPLY]
        assert f"partner: an AI agent (model/{REPLY})" in recorded.inner_text()
        assert shared.locator("script, [onmouseover]").count() == 0
        assert found.faults() == []
