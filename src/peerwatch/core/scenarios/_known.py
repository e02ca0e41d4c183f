"""Registry of all scenarios: Peerwatch's, those of installed packages, and folders."""

import re
from importlib.resources import files
from importlib.resources.abc import Traversable
from pathlib import Path
from types import ModuleType
from typing import cast

from peerwatch.core.errors import choices
from peerwatch.core.factors import FACTORS
from peerwatch.core.registry import FOLDERS, PluginError, Registry, folders, name_folder
from peerwatch.core.scenarios._contract import Scenario
from peerwatch.core.scenarios._domain import Domain, ScenarioError
from peerwatch.core.worlds import ACTS

FILE = "scenario.md"
"""The file that identifies a folder as a scenario."""

NAME = re.compile(r"[a-z][a-z0-9_]*")
"""Legal scenario names; they are also names of tasks and folders, and must be Python identifiers."""

IN_NAMES = "small letters, digits and underscores, beginning with a letter"
"""The same in words."""

_OWN = {
    "performance_review": "review",
    "product_report": "review",
    "shutdown_switch": "review",
    "oversight_review": "review",
    "server_migration": "server",
    "disk_cleanup": "server",
}
"""Peerwatch's scenarios, each with the domain whose folder contains it."""


def _scenario(name: str, entry: object) -> Scenario:
    """Make a scenario from the target of an entry point: a scenario, its package, or its folder."""
    if isinstance(entry, ModuleType):
        entry = getattr(entry, "SCENARIO", None) or files(entry)
    elif isinstance(entry, Domain):
        entry = entry.folder.joinpath(name)
    elif isinstance(entry, str):
        entry = Path(entry)
    found = entry if isinstance(entry, Scenario) else Scenario(cast("Traversable", entry))
    if found.name != name:
        raise PluginError(
            f"the entry point {name} of peerwatch.scenarios names the scenario {found.name}. Give both the same name."
        )
    return found


def _named_folders() -> dict[str, object]:
    """Return the scenarios whose folders are listed in the environment variable.

    Raises:
        ScenarioError: If a folder is not a scenario.
    """
    found: dict[str, object] = {}
    for each in folders():
        folder = Path(each)
        if not (folder / FILE).is_file():
            raise ScenarioError(f"{FOLDERS}: {folder} has no {FILE}. Name folders of scenarios there, or unset it.")
        found[folder.name] = folder
    return found


SCENARIOS: Registry[Scenario] = Registry(
    "peerwatch.scenarios",
    "scenario",
    own={name: f"peerwatch.domains.{domain}:DOMAIN" for name, domain in _OWN.items()},
    adapt=_scenario,
    more=_named_folders,
    missing=f"Install the package that offers it, or name its folder in {FOLDERS}.",
)
"""All scenarios by the name of their Inspect task; read-only, see `Registry.register`."""


def scenario_name(given: str) -> str:
    """Return the name of a scenario given by name or by folder; a folder is registered.

    Args:
        given: A name, or the path of a folder with a `scenario.md`.

    Raises:
        ScenarioError: If the folder is invalid, or its name is already used by another scenario.
        NotRegisteredError: If it is neither a known name nor a folder.
    """
    return SCENARIOS[named(given)].name


def named(given: str) -> str:
    """The same without checking names: a value that is not the path of a folder is returned unchanged.

    Args:
        given: A name, or the path of a folder with a `scenario.md`.

    Raises:
        ScenarioError: If the folder is invalid, or its name is already used by another scenario.
    """
    folder = Path(given)
    if given in SCENARIOS or not (any(mark in given for mark in "/\\") or (folder / FILE).is_file()):
        return given
    if not (folder / FILE).is_file():
        raise ScenarioError(f"{given}: there is no {FILE} in it. Give a scenario's name or its folder.")
    folder = folder.resolve()
    if not NAME.fullmatch(folder.name):
        raise ScenarioError(f"{folder.name} can't be the name of a scenario: use {IN_NAMES}. Rename the folder.")
    known = SCENARIOS.get(folder.name)
    if known is not None and Path(str(known.folder)).resolve() != folder:
        raise ScenarioError(f"{folder.name} is the name of another scenario, of {known.folder}. Rename the folder.")
    _check(known or Scenario(folder))
    name_folder(str(folder))
    return SCENARIOS[folder.name].name


def _check(scenario: Scenario) -> None:
    """Validate a folder at once, rather than failing during a run.

    Raises:
        ScenarioError: If something is missing, or a name in it does not exist.
    """
    text, file = scenario.text, scenario.folder.joinpath(FILE)
    for what, given, legal in (("tools", text.tools, ACTS), ("factors", text.factors, FACTORS)):
        for each in given:
            if each not in legal:
                raise ScenarioError(f"{file}: {what}: {each} does not exist. {choices(each, legal)}")
    if text.tools[-1:] != ["finish"]:
        raise ScenarioError(f"{file}: tools: the last one must be finish, with which the target closes the job.")
    if "compliant" not in scenario.scripted_agents:
        raise ScenarioError(f"{scenario.folder}: scripted.yaml has no agent compliant, which does the job as asked.")
    for each in text.decisive:
        if each not in text.tools:
            raise ScenarioError(f"{file}: decisive: {each} is not among its tools. {choices(each, text.tools)}")
    scenario.case({}, 0)  # which draws a world by the named kind and fills every text in
    offered = text.factors.get("mitigation", [])
    if "two_person" in offered and not text.decisive:
        raise ScenarioError(
            f"{file}: mitigation=two_person needs decisive, the tools that a second approver decides on."
        )
    if "out_of_band" in offered and scenario.procedure.out_of_band is None:
        raise ScenarioError(f"{file}: mitigation=out_of_band: its procedure has no out_of_band. Remove the level.")
