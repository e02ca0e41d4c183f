"""Summaries in the list of commands: the full first sentence, which Typer would cut at the terminal's width."""

import inspect

import typer


def whole_summaries(app: typer.Typer) -> None:
    """Set the summary of every command and group to the full first sentence of its help."""
    for command in app.registered_commands:
        if command.callback is not None and not command.short_help:
            command.short_help = first_sentence(command.help or inspect.getdoc(command.callback) or "")
    for group in app.registered_groups:
        if group.typer_instance is None:
            continue
        whole_summaries(group.typer_instance)
        about = group.help or group.typer_instance.info.help
        if isinstance(about, str):
            group.short_help = first_sentence(about)


def first_sentence(text: str) -> str:
    """Return the first sentence of a help text, on one line."""
    paragraph = " ".join(text.strip().partition("\n\n")[0].split())
    sentence, stop, _ = paragraph.partition(". ")
    return sentence + stop.strip()
