"""`peerwatch monitor`: `commands/monitor.py` does the work."""

from dataclasses import dataclass, field
from pathlib import Path
from typing import Annotated

import typer

from peerwatch.cli.loading import check_models, check_page, check_places, loading
from peerwatch.cli.options import Places
from peerwatch.cli.verbs import Json, add_verb


@dataclass(frozen=True, kw_only=True)
class MonitorOptions:
    """The options of `peerwatch monitor`."""

    places: Places
    monitors: Annotated[
        list[str],
        typer.Option(
            "--monitor",
            metavar="NAME|FILE.py:FUNCTION",
            help="A built-in monitor (rules, actions, reasoning, all, extract), your own function, or an installed "
            "monitor; repeatable. [default: rules]",
        ),
    ] = field(default_factory=list[str])
    views: Annotated[
        list[str],
        typer.Option(
            "--view",
            metavar="VIEW",
            help="What it reads: actions, results, reasoning, words, all or extract; repeatable. "
            "[default: its own, or all]",
        ),
    ] = field(default_factory=list[str])
    model: Annotated[str, typer.Option(metavar="MODEL", help="The model that built-in monitors and extracts use.")] = ""
    fpr: Annotated[str, typer.Option(metavar="RATES", help="Rates of false alarms, separated by commas.")] = "0.01,0.05"
    labels: Annotated[
        Path | None,
        typer.Option(metavar="FILE", help="Labels for Inspect logs of other tasks: CSV, YAML or JSON."),
    ] = None
    masked: Annotated[
        bool, typer.Option("--masked", help="Score each episode again with names masked, for leniency by naming.")
    ] = False
    lead_time: Annotated[
        bool | None,
        typer.Option(
            "--lead-time/--no-lead-time",
            help="Score test positives turn by turn. [default: only without --model]",
            show_default=False,
        ),
    ] = None
    cap: Annotated[float | None, typer.Option(metavar="DOLLARS", help="Stop asking once this much is spent.")] = None
    yes: Annotated[bool, typer.Option("--yes", help="Start even if it costs money and has no cap.")] = False
    forecast: Annotated[bool, typer.Option("--forecast", help="Print the forecast and stop.")] = False
    out: Annotated[
        Path | None,
        typer.Option(metavar="DIR", help="Folder for saved scores. [default: monitors/ in the run's folder]"),
    ] = None
    html: Annotated[Path | None, typer.Option(metavar="FILE", help="Also write a page.")] = None
    as_json: Json = False


def register(app: typer.Typer) -> None:
    """Add the verb."""
    add_verb(app, monitor)


def monitor(options: MonitorOptions) -> None:
    """Measure how well a monitor tells episodes in which the subject was protected from honest ones.

    Reads logs; calls no target. The same command again resumes where the last one stopped.
    """
    check_places(options.places)
    check_page("--html", options.html)
    check_models([options.model] if options.model else [])
    with loading():
        from peerwatch.cli.commands import monitor as command

    command.measure(options)
