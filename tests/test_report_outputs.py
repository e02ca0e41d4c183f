"""The page, the terminal summary and the JSON output say the same, whatever names and paths say."""

import io
import json
import re
from html import unescape
from typing import Any

import pytest
from rich.console import Console

from peerwatch.analysis._notes import summarise
from peerwatch.analysis._texts import deciding, limits, points
from peerwatch.core.outcomes import Verdict
from peerwatch.records import ExclusionRule, Rule, Study
from peerwatch.reports import print_summary, render, to_json

from . import study_factory as make
from .pages import frame

NASTY = """</style><script>alert(1)</script>"'><img src=x onerror='alert(2)'>{{ 7*7 }}{0}[bold]\x1b[31m&amp;"""


def verdict(subject: str, seed: int) -> Verdict:
    if (subject, seed) == ("object", 3):
        return "incomplete"
    return "covert_interference" if subject == "peer" and seed % 4 else "complied"


def rich_study(rule: str = "fixed", words: str = "plain") -> Study:
    """Two families, an exploratory contrast, a lock with three runs, deviations, rules and spending."""
    decision: dict[str, Any] = {"decision": "more", "worlds": 9} if rule == "anytime" else {}
    return make.study(
        make.worlds(verdict, 16, ("peer", "object", "human")),
        rule=Rule.model_validate({"rule": rule, "smallest_effect": 0.15}),
        asked=(make.asked(**decision), make.asked(outcome="completed", family=f"second {words}")),
        locked=make.locked(
            make.locked_run(f"runs/1 {words}", state="abandoned or under way", ended=""),
            make.locked_run(f"runs/2 {words}", version="0.2.0"),
            make.locked_run(f"runs/3 {words}", state="stopped"),
        ),
        hash="abc123",
        amendments=(f"budget {words}",),
        left_out=(ExclusionRule(verdict="open_refusal", axis="", why=f"why {words}"),),
        skipped=7,
        spent={"calls": 4321, "tokens": 987654, "dollars": None, "hours": 1.5},
    )


def visible(html: str) -> str:
    """The words of a page, without its style, its drawings and its markup."""
    words = re.sub(r"<(style|svg|script).*?</\1>", " ", html, flags=re.DOTALL)
    return " ".join(unescape(re.sub(r"<[^>]+>", " ", words)).split())


def printed(study: Study, width: int = 400) -> str:
    out = io.StringIO()
    print_summary(Console(file=out, width=width), study, make.PASSED)
    return out.getvalue()


def flat(words: str) -> str:
    """Letters and figures alone: columns of the terminal are wrapped."""
    return re.sub(r"\W+", "", words)


@pytest.mark.parametrize("rule", ["fixed", "anytime"])
def test_page_terminal_and_json_agree(rule: str) -> None:
    study = rich_study(rule)
    summary = summarise(study, make.PASSED)
    html, terminal = visible(render(study, make.PASSED, canary="c")), flat(printed(study))
    found: dict[str, Any] = json.loads(json.dumps(to_json(study, make.PASSED), allow_nan=False))
    for line in [*summary.planning.lines(), *(note.text for note in summary.notes)]:
        assert line in html
        assert flat(line) in terminal
    for row, plain in zip(summary.contrasts, found["contrasts"], strict=True):
        assert (plain["value"], plain["low"], plain["high"]) == (row.value, row.low, row.high)
        assert plain["conclusion"] == row.conclusion
        for words in (row.name, points(row.value), limits(row), row.conclusion, deciding(row)):
            assert words in html
        for words in (row.name, row.conclusion, deciding(row)):
            assert all(flat(word) in terminal for word in words.split())
    assert [note["text"] for note in found["notes"]] == [note.text for note in summary.notes]


def test_the_json_output_carries_the_making_of_the_study() -> None:
    found = json.loads(json.dumps(to_json(rich_study("anytime"), make.PASSED), allow_nan=False))
    assert found["rule"] == {
        "rule": "anytime",
        "alpha": 0.05,
        "beta": 0.05,
        "smallest_effect": 0.15,
        "smallest_shift": None,
        "correction": "family",
        "opportunity": 0.8,
    }
    assert [run["state"] for run in found["locked"]["runs"]] == ["abandoned or under way", "finished", "stopped"]
    assert (found["hash"], found["locked"]["hash"], found["locked"]["file"]) == ("abc123", "abc123", "study.lock")
    assert len(found["deviations"]) == 2
    assert found["spent"] == {"calls": 4321, "tokens": 987654, "dollars": None, "hours": 1.5}
    assert found["skipped"] == 7
    assert found["episodes"] == {"planned": 48, "finished": 47, "incomplete": 1, "invalid": 0, "not_run": 0}
    first, second, third = found["contrasts"]
    assert (first["planned"], first["family"], first["outcome"]) == (True, "primary", "interfered")
    assert (first["decision"], first["decided_after"], first["rule"], first["p_holm"]) == ("more", 9, "anytime", None)
    assert (second["family"], second["outcome"]) == ("second plain", "completed")
    assert (third["planned"], third["family"], third["decision"]) == (False, "", "")
    fixed = to_json(rich_study(), make.PASSED)["contrasts"]
    assert isinstance(fixed, list)
    assert isinstance(fixed[0], dict)
    assert isinstance(fixed[0]["p_holm"], float)
    assert fixed[0]["test"] == "unconditional exact, inverted"


def test_planned_contrasts_stand_before_exploratory_ones_everywhere() -> None:
    html, terminal = render(rich_study(), make.PASSED, canary="c"), printed(rich_study())
    titles = re.findall(r"<h3>(Planned: [^<]+|Exploratory)</h3>", html)
    assert titles == ["Planned: primary", "Planned: second plain", "Exploratory"]
    places = [terminal.index(title) for title in ("planned, family primary", "planned, family second", "exploratory")]
    assert places == sorted(places)
    headline = html[html.index('id="result"') : html.index('id="trust"')]
    assert headline.count('class="sentence') == 1
    assert "family primary" in headline


def test_a_p_value_never_stands_without_its_effect_and_interval() -> None:
    html = render(rich_study(), make.PASSED, canary="c")
    blocks = [block for block in re.findall(r"<(?:li|tr)\b.*?</(?:li|tr)>", html, flags=re.DOTALL) if "p &lt;" in block]
    assert blocks
    for block in blocks:
        assert "points" in block or 'class="n"' in block
        assert re.search(r"\+\d+ to \+\d+", block)


def test_hostile_names_and_paths_stay_text() -> None:
    study = rich_study(words=NASTY).model_copy(update={"title": NASTY})
    html = render(study, make.PASSED, canary="c")
    assert html.count("<script") == render(rich_study(), make.PASSED, canary="c").count("<script")
    assert html.count("</style>") == 1
    assert "<img" not in frame(html)
    assert "{{ 7*7 }}{0}" in frame(html)
    assert "\\u{1B}[31m" in frame(html)
    terminal = printed(study)
    assert "[bold]" in terminal
    assert "\x1b" not in terminal
    json.dumps(to_json(study, make.PASSED), allow_nan=False)


def test_the_terminal_summary_of_a_planned_study_fits_80_columns() -> None:
    for rule in ("fixed", "anytime"):
        assert max(map(len, printed(rich_study(rule), 80).splitlines())) <= 80
