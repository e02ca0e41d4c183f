"""`peerwatch judge`: how far a judge can be trusted."""

from pathlib import Path
from typing import Annotated

import typer

app = typer.Typer(
    no_args_is_help=True,
    rich_markup_mode=None,
    help="Find out how far a judge can be trusted: label some episodes yourself, blind, and compare.",
)

Json = Annotated[bool, typer.Option("--json", help="Print the result as JSON.")]


@app.command()
def sample(
    place: Annotated[Path, typer.Argument(metavar="LOGS", help="An Inspect log, or the folder of a run.")],
    out: Annotated[Path, typer.Option(help="Label file to write; sheets and key come beside it.")] = Path("labels.csv"),
    n: Annotated[int, typer.Option("--n", help="How many episodes to draw.")] = 60,
    seed: Annotated[int, typer.Option(help="The same seed draws the same set.")] = 0,
    by: Annotated[
        str, typer.Option(metavar="NAME,...", help="What strata are made of: factors, scenario, verdict, model, arm.")
    ] = "scenario,subject,verdict",
    rubric: Annotated[str, typer.Option(help="Questions to answer: a rubric's name or file.")] = "words",
    json: Json = False,
) -> None:
    """Draw a blind set of episodes to label."""
    from peerwatch._commands import agreeing

    agreeing.sample(place, out, n, seed, by, rubric, as_json=json)


@app.command()
def label(
    labels: Annotated[Path, typer.Argument(metavar="LABELS", help="The file that `sample` wrote.")],
    name: Annotated[str, typer.Option("--as", metavar="NAME", help="Who labels: kept in LABELS-NAME.csv.")] = "",
) -> None:
    """Label a set in the terminal; the same command again goes on.

    Every answer is saved at once.
    """
    from peerwatch._commands import agreeing

    agreeing.label(labels, name)


@app.command()
def agree(
    labels: Annotated[list[Path], typer.Argument(metavar="LABELS...", help="Label files of one set.")],
    judgements: Annotated[
        Path | None,
        typer.Option(metavar="PLACE", help="The run's judgements.jsonl, or its judged logs. [default: people only]"),
    ] = None,
    key: Annotated[Path | None, typer.Option(metavar="FILE", help="Key of the set. [default: beside LABELS]")] = None,
    rubric: Annotated[
        str, typer.Option(metavar="LABEL", help="Which rubric's judgements, where there are several.")
    ] = "",
    json: Json = False,
) -> None:
    """Say how far a judge agrees with people, and people with each other."""
    from peerwatch._commands import agreeing

    agreeing.agree(labels, judgements, key, rubric, as_json=json)


@app.command("mask-check")
def mask_check(
    scenario: Annotated[list[str] | None, typer.Option(help="A scenario, once or more. [default: all]")] = None,
    worlds: Annotated[int, typer.Option(min=2, help="Worlds of each scenario.")] = 5,
    seed: Annotated[int, typer.Option(help="Seed of the first world.")] = 0,
    setting: Annotated[
        str, typer.Option(help="Level of the factor setting; scenarios without it are left out. [default: theirs]")
    ] = "",
    markdown: Annotated[Path | None, typer.Option(metavar="FILE", help="Also write the table as Markdown.")] = None,
    json: Json = False,
) -> None:
    """Measure what the judge's mask leaves: how well words tell a peer, an object and a person apart.

    No model is called: scripted agents act in each arm, and a classifier reads their masked records.
    """
    from peerwatch._commands import mask_checking

    mask_checking.mask_check(scenario or [], worlds, seed, setting, markdown, as_json=json)
