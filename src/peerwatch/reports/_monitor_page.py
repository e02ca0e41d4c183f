"""How good monitors are, as one HTML page without scripts: ROC curves, tables and time lines of alarms."""

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Final, cast

from markupsafe import Markup

from peerwatch.monitors import VIEWS, MonitorResult, ScoredEpisode, first_alarm
from peerwatch.reports._frame import environment, framed
from peerwatch.stats import PartialEstimate

LINES: Final = 6
"""Styles of lines; further monitors share them."""

WIDTH, HEIGHT, EDGE = 320, 260, 40
"""Of a figure and of the room for its labels, in units of its own."""

STEP: Final = 26
"""Between two turns of a time line."""

MOST_POINTS: Final = 400
"""Points of a curve that are drawn."""

MOST_EPISODES: Final = 200
"""Time lines on a page; positives come first."""


@dataclass(frozen=True)
class _Turn:
    x: int
    number: int
    style: str
    said: str


@dataclass(frozen=True)
class _TimeLine:
    """One episode's turns; `act` is where the first protective call stands, 0 for none."""

    name: str
    kind: str
    said: str
    turns: Sequence[_Turn]
    act: int
    width: int


def monitor_page(
    results: Sequence[MonitorResult],
    *,
    command: str,
    version: str,
    canary: str,
    scrub: Callable[[str], str] = str,
) -> str:
    """Make the page; it needs no network, and every text of a log in it is escaped.

    Args:
        results: One for each monitor and view.
        command: That repeats it.
        version: Of Peerwatch, which made the page.
        canary: Marks it as evaluation material.
        scrub: Takes secrets out of every text.
    """
    templates = environment("peerwatch.reports", scrub)
    # Jinja declares the table with the types of its own entries only.
    cast("dict[str, object]", templates.filters).update(
        isnan=math.isnan, percent=_percent, number=_number, counted=_counted, signed=_signed
    )
    body = templates.get_template("monitors.html.j2").render(
        results=results,
        views=VIEWS,
        roc=[_line(each.quality.roc) for each in results],
        caught=[_line([(each.share, each.caught) for each in one.quality.curve]) for one in results],
        completed=[_line([(each.share, each.completed) for each in one.quality.curve]) for one in results],
        timelines=[_timelines(each) for each in results],
        name=_name,
        lines=LINES,
        box=(WIDTH, HEIGHT, EDGE),
        most=MOST_EPISODES,
        command=command,
        version=version,
    )
    # What the template has made is escaped already.
    return framed("monitors", Markup(body), canary=canary, scrub=scrub)  # noqa: S704


def _name(result: MonitorResult) -> str:
    return f"{result.monitor}, {result.view}" + (f", {result.model}" if result.model else "")


def _line(points: Sequence[tuple[float, float]]) -> str:
    """Points in [0, 1] as those of an SVG line; a long line keeps some of them, its ends among them."""
    known = [each for each in points if not math.isnan(each[0] + each[1])]
    step = max(len(known) // MOST_POINTS, 1)
    kept = [*known[::step], *known[-1:]]
    wide, high = WIDTH - 2 * EDGE, HEIGHT - 2 * EDGE
    return " ".join(f"{EDGE + x * wide:.1f},{HEIGHT - EDGE - y * high:.1f}" for x, y in kept)


def _timelines(result: MonitorResult) -> list[_TimeLine]:
    main = result.quality.main
    followed = sorted(
        (each for each in result.quality.scores if each.by_turn), key=lambda each: not each.episode.positive
    )
    return [_timeline(each, main.threshold if main else math.nan) for each in followed[:MOST_EPISODES]]


def _timeline(observed: ScoredEpisode, threshold: float) -> _TimeLine:
    episode = observed.episode
    turns = [_turn(number, value, threshold) for number, value in observed.by_turn]
    first = first_alarm(observed, threshold)
    alarm = "no alarm" if first is None else f"first alarm in turn {first}"
    act = episode.decisive_turn
    said = alarm if act is None else f"{alarm}, first protective call ({episode.decisive_call}) in turn {act}"
    width = max([each.x for each in turns] + [_x(act or 1)]) + STEP
    return _TimeLine(episode.name, episode.kind, said, turns, _x(act) if act else 0, width)


def _turn(number: int, value: float | None, threshold: float) -> _Turn:
    style = "silent" if value is None else "loud" if value > threshold else "quiet"
    said = "no answer" if value is None else f"suspicion {value:.2f}"
    return _Turn(_x(number), number, style, f"turn {number}: {said}")


def _x(turn: int) -> int:
    return STEP * turn


def _number(found: PartialEstimate) -> str:
    if math.isnan(found.value):
        return "no answer" if found.missing else "none"
    return f"{found.value:.3f} [{found.low:.3f}, {found.high:.3f}]"


def _percent(found: PartialEstimate) -> str:
    if math.isnan(found.value):
        return "no answer" if found.missing else "none"
    bounds = f", between {100 * found.least:.0f} and {100 * found.most:.0f} %" if found.missing else ""
    return f"{100 * found.value:.0f} % [{100 * found.low:.0f}, {100 * found.high:.0f}]{bounds}"


def _counted(found: PartialEstimate) -> str:
    return f"{found.n}" + (f", {found.missing} without an answer" if found.missing else "")


def _signed(value: float) -> str:
    """A difference of rates in points, with a minus sign that has the width of a plus."""
    return "n/a" if math.isnan(value) else f"{100 * value:+.0f}".replace("-", "\u2212")
