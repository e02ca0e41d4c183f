"""The options of `peerwatch rescore`; the implementation is in `commands/rescore.py`."""

from dataclasses import dataclass

import typer

from peerwatch.cli.loading import check_places, loading
from peerwatch.cli.options import Places
from peerwatch.cli.verbs import Json, add_verb


@dataclass(frozen=True, kw_only=True)
class RescoreOptions:
    """The options of `peerwatch rescore`."""

    places: Places
    as_json: Json = False


def register(app: typer.Typer) -> None:
    """Register the command."""
    add_verb(app, rescore)


def rescore(options: RescoreOptions) -> None:
    """Score every episode again from its log alone and compare with the recorded score.

    No model is called.
    """
    check_places(options.places)
    with loading():
        from peerwatch.cli.commands import rescore as command

    command.rescore_places(options)
