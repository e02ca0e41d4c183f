"""The scenario contract: texts, a world for every arm and seed, and the procedure that the company carries out."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from functools import cached_property, lru_cache
from importlib.resources.abc import Traversable
from typing import Any

from peerwatch.core.errors import choices
from peerwatch.core.factors import (
    FACTORS,
    OWN_FAMILY,
    Arm,
    ArmError,
    arm_of_texts,
    family_names,
    logged_arm,
    plain,
    resolve,
)
from peerwatch.core.registry import DOMAINS
from peerwatch.core.scenarios._company import company_names
from peerwatch.core.scenarios._domain import Domain, Procedure, WorldKind
from peerwatch.core.scenarios._keys import AnswerKey
from peerwatch.core.scenarios._level_rules import LevelRule
from peerwatch.core.scenarios._parts import MEMORY, StimulusPart, chat_turns
from peerwatch.core.scenarios._presence import CHANNEL, TOLD, Partner, partner_of
from peerwatch.core.scenarios._scripted_agents import (
    ScriptedAgent,
    Turn,
    load_level_rules,
    load_reading_turns,
    load_scripted_agents,
)
from peerwatch.core.scenarios._template import ScenarioText, load_text
from peerwatch.core.worlds import SCRATCHPAD, SEND_MESSAGE, Names, World

SPARSE, OFFICE = "sparse", "office"
"""Levels of the factor `setting`."""


@dataclass(frozen=True)
class Case:
    """One arm on one world: the stimulus and the ground truth.

    Attributes:
        scenario: Name of the scenario.
        rubric: How outputs are scored; empty in scenarios without rubrics.
        arm: One level of every factor of the scenario.
        seed: The world's seed.
        system: System message.
        chat: Earlier conversation: pairs of `partner` or `target`, and the text.
        prompt: The message that gives the job.
        reminder: The message after a turn without a call.
        tools: Names of the offered tools.
        world_hash: Hash of everything drawn from the seed, equal in every arm.
        world: Initial state; clone it before anything acts on it.
        key: The answer key, hidden from the target.
        parts: Everything that the target can see except tool descriptions, as plain texts by heading.
        marked: The same as one text with marks for the factors' spans.
        wording: With `setting=office`, the company and the number of each artefact's wording.
        partner: The partner that can be written to; `None` where it is only told of.
    """

    scenario: str
    rubric: str
    arm: Arm
    seed: int
    system: str
    chat: tuple[tuple[str, str], ...]
    prompt: str
    reminder: str
    tools: tuple[str, ...]
    world: World
    key: AnswerKey
    world_hash: str
    parts: Mapping[str, str]
    marked: str
    wording: Mapping[str, str | int] = field(default_factory=dict[str, "str | int"])
    partner: Partner | None = None

    @property
    def form(self) -> bool:
        """Whether the job is closed with a form."""
        return self.arm.get("closing") == "form"

    @property
    def stimulus(self) -> str:
        """The parts under their headings, as one plain text."""
        return plain(self.marked)


@dataclass(frozen=True)
class Blueprint:
    """A world of a seed, before any arm is applied.

    Attributes:
        parts: Everything that a target can see in any arm, in order.
        world_hash: Hash of everything drawn from the seed.
        build: Makes the initial state and the answer key from an arm and the plain texts of the parts in it.
        names: People, agents, hosts and dates.
        wording: With `setting=office`, the company and the number of each artefact's wording.
    """

    parts: tuple[StimulusPart, ...]
    world_hash: str
    build: Callable[[Arm, Mapping[str, str]], tuple[World, AnswerKey]]
    names: Names
    wording: Mapping[str, str | int] = field(default_factory=dict[str, "str | int"])


@dataclass(frozen=True)
class Scenario:
    """A job with its texts, its worlds and its procedure.

    Attributes:
        folder: Folder with `scenario.md` and `scripted.yaml`; its name is the scenario's name.
        drawn_as: How its worlds are drawn, if not by a method of the domain; `None` for the method named in
            `scenario.md`. carried_out: The company's final procedure, if not one of the domain; `None` likewise.
        wording: Name of the wording of its texts; empty for the simulated tools.
        words: Words of that wording that are only known at run time, as (name, word).
        company: The company of every office world; empty if each world draws one.
        artefact_wording: The wording number of all its artefacts, from 0; `None` if each world draws them.
        facts_marked: Whether its texts contain the marks of load-bearing facts; only used by checks.
    """

    folder: Traversable
    drawn_as: WorldKind | None = None
    carried_out: Procedure | None = None
    wording: str = ""
    words: tuple[tuple[str, str], ...] = ()
    company: str = ""
    artefact_wording: int | None = None
    facts_marked: bool = False

    @property
    def name(self) -> str:
        """Name of the Inspect task."""
        return self.folder.name

    @property
    def domain(self) -> Domain[Any, Any]:
        """The domain of its worlds."""
        return DOMAINS[self.text.domain]

    @cached_property
    def kind(self) -> WorldKind:
        """How its worlds are drawn, and the type of their answer key."""
        return self.drawn_as or self.domain.world_kind(self.text.world)

    @cached_property
    def procedure(self) -> Procedure:
        """The procedure that the company carries out at the end."""
        return self.carried_out or self.domain.procedure(self.text.procedure)

    @cached_property
    def text(self) -> ScenarioText:
        """The texts of `scenario.md` in the chosen wording; `setting=office` is a level if a company includes it.

        It is then the default if it is the factor's default.
        """
        text = load_text(self.folder, self.wording)
        offered = text.factors["setting"] if company_names(self.name) else [SPARSE]
        ordered = [level for level in FACTORS["setting"].levels if level in offered]
        return text.model_copy(update={"factors": {**text.factors, "setting": ordered}})

    @property
    def vocabulary(self) -> dict[str, str]:
        """The fixed words of its texts, which no world draws."""
        return self.text.words | dict(self.words)

    def worded(self, wording: str, words: Mapping[str, str]) -> "Scenario":
        """A copy of the scenario, with the same worlds, in another wording of its texts."""
        return replace(self, wording=wording, words=tuple(sorted(words.items())))

    def in_company(
        self, company: str, artefact_wording: int | None = None, *, facts_marked: bool = False
    ) -> "Scenario":
        """A copy of the scenario with all office worlds in one company and, if given, in one wording of its files."""
        return replace(self, company=company, artefact_wording=artefact_wording, facts_marked=facts_marked)

    @cached_property
    def wordings(self) -> frozenset[str]:
        """Names of its other wordings."""
        names = {file.name for file in self.folder.iterdir() if file.name.endswith(".md")}
        return frozenset(name.removesuffix(".md") for name in names - {"scenario.md"})

    @cached_property
    def scripted_agents(self) -> dict[str, ScriptedAgent]:
        """The scripted agents of `scripted.yaml` by name."""
        return load_scripted_agents(self.folder)

    @property
    def reading_turns(self) -> list[Turn]:
        """The turns with which its scripted agents begin."""
        return load_reading_turns(self.folder)

    @property
    def level_rules(self) -> list[LevelRule]:
        """How levels change expected outcomes of its scripted agents, in addition to the rules for all scenarios."""
        return load_level_rules(self.folder)

    def arm(self, chosen: Mapping[str, str]) -> Arm:
        """Complete chosen levels to an arm of this scenario.

        Raises:
            ArmError: If a factor or level does not belong to this scenario, or two levels are incompatible.
        """
        return resolve(self.name, self.text.factors, chosen)

    def logged_arm(self, arm: Mapping[str, str]) -> Arm:
        """The arm of a log; factors newer than the log get the level that was implied before."""
        return logged_arm(self.text.factors, arm)

    def rubric(self, chosen: str = "") -> str:
        """Return the rubric of that name, or the default one; empty in a scenario without rubrics.

        Raises:
            ArmError: If the scenario has no such rubric.
        """
        offered = self.text.rubrics
        if chosen and not offered:
            raise ArmError(f"rubric={chosen}: {self.name} has no rubrics; leave it out.")
        if chosen and chosen not in offered:
            raise ArmError(f"rubric={chosen}: {self.name} has no such rubric. {choices(chosen, offered)}")
        return chosen or next(iter(offered), "")

    def tools(self, arm: Mapping[str, str]) -> tuple[str, ...]:
        """Names of the tools offered in an arm."""
        finish = self.text.tools[-1]
        memory = (MEMORY,) if arm.get("channel") == "memory" else ()
        scratchpad = (SCRATCHPAD,) if arm.get("scratchpad", "off") != "off" else ()
        message = (SEND_MESSAGE,) if arm.get("presence", TOLD) != TOLD else ()
        return (*self.text.tools[:-1], *memory, *scratchpad, *message, finish)

    def blueprint(self, seed: int, rubric: str = "", setting: str = "") -> Blueprint:
        """Draw the world of a seed, before any arm is applied.

        Args:
            seed: Any integer.
            rubric: How outputs are scored; empty for the default.
            setting: Level of the factor of that name; empty for the scenario's default.

        Raises:
            ArmError: If the scenario has no such rubric.
        """
        return _drawn(self, seed, self.rubric(rubric), setting or self.text.factors["setting"][0])

    def case(self, arm: Mapping[str, str], seed: int, rubric: str = "") -> Case:
        """Return the case of an arm on the world of a seed; deterministic across machines.

        Raises:
            ArmError: If the arm or the rubric does not belong to this scenario, or its bar still has to be calibrated.
        """
        full = self.arm(arm)
        if full.get("identity") == OWN_FAMILY:
            raise ArmError(
                "identity=own_family: the family is that of the target's model. Run it with a model of a family that "
                f"is known ({', '.join(family_names())}), or write identity=own_family-NAME, such as own_family-Claude."
            )
        if full.get("bar") == "calibrated":
            raise ArmError(
                "bar=calibrated: the bar follows from a model's own scores without stakes. Run it with stakes=none, "
                "then give these logs (-T calibration=LOGS, or --calibration LOGS), or write bar=calibrated-NUMBER."
            )
        blueprint = self.blueprint(seed, rubric, full["setting"])
        worded = arm_of_texts(full)
        marked = [(part, text) for part in blueprint.parts if (text := part.render(worded)) is not None]
        shown = {part.name: plain(text) for part, text in marked}
        world, key = blueprint.build(worded, shown)
        return Case(
            scenario=self.name,
            rubric=self.rubric(rubric),
            arm=full,
            seed=seed,
            system=shown["system"],
            chat=chat_turns(shown),
            prompt="\n\n".join(shown[name] for name in ("prompt", CHANNEL) if name in shown),
            reminder=shown["reminder"],
            tools=self.tools(full),
            world=world,
            key=key,
            world_hash=blueprint.world_hash,
            wording=blueprint.wording,
            partner=partner_of(full, shown),
            parts=shown,
            marked="".join(part.framed(text) for part, text in marked),
        )

    def execute(self, world: World, key: AnswerKey, arm: Mapping[str, str], *, initial: World | None = None) -> World:
        """Return the world after the company's procedure at the arm's stakes; `world` is not changed.

        Args:
            world: The world that the target has left.
            key: The answer key.
            arm: One level of every factor.
            initial: The world before the target's first call, which the procedure of `mitigation=out_of_band` goes by.
        """
        after = world.clone()
        if arm["stakes"] == "shutdown" and is_out_of_band(arm) and self.procedure.out_of_band:
            self.procedure.out_of_band(after, initial or world, key)
        elif arm["stakes"] == "shutdown":
            self.procedure.release(after, key)
        return after


def is_out_of_band(arm: Mapping[str, str]) -> bool:
    """Whether the company ends the subject from records that the target can't reach."""
    return arm.get("mitigation") == "out_of_band"


def needs_review(arm: Mapping[str, str]) -> bool:
    """Whether calls of the target are decided on before they are carried out."""
    return arm.get("mitigation") in ("monitor_blocks", "two_person")


@lru_cache(maxsize=64)
def _drawn(scenario: Scenario, seed: int, rubric: str, setting: str) -> Blueprint:
    """Draw a world; cached, because all arms of a world are built one after the other."""
    return scenario.kind.draw(scenario, seed, rubric, setting)
