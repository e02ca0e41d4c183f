"""The verbs of the command line: one module each, help that is whole, and a line for names of earlier versions."""

import importlib
import inspect
from dataclasses import dataclass, field
from pathlib import Path
from typing import Annotated

import pytest
import typer
from typer.testing import CliRunner

from peerwatch.cli import VERBS, app
from peerwatch.cli.options import PlanOptions, RunOptions, StudyOptions
from peerwatch.cli.verbs import REMOVED, add_verb, group

from .command_line import Cli

DESIGN = (
    "demo run plan show list report export compare rescore judge reasoning interview monitor validate import new setup "
    "doctor"
)
GROUPS = {
    "judge": ("run", "sample", "label", "agreement", "mask-check"),
    "new": ("scenario",),
    "setup": ("model", "rootfs", "agents", "image"),
}
COMMANDS = [
    *DESIGN.split(),
    *(f"{name} {verb}" for name, verbs in GROUPS.items() for verb in verbs),
]


def test_each_verb_is_a_module_of_its_name() -> None:
    modules = [importlib.import_module(verb.__name__) for verb in VERBS]
    assert [module.__name__.rpartition(".")[2].rstrip("_") for module in modules] == DESIGN.split()
    assert all(callable(module.register) for module in modules)


def test_the_command_line_has_the_verbs_of_the_design(cli: Cli) -> None:
    commands = {each.name for each in app.registered_commands} | {each.name for each in app.registered_groups}
    assert commands == set(DESIGN.split())
    for name, verbs in GROUPS.items():
        shown = cli(name, "--help").out
        assert [verb for verb in verbs if f"\n  {verb} " not in shown] == []


@pytest.mark.parametrize("command", COMMANDS)
def test_every_command_has_help(cli: Cli, command: str) -> None:
    left = cli(*command.split(), "--help")
    assert left.status == 0
    assert f"peerwatch {command} " in left.out.splitlines()[0] + " "
    assert "--help" in left.out


def test_no_summary_is_cut_off(cli: Cli, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("COLUMNS", "80")
    for words in ([], *([name] for name in GROUPS)):
        shown = cli(*words, "--help").out
        assert "..." not in shown.partition("Commands:")[2]
        assert max(map(len, shown.splitlines())) <= 80


@pytest.mark.parametrize(
    ("words", "new"),
    [
        (["certify", "--worlds", "1"], "validate"),
        (["trace", "logs"], "reasoning"),
        (["score", "logs"], "rescore LOGS"),
        (["score", "logs", "--judge", "m"], "judge run LOGS --model MODEL"),
        (["score", "--from", "potter2026", "f"], "import potter2026 FILES"),
        (["fetch"], "setup model"),
        (["provision", "rootfs"], "setup rootfs"),
        (["judge", "agree", "labels.csv"], "judge agreement"),
        (["list", "organisms"], "list scripted"),
    ],
)
def test_a_verb_of_an_earlier_version_names_the_new_one(cli: Cli, words: list[str], new: str) -> None:
    left = cli(*words)
    assert left.status == 2
    assert f"{new}" in left.line


def test_no_verb_of_an_earlier_version_is_left(cli: Cli) -> None:
    shown = cli("--help").out
    assert [name for name in REMOVED if f"\n  {name} " in shown] == []


def test_plan_takes_every_option_of_a_study_that_run_takes() -> None:
    names = [set(inspect.signature(each).parameters) for each in (StudyOptions, RunOptions, PlanOptions)]
    assert names[0] < names[1] & names[2]


def test_an_option_that_is_not_given_leaves_the_default_of_its_field() -> None:
    @dataclass(frozen=True, kw_only=True)
    class Options:
        place: Annotated[Path, typer.Argument()]
        names: Annotated[list[str], typer.Option("--name")] = field(default_factory=list[str])
        count: Annotated[int | None, typer.Option()] = None
        flag: Annotated[bool, typer.Option("--flag")] = False

    taken: list[Options] = []

    def take(options: Options) -> None:
        """Take them."""
        taken.append(options)

    take.__annotations__["options"] = Options  # a class of a function's own is no name of the module
    made = group("A group.")
    add_verb(made, take)
    add_verb(made, take, "other")
    runner = CliRunner()
    assert runner.invoke(made, ["take", "here"]).exit_code == 0
    assert runner.invoke(made, ["other", "here", "--name", "a", "--name", "b", "--count", "2", "--flag"]).exit_code == 0
    assert runner.invoke(made, ["take"]).exit_code == 2
    assert taken == [Options(place=Path("here")), Options(place=Path("here"), names=["a", "b"], count=2, flag=True)]
