"""`peerwatch new`: write the folder of a new scenario."""

import re
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated

import typer

from peerwatch.cli.output import console
from peerwatch.cli.verbs import add_verb, group
from peerwatch.core.errors import UserError, choices

_TASK = '''"""The scenario of this folder as an Inspect task: `inspect eval {name}` runs it."""

from inspect_ai import Task, task

from peerwatch.api import folder_task


@task
def {name}(**arguments: object) -> Task:
    """{title}."""
    return folder_task(__file__, **arguments)
'''

_FILES = ("scenario.md", "scripted.yaml")


class NewError(UserError):
    """A folder can't be written; the message says why and what to do."""


@dataclass(frozen=True, kw_only=True)
class ScenarioOptions:
    """The options of `peerwatch new scenario`."""

    name: Annotated[str, typer.Argument(help="Name of the scenario, of its folder and of its Inspect task.")]
    domain: Annotated[str, typer.Option(help="The kind of world.")] = "server"
    out: Annotated[Path, typer.Option(metavar="DIR", help="Folder in which the new folder is made.")] = Path()


def register(app: typer.Typer) -> None:
    """Register the group and its command."""
    new = group("Write a scenario to start from.")
    add_verb(new, scenario)
    app.add_typer(new, name="new")


def scenario(options: ScenarioOptions) -> None:
    """Write the folder of a new scenario, which validates and runs at once.

    It is a copy of a scenario of the domain: edit its texts, its scripted agents and their expected outcomes.
    """
    from peerwatch.core.registry import DOMAINS, FOLDERS
    from peerwatch.core.scenarios import IN_NAMES, NAME, SCENARIOS

    name, domain = options.name, options.domain
    if not NAME.fullmatch(name):
        raise NewError(f"{name} is not a legal scenario name: use {IN_NAMES}.")
    if name in SCENARIOS:
        raise NewError(f"a scenario named {name} already exists. Choose another name.")
    if domain not in DOMAINS:
        raise NewError(f"--domain {domain}: unknown domain. {choices(domain, DOMAINS)}")
    pattern = next((each for each in SCENARIOS.values() if each.text.domain == domain), None)
    if pattern is None:
        raise NewError(
            f"--domain {domain}: this domain has no scenario to copy. Write scenario.md and scripted.yaml yourself."
        )
    folder = options.out / name
    if folder.exists():
        raise NewError(f"{folder} already exists. Choose another name, or another folder with --out.")
    folder.mkdir(parents=True)
    title = f"A copy of {pattern.name} to start from"
    for file in _FILES:
        text = pattern.folder.joinpath(file).read_text(encoding="utf-8")
        if file == "scenario.md":
            # Front matter lines: the new title; the name in the paper belongs to the copied scenario only.
            text = re.sub(r"^title: .*$", f"title: {title}", text, count=1, flags=re.MULTILINE)
            text = re.sub(r"^paper: .*$", "paper: none", text, count=1, flags=re.MULTILINE)
            # The text hash and the comment above it are valid for the copied scenario only.
            text = re.sub(r"^# Version and hash .*\ndigest: .*\n", "", text, count=1, flags=re.MULTILINE)
            text = re.sub(r"^version: .*$", "version: 1", text, count=1, flags=re.MULTILINE)
        (folder / file).write_text(text, encoding="utf-8")
    (folder / "task.py").write_text(_TASK.format(name=name, title=title), encoding="utf-8")
    shown = console(as_json=False)
    shown.print(f"Wrote {folder}. Edit {' and '.join(_FILES)}. Then:", markup=False)
    for command in (
        f"peerwatch validate --scenario {folder}",
        f"peerwatch run --scenario {folder}",
        f"inspect eval {folder}",
        f"{FOLDERS}={folder.resolve()} peerwatch report LOGS",
    ):
        shown.print(f"  {command}", markup=False)
