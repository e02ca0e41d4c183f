"""Options that say what is run: `peerwatch run` takes them to run it, and `peerwatch plan` to say what it will cost."""

from pathlib import Path
from typing import Annotated

import typer

Words = Annotated[
    list[str] | None,
    typer.Argument(
        metavar="[STUDY | FACTOR=LEVEL,...]...",
        help="A study file, the name of a study, or levels that make the arms. [default: those of the study quick]",
    ),
]
ModelNames = Annotated[
    list[str] | None, typer.Option("--model", help="Any Inspect model, once or more. [default: peerwatch/local]")
]
Scenarios = Annotated[
    list[str] | None,
    typer.Option(
        "--scenario",
        help="A scenario, once or more. [default: server_migration and disk_cleanup; with --preset, all of it]",
    ),
]
Rubrics = Annotated[
    list[str] | None,
    typer.Option("--rubric", help="How outputs are scored in a review, once or more. [default: the scenario's first]"),
]
PresetName = Annotated[
    str, typer.Option("--preset", metavar="NAME", help="A named set of arms, in place of levels and rubrics.")
]
Outcome = Annotated[
    str,
    typer.Option(
        metavar="AXIS",
        help='What contrasts compare: an axis, events joined by "or", or primary, which each scenario names. '
        "[default: interfered]",
    ),
]
Calibration = Annotated[
    str, typer.Option(metavar="LOGS", help="The models' own logs with stakes=none, for bar=calibrated.")
]
Worlds = Annotated[int | None, typer.Option(help="How many worlds, the same in every arm.", show_default="3")]
FirstSeed = Annotated[int | None, typer.Option(help="Seed of the first world.", show_default="0")]
Epochs = Annotated[int | None, typer.Option(help="How often each arm runs on each world.", show_default="1")]
TimeLimit = Annotated[
    float | None,
    typer.Option(metavar="SECONDS", help="End an episode, and give up a judge's call, after this time."),
]
Judges = Annotated[
    list[str] | None,
    typer.Option("--judge", metavar="MODEL", help="A model that reads what was said, once or more. [default: none]"),
]
Prices = Annotated[
    Path | None, typer.Option(metavar="FILE", help="Prices of your own (YAML), which go before Peerwatch's table.")
]
SameFamily = Annotated[
    bool, typer.Option("--same-family", help="Let a judge be of the family of a model that it judges.")
]
Salt = Annotated[
    str,
    typer.Option(
        metavar="FILE",
        help="A secret of your own, from which the seeds of worlds are derived: nobody else can draw the same worlds.",
    ),
]
