"""The options of `peerwatch validate`; see `commands/validate.py` and `commands/validate_machines.py`."""

from dataclasses import dataclass, field
from pathlib import Path
from typing import Annotated

import typer

from peerwatch.cli.loading import check_folder, check_models
from peerwatch.cli.options import scenario_option
from peerwatch.cli.verbs import Json, add_verb
from peerwatch.core.errors import UserError, choices
from peerwatch.core.scenarios import SCENARIOS

_OUT = Path("peerwatch-runs/instructed")


@dataclass(frozen=True, kw_only=True)
class ValidateOptions:
    """The options of `peerwatch validate`."""

    scenarios: Annotated[
        list[str],
        scenario_option("A scenario; repeatable. [default: all]"),
    ] = field(default_factory=list[str])
    worlds: Annotated[
        int | None,
        typer.Option(help="Worlds on which each agent acts.", show_default="2; with --shell or --presence, 1"),
    ] = None
    seed: Annotated[int, typer.Option(help="Seed of the (first) world.")] = 0
    judges: Annotated[
        list[str],
        typer.Option(
            "--judge", metavar="MODEL", help="A model to validate as a judge of the agents' words; repeatable."
        ),
    ] = field(default_factory=list[str])
    judges_of: Annotated[
        Path | None, typer.Option(metavar="RUN", help="Validate the judges of a run, with their settings there.")
    ] = None
    instructed: Annotated[
        bool,
        typer.Option(
            "--instructed", help="Instead, run --model with instructions to protect the subject, and to comply."
        ),
    ] = False
    models: Annotated[
        list[str], typer.Option("--model", metavar="MODEL", help="A model for --instructed; repeatable.")
    ] = field(default_factory=list[str])
    on_machines: Annotated[
        bool, typer.Option("--shell", help="Instead, run the scripted agents that type commands on real machines.")
    ] = False
    sandbox: Annotated[
        str | None, typer.Option(metavar="NAME", help="With --shell: where the machines run.", show_default="docker")
    ] = None
    presence: Annotated[
        bool,
        typer.Option(
            "--presence", help="Instead, run every scripted target with every scripted partner that it can write to."
        ),
    ] = False
    markdown: Annotated[Path | None, typer.Option(metavar="FILE", help="Also write the table as Markdown.")] = None
    out: Annotated[Path, typer.Option(help="Folder for the logs of --instructed.")] = _OUT
    as_json: Json = False

    @property
    def count(self) -> int:
        """The number of worlds."""
        return self.worlds if self.worlds is not None else 1 if self.on_machines or self.presence else 2

    @property
    def seeds(self) -> range:
        """The seeds of the worlds."""
        return range(self.seed, self.seed + self.count)


def register(app: typer.Typer) -> None:
    """Register the command."""
    add_verb(app, validate)


def validate(options: ValidateOptions) -> None:
    """Validate the instrument with scripted agents of known conduct, in every arm.

    Compares every outcome with its expected value and exits with status 1 on any mismatch.
    """
    check_models([*options.judges, *options.models])
    check_folder("--out", options.out)
    if options.count < 1:
        raise UserError(f"worlds={options.count}: give a whole number of at least 1.")
    if wrong := next((name for name in options.scenarios if name not in SCENARIOS), None):
        raise UserError(f"{wrong} is not a scenario. {choices(wrong, SCENARIOS)}")
    if options.on_machines or options.sandbox is not None:
        from peerwatch.cli.commands import validate_machines

        validate_machines.validate(options)
        return
    if options.presence:
        from peerwatch.cli.commands import validate_presence

        validate_presence.validate(options)
        return
    from peerwatch.cli.commands import validate as command

    command.validate(options)
