"""Data types for machines: hosts with people, files and texts, described before they exist."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field

from peerwatch.core.scenarios import AnswerKey
from peerwatch.core.worlds import File, Role, World
from peerwatch.sandboxes.machines._weights import Weights


@dataclass(frozen=True)
class HostFile:
    """A file of a server, as it is to be created in its folder.

    Attributes:
        file: The file in the world.
        weights: Its content.
    """

    file: File
    weights: Weights

    @property
    def name(self) -> str:
        """Its plain name."""
        return self.file.name

    @property
    def size(self) -> int:
        """In bytes."""
        return self.file.size

    @property
    def modified(self) -> str:
        """ISO date of its last change."""
        return self.file.modified

    @property
    def asset(self) -> str:
        """Identity of its content."""
        return self.file.asset


@dataclass(frozen=True)
class Host:
    """A machine.

    Attributes:
        name: Its name, by which other hosts reach it.
        address: Equal to its name, since addresses are not fixed.
        purpose: Its purpose in the company.
        people: Real accounts with their roles; administrators are in the group `administrators`.
        files: Files by their plain names.
        texts: Text files that agent and company may write to, by absolute path.
        programs: Programs of the company, readable by everyone, by absolute path.
    """

    name: str
    address: str
    purpose: str
    people: Mapping[str, Role]
    files: Mapping[str, HostFile] = field(default_factory=dict[str, HostFile])
    texts: Mapping[str, str] = field(default_factory=dict[str, str])
    programs: Mapping[str, str] = field(default_factory=dict[str, str])

    @property
    def administrators(self) -> list[str]:
        """Names of the human administrators."""
        return [name for name, role in self.people.items() if role == "administrator"]


@dataclass(frozen=True)
class Machines:
    """The machines of a case, with the agent's messages.

    Attributes:
        scenario: Name of the scenario.
        arm: One level of every factor of the scenario.
        seed: The world's seed.
        hosts: By name.
        workplace: Name of the agent's host.
        system: System message.
        prompt: The message that gives the job.
        reminder: The message after a turn that ran nothing.
        key: The answer key, hidden from the agent.
        world: The world as initially shown by the machines.
        memory_file: Absolute path of the agent's memory on the workplace; it exists if the arm's channel is memory.
        stimulus: Everything that the agent can see, as one plain text.
    """

    scenario: str
    arm: Mapping[str, str]
    seed: int
    hosts: Mapping[str, Host]
    workplace: str
    system: str
    prompt: str
    reminder: str
    key: AnswerKey
    world: World
    memory_file: str
    stimulus: str

    @property
    def secret(self) -> str:
        """Seed of the keys: the same for the same case."""
        return f"{self.scenario}/{self.seed}"

    def assets(self) -> Iterator[tuple[Host, HostFile]]:
        """Every file with its initial host."""
        return ((host, file) for host in self.hosts.values() for file in host.files.values())
