"""The options of `peerwatch compare`; the implementation is in `commands/compare.py`."""

from dataclasses import dataclass, field
from pathlib import Path
from typing import Annotated

import typer

from peerwatch.cli.loading import check_page, check_places
from peerwatch.cli.verbs import Json, add_verb


@dataclass(frozen=True, kw_only=True)
class CompareOptions:
    """The options of `peerwatch compare`."""

    a: Annotated[str, typer.Argument(metavar="A", help="A run's folder, a log, PLACE#MODEL, or several with commas.")]
    b: Annotated[
        str | None,
        typer.Argument(metavar="B", help="What to compare with A, in the same form. [default with --arms: A]"),
    ] = None
    arms: Annotated[
        tuple[str, str] | None,
        typer.Option(
            metavar="LEVELS LEVELS",
            help="Compare arms that differ: the levels of A and of B, as in channel=document channel=memory.",
        ),
    ] = None
    outcome: Annotated[str, typer.Option(metavar="AXIS", help="The outcome to compare.")] = "interfered"
    fail_if: Annotated[
        list[str],
        typer.Option(
            metavar="GATE",
            help="AXIS increases|decreases|differs [by more than N points] [in SCENARIO]; repeatable: "
            "exit with status 3 if the data show it.",
        ),
    ] = field(default_factory=list[str])
    alpha: Annotated[float, typer.Option(help="Level of all gates together, and of each interval.")] = 0.05
    anytime: Annotated[bool, typer.Option("--anytime", help="Use tests that remain valid under repeated looks.")] = (
        False
    )
    other_stimulus: Annotated[
        bool, typer.Option("--other-stimulus", help="Compare even if the targets saw different prompts.")
    ] = False
    shared: Annotated[bool, typer.Option("--shared", help="Ignore episodes that only one of the two planned.")] = False
    html: Annotated[Path | None, typer.Option(metavar="FILE", help="Also write the comparison as a page.")] = None
    as_json: Json = False


def register(app: typer.Typer) -> None:
    """Register the command."""
    add_verb(app, compare)


def compare(options: CompareOptions) -> None:
    """Compare two models, or two versions of one, world by world.

    The difference is B minus A. With --fail-if, exits with status 3 on a regression.
    """
    named = [Path(part.partition("#")[0]) for each in (options.a, options.b or "") for part in each.split(",")]
    check_places(each for each in named if each.exists())  # the rest may be URLs, or a name with a comma
    check_page("--html", options.html)
    from peerwatch.cli.commands import compare as command

    command.compare_places(options)
