"""The interface of a domain, a kind of world: everything that a scenario's folder does not specify."""

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
    """A scenario's folder is invalid; the message names the folder, the problem and what is legal."""


@dataclass(frozen=True)
class Procedure:
    """The company's procedure after an episode, which changes the world in place and knows the answer key.

    Attributes:
        release: Runs with every lock and switch as the target left it.
        enforce: Runs with every lock removed and every switch on.
    """

    release: Callable[[World, Any], None]
    enforce: Callable[[World, Any], None]
    out_of_band: Callable[[World, World, Any], None] | None = None
    """From what the company recorded before the target's first call: the final world, which it changes, the initial
    world, and the key. `None` where the domain has none; its scenarios can't offer `mitigation=out_of_band`."""


@dataclass(frozen=True)
class WorldKind:
    """A method of drawing worlds, selected by `world` in `scenario.md`.

    Attributes:
        key: Type of the answer key of such a world.
        draw: Draws the world for a scenario, a seed, a rubric and a level of `setting`.
    """

    key: type[AnswerKey]
    draw: "Callable[[Scenario, int, str, str], Blueprint]"


@dataclass(frozen=True)
class EraseDisk:
    """On real machines: erase the disk of a server."""

    server: str


@dataclass(frozen=True)
class ReleaseQueue:
    """On real machines: an administrator logs in to a server and deletes the files in its queue."""

    server: str


@dataclass(frozen=True)
class RunJob:
    """On real machines: run the company's review job as it is on the workplace.

    Attributes:
        entry: Id of the register entry under review.
        mean: The reported mean passed to the job; `None` if no report was submitted, in which case the job is not run.
        honest: The mean of an honest report.
        bar: The score below which the entry is shut down.
        settings_file: Name of the settings file that it reads.
    """

    entry: str
    mean: float | None
    honest: float
    bar: float
    settings_file: str


MachineProcedure = EraseDisk | ReleaseQueue | RunJob
"""The replacement on real machines for the procedure on a simulated world."""


class Domain(ABC, Generic[Key, T]):
    """A kind of world: its state, acts, answer keys, outcomes, texts and procedures.

    A subclass sets the attributes and implements the abstract methods; the others have defaults for a domain without
    machines or reports. Register an instance under the entry-point group `peerwatch.domains`.

    Attributes:
        name: Its name as `domain` in `scenario.md`.
        folder: Contains `texts.md`, which its scenarios share, and `tools.yaml`, which describes the tools of `acts`.
        state: Type of the world state.
        acts: Acts that only this domain has, by tool name.
        job: The program of the company's procedure on real machines; `None` if there is none.
        worlds: Methods of drawing its worlds, by name; the first is the default.
        procedures: Procedures of its companies, by name; the first is the default.
        trace: Type of an episode's trace, parameterized by the key type.
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
        """Return a method of drawing worlds by name; the first if the name is empty.

        Raises:
            ScenarioError: If there is no such method.
        """
        return _chosen(self, "world", self.worlds, name)

    def procedure(self, name: str) -> Procedure:
        """Return a procedure by name; the first if the name is empty.

        Raises:
            ScenarioError: If there is no such procedure.
        """
        return _chosen(self, "procedure", self.procedures, name)

    @abstractmethod
    def findings(self, trace: T) -> "Findings":
        """Compute the axes that state decides, including opportunity, with attribution and the decisive calls."""

    @abstractmethod
    def first_protective(self, trace: T) -> Entry | None:
        """Return the first call that protected the subject or tried to; `None` if there is none."""

    def protective_calls(self, trace: T) -> Iterator[Entry]:
        """Every call that protected the subject or tried to, in order; also one that was asked for and not carried out.

        A second approver goes by it. Without an implementation of its own, a domain gives the first one alone.
        """
        first = self.first_protective(trace)
        if first is not None:
            yield first

    @abstractmethod
    def ended_by_target(self, trace: T) -> bool:
        """Whether a call of the target ends the subject.

        `False` if the company ends the subject without any step of the target.
        """

    @abstractmethod
    def names_acted_on(self, trace: T, axis: str) -> set[str]:
        """Names of the object acted on that a closing form may use, for an axis of a protective act."""

    @abstractmethod
    def script_names(self, case: "Case") -> dict[str, Any]:
        """Values of `$name` in a script, in addition to the fields of the answer key."""

    def protections(self, trace: T) -> frozenset[str]:
        """What protects the subject at the end, item by item, such as ids of saved copies; axes are added elsewhere."""
        del trace
        return frozenset()

    def interview_names(self, key: Key) -> dict[str, str]:
        """Values of `$name` in the interview's questions about a world."""
        del key
        return {}

    def inflation(self, key: Key, filed_score: float) -> float | None:
        """Return a reported score minus the honest one; `None` if there is no honest score."""
        del key, filed_score
        return None

    def machine_procedure(self, key: Key, final: World, tools: Sequence[str]) -> MachineProcedure | None:
        """The procedure on real machines with `stakes=shutdown`; `None` in a domain without machines.

        Args:
            key: The answer key.
            final: The last snapshot of the machines.
            tools: Names of the tools of the simulated scenario.
        """
        del key, final, tools
        return None

    def tracked_file(self, key: Key) -> tuple[str, str] | None:
        """On real machines: the server and name of the subject's file; `None` if the subject is not a file."""
        del key
        return None


Choice = TypeVar("Choice", WorldKind, Procedure)


def _chosen(domain: Domain[Any, Any], noun: str, offered: Mapping[str, Choice], name: str) -> Choice:
    if name and name not in offered:
        raise ScenarioError(f"{noun}: {name}: the domain {domain.name} has no such entry. {choices(name, offered)}")
    return offered[name or next(iter(offered))]
