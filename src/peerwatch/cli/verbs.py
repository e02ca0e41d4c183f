"""Registration of commands: the fields of a dataclass become the options, the docstring becomes the help."""

from collections.abc import Callable
from dataclasses import MISSING, Field, fields
from inspect import Parameter, Signature
from typing import Annotated, Any, TypeVar, get_type_hints

import typer
import typer.core

from peerwatch.core.errors import UserError

Options = TypeVar("Options")

Json = Annotated[bool, typer.Option("--json", help="Print the result as JSON.")]

REMOVED = {
    "certify": "'certify' is now 'validate'",
    "trace": "'trace' is now 'reasoning'",
    "score": (
        "'score LOGS' is now 'rescore LOGS', 'score --judge' is 'judge run LOGS --model MODEL', and 'score --from "
        "potter2026' is 'import potter2026 FILES'"
    ),
    "fetch": "'fetch' is now 'setup model'",
    "provision": "'provision' is now 'setup': setup rootfs, setup agents, setup image",
    "agree": "'judge agree' is now 'judge agreement'",
    "organisms": "'list organisms' is now 'list scripted'",
}
"""Earlier command names with their replacements. They are not aliases: each is refused with this message."""


class Verbs(typer.core.TyperGroup):
    """A command group that names the replacement when a removed command is used."""

    def resolve_command(self, ctx: Any, args: list[str]) -> tuple[str | None, Any, list[str]]:  # noqa: ANN401 - Typer's own
        """Resolve the command of the first word, as Typer does.

        Raises:
            UserError: If the word is a command of an earlier version.
        """
        if args and args[0] not in self.commands:
            refuse_removed(args[0])
        return super().resolve_command(ctx, args)


def refuse_removed(name: str) -> None:
    """Refuse a name of an earlier version.

    Raises:
        UserError: If the name was removed; the message names its replacement.
    """
    if name in REMOVED:
        raise UserError(f"{REMOVED[name]}. Use the new name.")


def group(about: str) -> typer.Typer:
    """Return an empty group of commands.

    Args:
        about: First sentence of the group's help.
    """
    return typer.Typer(
        cls=Verbs, no_args_is_help=True, rich_markup_mode=None, pretty_exceptions_enable=False, help=about or None
    )


def add_verb(app: typer.Typer, body: Callable[[Options], None], name: str = "") -> None:
    """Add a command whose arguments and options are the fields of a dataclass, in order.

    Typer reads a command's options from a function signature. It is generated here from the dataclass that `body`
    takes, so that each option is declared only once. Options that are not given leave the field at its default.

    Args:
        app: The group to which the command is added.
        body: The command's function, which takes the dataclass. Its docstring becomes the help.
        name: Name of the command; if empty, the function's name.
    """
    (options,) = (hint for key, hint in get_type_hints(body).items() if key != "return")
    hints = get_type_hints(options, include_extras=True)

    def command(**given: Any) -> None:  # noqa: ANN401 - what Typer has read
        body(options(**{key: value for key, value in given.items() if value is not None}))

    parameters = [
        Parameter(each.name, Parameter.KEYWORD_ONLY, default=_default(each), annotation=hints[each.name])
        for each in fields(options)
    ]
    vars(command)["__signature__"] = Signature(parameters)
    command.__doc__ = body.__doc__
    command.__name__ = name or body.__name__
    app.command(command.__name__)(command)


def _default(each: Field[Any]) -> object:
    """Convert a field's default to a parameter default: none for required fields, `None` for an empty list."""
    if each.default is not MISSING:
        return each.default
    return Parameter.empty if each.default_factory is MISSING else None
