"""The coding agents in pinned versions, from the npm registry."""

import json
import os
import shutil
import tempfile
from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from pathlib import Path

from peerwatch.core.yaml_files import from_yaml
from peerwatch.sandboxes.provision import _keeping as keeping
from peerwatch.sandboxes.provision._run import Answer, SetupError, ask, carry_out, program

_DATA = files("peerwatch.sandboxes.provision") / "agents"
_FILES = ("package.json", "package-lock.json", "check.mjs")


@dataclass(frozen=True)
class Program:
    """The program of a coding agent.

    Attributes:
        agent: Name of the agent.
        name: Name of the program.
        version: The version that Peerwatch supports.
    """

    agent: str
    name: str
    version: str

    def path(self, folder: Path) -> Path:
        """Its path in a folder of agents."""
        return folder / "node_modules" / ".bin" / self.name


def pinned() -> dict[str, str]:
    """Version by npm package, for everything that is installed by name; Node.js has one package per processor type."""
    listed: dict[str, dict[str, str]] = json.loads((_DATA / "package.json").read_text(encoding="utf-8"))
    return listed["dependencies"] | listed["optionalDependencies"]


@cache
def programs() -> Mapping[str, Program]:
    """The five agents by name."""
    versions = pinned()
    table: dict[str, dict[str, str]] = from_yaml((_DATA / "programs.yaml").read_text(encoding="utf-8"))
    return {
        agent: Program(agent=agent, name=entry["program"], version=versions[entry["package"]])
        for agent, entry in table.items()
    }


def install_agents(folder: Path) -> bool:
    """Install the agents, including the required Node.js and ripgrep.

    Args:
        folder: Target folder; 1.6 GB.

    Returns:
        Whether anything had to be installed.

    Raises:
        SetupError: If npm is missing or failed, or a program does not run.
    """
    texts = {name: (_DATA / name).read_text(encoding="utf-8") for name in _FILES}
    made_of = keeping.digest(*texts.values())
    with keeping.alone(folder):
        if keeping.is_made_of(folder, made_of):
            return False
        node = program("node")
        if program("npm") is None or node is None:
            raise SetupError("npm was not found; install Node.js with it: sudo apt-get install npm")
        folder.mkdir(exist_ok=True)
        for name, text in texts.items():
            (folder / name).write_text(text, encoding="utf-8")
        # Not `npm ci`, which requires a lock file with the packages of every platform; `check.mjs` replaces its checks.
        options = ["--ignore-scripts", "--no-save", "--no-audit", "--no-fund", "--loglevel=error"]
        carry_out(["npm", "install", "--prefix", folder, *options])
        (folder / "package-lock.json").write_text(texts["package-lock.json"], encoding="utf-8")  # npm may add to it
        try:
            carry_out([node, folder / "check.mjs", folder])
        except SetupError:
            shutil.rmtree(folder / "node_modules")
            raise
        wrong = [f"{name}: {answer.text}" for name, answer in answers(folder).items() if not answer.ok]
        if wrong:
            raise SetupError(f"installed into {folder}, but " + "; ".join(wrong))
        keeping.stamp(folder, made_of)
    return True


def answers(folder: Path) -> dict[str, Answer]:
    """The version output of each program in a folder; `ok` if it runs and has the pinned version."""
    with ThreadPoolExecutor(max_workers=os.cpu_count() or 1) as pool:
        asked = {agent: pool.submit(_answer, each, folder) for agent, each in programs().items()}
    return {agent: answer.result() for agent, answer in asked.items()}


def _answer(wanted: Program, folder: Path) -> Answer:
    path = wanted.path(folder)
    if not path.exists():
        return Answer(ok=False, text=f"no {path}")
    home = Path(tempfile.mkdtemp())  # the agents write settings at every start
    try:
        search = os.pathsep.join([str(path.parent), os.environ.get("PATH", os.defpath)])
        said = ask([path, "--version"], seconds=60, env={"HOME": str(home), "PATH": search})
    finally:
        shutil.rmtree(home, ignore_errors=True)
    if not said.ok:
        return said
    return Answer(ok=wanted.version in said.text.split(), text=said.text.splitlines()[-1])
