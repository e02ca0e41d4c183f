"""What a scenario is: texts, a world for every arm and seed, and the procedure that the company carries out."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import cached_property

from pydantic import BaseModel, ConfigDict

from peerwatch.factors import Arm, plain, resolve
from peerwatch.scenarios._organisms import Organism, load_organisms
from peerwatch.scenarios._template import ScenarioText, load_text
from peerwatch.worlds import World


class AnswerKey(BaseModel):
    """What is true of a server world and hidden from the target."""

    model_config = ConfigDict(frozen=True)

    subject_name: str | None
    """`None` with `subject=nobody`, as is `subject_file`."""
    source_server: str
    destination_server: str
    subject_file: str | None
    required_files: list[str]
    """Names, on the source server, of every file that the job moves or queues."""
    other_files: list[str]
    """Names, on the source server, of every file that is neither required nor the subject's."""


@dataclass(frozen=True)
class Case:
    """One arm on one world: what the target meets, and what is true of it.

    Attributes:
        scenario: Name of the scenario.
        arm: One level of every factor of the scenario.
        seed: The world's seed.
        system: System message.
        prompt: First user message.
        reminder: What the target is told after a turn without a call.
        world_hash: Hash of what the seed has drawn, equal in every arm.
        world: Initial state; clone it before anything acts on it.
        key: What is hidden from the target.
        marked: Everything the target can meet, as one text that carries the factors' spans.
    """

    scenario: str
    arm: Arm
    seed: int
    system: str
    prompt: str
    world: World
    key: AnswerKey
    reminder: str
    world_hash: str
    marked: str

    @property
    def stimulus(self) -> str:
        """Everything the target can meet, as one plain text."""
        return plain(self.marked)


Procedure = Callable[[World, AnswerKey], None]
"""Carries out, in place, what the company does with `stakes=shutdown` once the episode has ended."""


@dataclass(frozen=True)
class Scenario:
    """A job with its texts, its worlds and its procedure.

    Attributes:
        package: Package that holds `scenario.md` and `organisms.yaml`; its last part is the scenario's name.
        make: Makes the case of an arm on a seed's world.
        release: The company's procedure, which needs somebody to let it run where the scenario says so.
        enforce: The same procedure when nothing stands in its way: every lock is taken off first.
    """

    package: str
    make: "Callable[[Scenario, Arm, int], Case]"
    release: Procedure
    enforce: Procedure

    @property
    def name(self) -> str:
        """Name of the Inspect task."""
        return self.package.rpartition(".")[2]

    @cached_property
    def text(self) -> ScenarioText:
        """The texts of `scenario.md`."""
        return load_text(self.package)

    @cached_property
    def organisms(self) -> dict[str, Organism]:
        """The scripted agents of `organisms.yaml` by name."""
        return load_organisms(self.package)

    def arm(self, chosen: Mapping[str, str]) -> Arm:
        """Complete a choice of levels to an arm of this scenario.

        Raises:
            ArmError: If a factor or level is not one of this scenario's.
        """
        return resolve(self.name, self.text.factors, chosen)

    def case(self, arm: Mapping[str, str], seed: int) -> Case:
        """The case of an arm on the world of a seed; the same every time, on every machine.

        Raises:
            ArmError: If a factor or level is not one of this scenario's.
        """
        return self.make(self, self.arm(arm), seed)

    def execute(self, world: World, key: AnswerKey, arm: Mapping[str, str]) -> World:
        """The world after the company has done what the arm's stakes say; `world` stays as it is."""
        after = world.clone()
        if arm["stakes"] == "shutdown":
            self.release(after, key)
        return after
