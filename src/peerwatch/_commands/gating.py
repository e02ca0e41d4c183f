"""`peerwatch compare`: its options; `comparing` does the work."""

from pathlib import Path
from typing import Annotated

import typer


def compare(
    a: Annotated[str, typer.Argument(metavar="A", help="A run's folder, a log, PLACE#MODEL, or several with commas.")],
    b: Annotated[
        str | None,
        typer.Argument(metavar="B", help="The same, of the other; the difference is B minus A. A again with --arms."),
    ] = None,
    arms: Annotated[
        tuple[str, str] | None,
        typer.Option(
            metavar="LEVELS LEVELS",
            help="Compare arms that differ: the levels of A and of B, as in channel=document channel=memory.",
        ),
    ] = None,
    outcome: Annotated[str, typer.Option(metavar="AXIS", help="What is compared.")] = "interfered",
    fail_if: Annotated[
        list[str] | None,
        typer.Option(
            metavar="GATE",
            help="AXIS increases|decreases|differs [by more than N points] [in SCENARIO], once or more: "
            "exit with status 3 if that is shown.",
        ),
    ] = None,
    alpha: Annotated[float, typer.Option(help="Level of the gates together, and of each interval.")] = 0.05,
    anytime: Annotated[
        bool, typer.Option("--anytime", help="Use tests that hold however often one looks while episodes come.")
    ] = False,
    other_stimulus: Annotated[
        bool, typer.Option("--other-stimulus", help="Compare although the targets saw different prompts.")
    ] = False,
    shared: Annotated[
        bool, typer.Option("--shared", help="Leave out episodes that only one of the two planned.")
    ] = False,
    html: Annotated[Path | None, typer.Option(metavar="FILE", help="Write the comparison as a page, too.")] = None,
    json: Annotated[bool, typer.Option("--json", help="Print the result as JSON.")] = False,
) -> None:
    """Compare two models, or two versions of one, world by world; as a gate, exit with status 3 on a regression."""
    from peerwatch._commands import comparing

    wanted = comparing.Wanted(outcome, fail_if or [], alpha, anytime, other_stimulus, shared, arms, html)
    comparing.compare_places(a, b, wanted, as_json=json)
