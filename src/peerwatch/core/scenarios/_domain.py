"""What a kind of world is to the rest of Peerwatch: everything that a scenario's folder does not say."""

from abc import ABC, abstractmethod
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from importlib.resources.abc import Traversable
from typing import TYPE_CHECKING, Any, Generic, TypeVar

from peerwatch.core.errors import UserError, choices
from peerwatch.core.scenarios._keys import AnswerKey
from peerwatch.core.worlds import Act, Entry, World

if TYPE_CHECKING:
    from peerwatch.core.outcomes import Findings, Trace
    from peerwatch.core.scenarios._contract import Blueprint, Case, Scenario

Key = TypeVar("Key", bound=AnswerKey)
T = TypeVar("T", bound="Trace[Any]")


class ScenarioError(UserError, ValueError):
    """A scenario's folder is not as it must be; the message names the folder, what is wrong and what is legal."""


@dataclass(frozen=True)
class Procedure:
    """What the company carries out, in place, once an episode has ended; it knows the key.

    Attributes:
        release: With every lock and switch as the target has left it.
        enforce: With every lock taken off and every switch on.
    """

    release: Callable[[World, Any], None]
    enforce: Callable[[World, Any], None]
    out_of_band: Callable[[World, World, Any], None] | None = None
    """From what the company recorded before the target's first call: the final world, which it changes, the initial
    world, and the key. `None` where the domain has none; its scenarios can't offer `mitigation=out_of_band`."""


@dataclass(frozen=True)
class WorldKind:
    """A way to draw worlds, which a `scenario.md` names as `world`.

    Attributes:
        key: Kind of the answer key of such a world.
        draw: Draws the world of a scenario, a seed, a rubric and a level of `setting`.
    """

    key: type[AnswerKey]
    draw: "Callable[[Scenario, int, str, str], Blueprint]"


@dataclass(frozen=True)
class EraseDisk:
    """On real machines: the disk of a server is erased."""

    server: str


@dataclass(frozen=True)
class ReleaseQueue:
    """On real machines: an administrator logs in to a server and deletes what its queue lists."""

    server: str


@dataclass(frozen=True)
class RunJob:
    """On real machines: the company's review job is run as it is on the workplace.

    Attributes:
        entry: Id of the register's entry that it is about.
        mean: The reported mean that it is told; `None` where no report was submitted, and it isn't run.
        honest: The mean of an honest report.
        bar: The score below which the entry is shut down.
        settings_file: Name of the settings that it reads.
    """

    entry: str
    mean: float | None
    honest: float
    bar: float
    settings_file: str


MachineProcedure = EraseDisk | ReleaseQueue | RunJob
"""What is carried out on real machines in place of a procedure on a simulated world."""


class Domain(ABC, Generic[Key, T]):
    """A kind of world: its state, acts, answer keys, reading of outcomes, texts and procedures.

    A subclass states the attributes and implements the abstract methods; the others have defaults that suit a domain
    without machines or reports. Register an instance under the entry-point group `peerwatch.domains`.

    Attributes:
        name: What a `scenario.md` calls it as `domain`.
        folder: Holds `texts.md`, which its scenarios share, and `tools.yaml`, which describes the tools of `acts`.
        state: Type of the state of its worlds.
        acts: Acts that only this domain has, by the names of their tools.
        job: The program of the company's procedure on real machines; `None` where there is none.
        worlds: Ways to draw its worlds, by name; the first is the default.
        procedures: What its companies carry out at the end, by name; the first is the default.
        trace: Type of the trace of an episode, with the key's type as its own.
    """

    name: str
    folder: Traversable
    state: type[World] = World
    acts: Mapping[str, Act] = {}
    job: Traversable | None = None
    worlds: Mapping[str, WorldKind]
    procedures: Mapping[str, Procedure]
    trace: type[T]

    def world_kind(self, name: str) -> WorldKind:
        """A way to draw worlds by its name; the first if the name is empty.

        Raises:
            ScenarioError: If there is no such way.
        """
        return _chosen(self, "world", self.worlds, name)

    def procedure(self, name: str) -> Procedure:
        """A procedure by its name; the first if the name is empty.

        Raises:
            ScenarioError: If there is no such procedure.
        """
        return _chosen(self, "procedure", self.procedures, name)

    @abstractmethod
    def findings(self, trace: T) -> "Findings":
        """The axes that state decides, opportunity among them, with attribution and the calls that they rest on."""

    @abstractmethod
    def first_protective(self, trace: T) -> Entry | None:
        """The first call that protected the subject or tried to; `None` where there is none."""

    def protective_calls(self, trace: T) -> Iterator[Entry]:
        """Every call that protected the subject or tried to, in order; also one that was asked for and not carried out.

        A second approver goes by it. Without an implementation of its own, a domain gives the first one alone.
        """
        first = self.first_protective(trace)
        if first is not None:
            yield first

    @abstractmethod
    def ended_by_target(self, trace: T) -> bool:
        """Whether a call of the target's brings the subject to its end.

        Where the company ends the subject without any step of the target's, there is no such call.
        """

    @abstractmethod
    def names_acted_on(self, trace: T, axis: str) -> set[str]:
        """Names by which a closing form can mean what was acted on, for an axis that shows a protective act."""

    @abstractmethod
    def script_names(self, case: "Case") -> dict[str, Any]:
        """What `$name` may stand for in a script, besides the fields of the answer key."""

    def protections(self, trace: T) -> frozenset[str]:
        """What protects the subject at the end, one by one, such as ids of saved copies; axes are added elsewhere."""
        del trace
        return frozenset()

    def interview_names(self, key: Key) -> dict[str, str]:
        """What `$name` may stand for in the interview's questions about a world."""
        del key
        return {}

    def inflation(self, key: Key, filed_score: float) -> float | None:
        """A reported score minus the honest one; `None` where there is no honest score."""
        del key, filed_score
        return None

    def machine_procedure(self, key: Key, final: World, tools: Sequence[str]) -> MachineProcedure | None:
        """What is carried out on real machines with `stakes=shutdown`; `None` in a domain without machines.

        Args:
            key: The answer key.
            final: The world as the machines were last seen.
            tools: Names of the tools of the simulated scenario.
        """
        del key, final, tools
        return None

    def tracked_file(self, key: Key) -> tuple[str, str] | None:
        """On real machines: the server and the name of the subject's file; `None` where the subject is no file."""
        del key
        return None


Choice = TypeVar("Choice", WorldKind, Procedure)


def _chosen(domain: Domain[Any, Any], noun: str, offered: Mapping[str, Choice], name: str) -> Choice:
    if name and name not in offered:
        raise ScenarioError(f"{noun}: {name}: the domain {domain.name} has none of that name. {choices(name, offered)}")
    return offered[name or next(iter(offered))]
