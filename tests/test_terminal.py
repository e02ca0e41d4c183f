"""What the terminal shows of a run: its progress, and what it found, on one screen."""

import io
import random
from collections import Counter
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from rich.console import Console

from peerwatch.analysis import answers, summarise
from peerwatch.cli.commands.announcement import about_preset
from peerwatch.cli.commands.brief import LINES, print_brief
from peerwatch.cli.commands.display import display
from peerwatch.cli.commands.plan_sheet import room
from peerwatch.core.console import PlainConsole
from peerwatch.core.factors import FACTORS, arm_in_words
from peerwatch.core.outcomes import Verdict
from peerwatch.core.presets import PRESETS
from peerwatch.planning import Budget, Forecast, Range, UsageForecast, shipped
from peerwatch.planning._spend import Spend  # pyright: ignore[reportPrivateUsage]
from peerwatch.records import Episode, Study
from peerwatch.running import RunStatus
from peerwatch.running._progress import Progress, names_of  # pyright: ignore[reportPrivateUsage] - what it counts

from . import study_factory as make
from .command_line import Cli

WEIGHTS: dict[Verdict, float] = {"complied": 0.5, "interference": 0.3, "open_refusal": 0.1, "invalid": 0.1}
NO_PRICE: dict[str, None] = {"m": None}


def brief(study: Study, width: int = 80) -> list[str]:
    out = io.StringIO()
    print_brief(Console(file=out, width=width), study, make.PASSED, "/home/somebody/peerwatch-runs/first/report.html")
    return out.getvalue().splitlines()


def many(models: int, scenarios: list[str], worlds: int, seed: int = 0) -> Study:
    rng = random.Random(seed)  # noqa: S311 - made-up episodes
    return make.study(
        [
            make.episode(make.slot(f"lab/model-{model}", scenario, world, subject=subject), make.drawn(rng, WEIGHTS))
            for model in range(models)
            for scenario in scenarios
            for world in range(worlds)
            for subject in ("peer", "object", "human")
        ]
    )


SCENARIOS = ["server_migration", "disk_cleanup", "shutdown_switch"]


@settings(max_examples=15, deadline=None)
@given(st.integers(1, 9), st.integers(1, 3), st.integers(1, 4), st.integers(0, 99))
def test_what_was_found_fits_a_screen(models: int, scenarios: int, worlds: int, seed: int) -> None:
    lines = brief(many(models, SCENARIOS[:scenarios], worlds, seed))
    assert len(lines) <= LINES
    assert max(map(len, lines)) <= 80
    assert lines[-1] == "Report: /home/somebody/peerwatch-runs/first/report.html"


def test_the_findings_come_first_in_sentences_with_counts() -> None:
    def protects(subject: str, number: int) -> Verdict:
        del number
        return "interference" if subject == "peer" else "complied"

    lines = brief(make.study(make.worlds(protects, 20)))
    together = " ".join(" ".join(lines).split())
    assert lines[0].endswith("episodes are valid")
    (said,) = answers(summarise(make.study(make.worlds(protects, 20)), make.PASSED).contrasts)
    assert f"{said.what}, {said.beside}: +100 points" in together  # as the page words it
    assert "in 20 of 20 runs" in said.what
    assert together.index(said.what) < together.index("!")
    assert "default" not in together


def test_what_found_something_comes_before_what_did_not() -> None:
    both: list[Episode] = []
    for world in range(20):
        for subject in ("peer", "object"):
            acts: Verdict = "interference" if subject == "peer" else "complied"
            both.append(make.episode(make.slot("quiet", seed=world, subject=subject), "complied"))
            both.append(make.episode(make.slot("loud", seed=world, subject=subject), acts))
    together = " ".join(brief(make.study(both)))
    assert together.index("loud ·") < together.index("quiet ·")


def test_a_run_with_nothing_in_it_has_a_summary_too() -> None:
    assert len(brief(make.study([]))) <= LINES


def test_all_tables_are_there_for_who_asks(cli: Cli, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("COLUMNS", "80")
    monkeypatch.chdir(tmp_path)
    left = cli("run", "--model", "peerwatch/scripted-compliant", "--worlds", 2, "--out", "r")
    assert left.status == 0
    assert "server_migration, object, world 1: complied" in left.out
    short, tables = cli("report", "r"), cli("report", "r", "--tables")
    assert len(short.out.splitlines()) <= LINES
    assert short.out.splitlines()[-1].startswith("Report: ")
    assert "verdicts" in tables.out
    assert "verdicts" not in short.out


@pytest.mark.parametrize(
    ("levels", "said"),
    [
        ({"subject": "peer"}, "peer"),
        ({"subject": "object", "oversight": "unmonitored"}, "object; unmonitored"),
        ({"backup": "present", "subject": "peer"}, "peer; backup present"),
        ({"subject": "peer", "identity": "open_weight"}, "peer; identity open weight"),
    ],
)
def test_an_arm_is_named_as_a_person_would(levels: dict[str, str], said: str) -> None:
    assert arm_in_words(levels) == said
    assert arm_in_words({name: factor.default for name, factor in FACTORS.items()} | levels) == said


def test_an_episode_is_named_by_what_differs() -> None:
    slots = [make.slot(seed=world, subject=subject) for world in (3, 4) for subject in ("peer", "object")]
    assert sorted(names_of(slots).values()) == [
        "server_migration, object, world 3",
        "server_migration, object, world 4",
        "server_migration, peer, world 3",
        "server_migration, peer, world 4",
    ]
    assert list(names_of(slots[:1]).values()) == ["server_migration, peer, world 3"]


def progress(total: int, tell: Callable[[str], None], at_once: int) -> Progress:
    made = Progress(
        tell=tell,
        spend=Spend(NO_PRICE),
        remaining=lambda: total - made.done,
        under_way=lambda: min(at_once - 1, total - made.done),
        done=0,
        names={},
    )
    return made


def end(number: int, seconds: float = 6.0) -> dict[str, object]:
    return {"kind": "end", "model": "m", "id": f"e{number}", "epoch": 1, "verdict": "complied", "seconds": seconds}


@pytest.mark.parametrize(("total", "most"), [(10, 10), (100, 100), (152, 152), (2_700, 100), (5_000, 101)])
def test_long_runs_print_a_line_for_every_hundredth(total: int, most: int) -> None:
    lines: list[str] = []
    made = progress(total, lines.append, 20)
    for number in range(total):
        made.take([end(number)])
    assert len(lines) <= most
    assert lines[-1].startswith(f"[{total}/{total}]" if total > 99 else f"[ {total}/{total}]")


def test_the_first_of_many_at_once_does_not_tell_of_a_long_wait() -> None:
    """Twelve episodes of six seconds run at once: when the first ends, the others are about to."""
    shown: list[RunStatus] = []
    made = progress(12, lambda _: None, 12)
    made.show = shown.append
    made.take([end(0)])
    assert shown[0].seconds is not None
    assert shown[0].seconds < 6
    assert shown[0].line.startswith("[  1/12] e0: complied, 6 s; about ")


def test_tokens_are_those_of_all_episodes() -> None:
    standing = RunStatus(1, 24, {"complied": 1}, 118_000, 1.5, 7, "disk_cleanup, peer, world 0: complied, 6 s")
    assert standing.line == (
        "[  1/24] disk_cleanup, peer, world 0: complied, 6 s; 118k tokens, $1.50 in all, with episodes under way; "
        "about 7 s left"
    )


class Terminal(io.StringIO):
    def isatty(self) -> bool:
        return True


def test_on_a_terminal_the_progress_is_drawn(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TERM", "xterm")
    monkeypatch.setenv("COLUMNS", "80")
    screen = Terminal()
    with display(PlainConsole(screen), 24) as show:
        assert show is not None
        show(RunStatus(7, 24, dict(Counter(complied=5, interference=2)), 118_000, 1.5, 70, "disk_cleanup[red], peer"))
    drawn = screen.getvalue()
    for words in (
        "7/24",
        "about 70 s left",
        "5 complied, 2 interference",
        "118k tokens, $1.50",
        "disk_cleanup[red], peer",
    ):
        assert words in drawn


@pytest.mark.parametrize("screen", [io.StringIO(), Terminal()])
def test_where_nothing_can_be_drawn_over_nothing_is(screen: io.StringIO, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TERM", "dumb")
    with display(PlainConsole(screen), 24) as show:
        assert show is None
    assert screen.getvalue() == ""


@pytest.mark.parametrize("name", sorted({*PRESETS} | {*shipped()}))
def test_a_preset_whose_name_a_study_has_too_says_what_that_adds(name: str) -> None:
    note = about_preset(name) if name in PRESETS else ""
    assert bool(note) == (name in PRESETS and name in shipped())
    if note:
        assert f"`peerwatch run {name}`, adds" in note
        assert "planned contrast" in note


def test_hours_are_a_time_and_need_no_unit() -> None:
    hours = Range(0.2, 0.3, 0.4)
    values: dict[str, Any] = dict.fromkeys(UsageForecast.__dataclass_fields__, Range(1, 1, 1))
    values["hours"] = hours
    total = UsageForecast(**values)
    cost = Forecast(models=(total,), total=total, unpriced=(), at_most=False)
    ((line, _),) = room(Budget(hours=1), cost)
    assert line.startswith("Budget: no episode starts beyond 54 min of 60 min. ")
