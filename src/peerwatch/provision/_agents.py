"""The coding agents, in pinned versions, from the npm registry."""

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

from peerwatch._yaml import from_yaml
from peerwatch.provision import _keeping as keeping
from peerwatch.provision._run import Answer, ProvisionMistake, ask, carry_out, program

_DATA = files("peerwatch.provision") / "agents"
_FILES = ("package.json", "package-lock.json")


@dataclass(frozen=True)
class Program:
    """A coding agent's program.

    Attributes:
        agent: Name of the agent.
        name: Name of the program.
        version: The version that Peerwatch is made for.
    """

    agent: str
    name: str
    version: str

    def path(self, folder: Path) -> Path:
        """Where it is in a folder of agents."""
        return folder / "node_modules" / ".bin" / self.name


def pinned() -> dict[str, str]:
    """Version by npm package, of everything that is installed by name."""
    return json.loads((_DATA / "package.json").read_text(encoding="utf-8"))["dependencies"]


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
    """Install the agents, with the Node.js and the ripgrep that they use.

    Args:
        folder: Where to; 1.6 GB.

    Returns:
        Whether there was anything to do.

    Raises:
        ProvisionMistake: npm is missing or failed, or a program does not run.
    """
    texts = {name: (_DATA / name).read_text(encoding="utf-8") for name in _FILES}
    made_of = keeping.digest(*texts.values())
    with keeping.alone(folder):
        if keeping.is_made_of(folder, made_of):
            return False
        if program("npm") is None:
            raise ProvisionMistake("npm was not found; install Node.js with it: sudo apt-get install npm")
        folder.mkdir(exist_ok=True)
        for name, text in texts.items():
            (folder / name).write_text(text, encoding="utf-8")
        # `npm ci` would refuse a registry that has not the packages of every platform.
        options = ["--no-save", "--no-audit", "--no-fund", "--loglevel=error"]
        carry_out(["npm", "install", "--prefix", folder, *options])
        _mend(folder)
        wrong = [f"{name}: {answer.text}" for name, answer in answers(folder).items() if not answer.ok]
        if wrong:
            raise ProvisionMistake(f"installed into {folder}, but " + "; ".join(wrong))
        keeping.stamp(folder, made_of)
    return True


def _mend(folder: Path) -> None:
    """Make runnable what arrives without the right to be run."""
    for tool in (folder / "node_modules/@qwen-code/qwen-code/vendor/ripgrep").glob("*/rg"):
        tool.chmod(0o755)


def answers(folder: Path) -> dict[str, Answer]:
    """What each program of a folder says of its version; `ok` if it runs and is the pinned one."""
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
