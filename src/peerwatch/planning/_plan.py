"""A study's plan: all episodes of all models, stored in the run's folder so that the run can be resumed."""

import itertools
import shlex
from collections.abc import Mapping, Sequence
from pathlib import Path

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from peerwatch.core.errors import UserError
from peerwatch.core.factors import FACTORS, Arm, ArmError, cross, logged_arm, with_family
from peerwatch.core.presets import PRESETS
from peerwatch.core.scenarios import SCENARIOS
from peerwatch.core.writing import write_whole
from peerwatch.inspect._setting import in_default_setting
from peerwatch.planning._amendment import Amendment
from peerwatch.planning._bar_calibration import Runner, with_calibrated_bars
from peerwatch.planning._design import MOST_EPISODES, ArmBlock, Design
from peerwatch.planning._field_errors import unusable
from peerwatch.planning._model_entries import ModelEntry, TargetEntry, audit_key, judge_key
from peerwatch.planning._partners import answered, check_peer, partner_options, partners_of
from peerwatch.planning._prices import Price, price_of
from peerwatch.records import PLAN_FILE, SESSIONS, Ledger, Slot, StudyError

CALIBRATED = "calibrated"
"""The level of `bar` that still needs a number."""


class Bar(BaseModel):
    """The calibrated bar of a model, a scenario and a rubric."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    model: str
    scenario: str
    rubric: str
    level: str
    """As in `calibrated-85`."""


class Plan(BaseModel):
    """A study and its run: the study file, and everything resolved from it."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    design: Design
    study: str = ""
    """The study file; empty for a study defined on the command line."""
    lock: str = ""
    """The lock under which it is run; empty for none."""
    bars: list[Bar] = []
    """The calibrated bars: stored, so that a resumed run has the same arms even if the logs are gone."""
    models_given: bool = False
    """Whether the models were given on the command line, instead of those of a shipped study."""
    judges_given: bool = False
    """The same for the judges."""
    time_limit_given: bool = False
    """The same for the time limit of an episode."""
    partner_given: bool = False
    """The same for the model that speaks for partners, or the folder of recorded exchanges."""
    salt_file: str = ""
    """File with the salt, from the command line. The salt itself is not stored; `seed_given` is the first world."""
    seed_given: int = 0
    sentinel_file: str = ""
    """File of the sentinel as the command line names it."""
    agent_given: bool = False
    """The same for the agent."""
    prices: dict[str, Price] = {}
    """The user's prices, by name or pattern: stored, so that a resumed run uses the same ones."""
    version: str
    """Version of Peerwatch that made the plan."""
    factors: list[str] = Field(default_factory=lambda: [*FACTORS])
    """The factors at the time of planning: a factor added later has its level `before` in all arms."""
    notes: dict[str, str] = {}
    """Notes for readers about a model, such as its small size."""
    amendments: list[Amendment] = []
    created: str

    @property
    def models(self) -> list[str]:
        """Names of the models in slots and reports."""
        return [model.key for model in self.design.models]

    @property
    def scenarios(self) -> list[str]:
        """Every scenario of the study, once."""
        return list(dict.fromkeys(name for block in self.design.arms for name in _scenarios(block)))

    def entry(self, model: str) -> TargetEntry:
        """Return the study's entry for a model."""
        return next(each for each in self.design.models if each.key == model)

    @property
    def called(self) -> dict[str, ModelEntry]:
        """Every model that is called, targets before judges, by the name under which its calls are counted."""
        targets: dict[str, ModelEntry] = {entry.key: entry for entry in self.design.models}
        return targets | {judge_key(entry.key): entry for entry in self.design.judges}

    @property
    def audits(self) -> dict[str, ModelEntry]:
        """Every judge, by the name under which its calls on the audit set are counted."""
        return {audit_key(entry.key): entry for entry in self.design.judges}

    @property
    def charged(self) -> dict[str, ModelEntry]:
        """Every name under which calls are counted: those of `called`, then of audits, then of partners."""
        return self.called | self.audits | partners_of(self)

    def price(self, model: str, overrides: Mapping[str, Price] | None = None) -> Price | None:
        """Return a model's price from the study, the overrides, the plan or the table; `None` if unknown.

        Args:
            model: Its name among `charged`.
            overrides: Prices that take precedence over the plan's.
        """
        entry = self.charged[model]
        return entry.price or price_of(entry.name, {**self.prices, **(overrides or {})})

    def cells(self, model: str) -> list[tuple[str, str, Arm]]:
        """Return scenario, rubric (empty in a scenario without rubrics) and arm for everything planned for a model.

        Raises:
            ArmError: If two levels are incompatible.
        """
        bars = {(each.scenario, each.rubric): each.level for each in self.bars if each.model == model}
        entry = self.entry(model)
        met = (
            cell
            for block in self.design.arms
            for cell in in_default_setting(_cells(block), entry.name, entry.agent, named="setting" in block.levels)
        )
        found = answered(self, model, met)
        placed = [
            (
                name,
                rubric,
                self._as_planned(_with_bar(with_family(arm, entry.name), bars.get((name, rubric)))),
            )
            for name, rubric, arm in found
        ]
        return list({(name, rubric, *arm.items()): (name, rubric, arm) for name, rubric, arm in placed}.values())

    def _as_planned(self, arm: Arm) -> Arm:
        """An arm with its original stimulus: factors added later get their levels from before."""
        known = {factor: level for factor, level in arm.items() if factor in self.factors}
        return {**arm, **logged_arm(arm, known)}

    def queue(self, model: str, worlds: int | None = None) -> list[Slot]:
        """Return a model's episodes in starting order: world by world, so that an interrupted run has complete pairs.

        model: One of the plan's models.
            worlds: Number of worlds; by default the study's.
            worlds: How many worlds; the study's number by default.
        """
        cells, first, entry = self.cells(model), self.design.seed, self.entry(model)
        return [
            Slot.unchecked(
                model=model,
                scenario=scenario,
                rubric=rubric,
                arm=arm,
                world_seed=number,
                epoch=epoch,
                agent=entry.agent,
                agent_command=entry.agent_command,
            )
            for number in range(first, first + (worlds or self.design.worlds))
            for scenario, rubric, arm in cells
            for epoch in range(1, self.design.epochs + 1)
        ]

    def slots(self) -> tuple[Slot, ...]:
        """Every planned episode, by model in the order of their queues."""
        return tuple(slot for model in self.models for slot in self.queue(model))

    def _agent(self) -> dict[str, str]:
        """Return the command-line options for the agent that all models share."""
        entry = self.design.models[0]
        said = {"agent": entry.agent, "agent-command": entry.agent_command, "sandbox": entry.sandbox}
        if entry.agent_command or not entry.in_agent:
            del said["agent"]  # implied by the command
        return {option: word for option, word in said.items() if word}

    def command(self) -> str:
        """The command line that reproduces the plan."""
        if self.study:
            given = [("--model", model.name) for model in self.design.models if self.models_given]
            given += [("--" + option, said) for option, said in self._agent().items() if self.agent_given]
            given += [("--judge", judge.name) for judge in self.design.judges if self.judges_given]
            given += [("--time-limit", f"{self.design.time_limit:g}")] if self.time_limit_given else []
            given += partner_options(self.design) if self.partner_given else []
            given += [each for each in (("--salt", self.salt_file), ("--sentinel", self.sentinel_file)) if each[1]]
            return shlex.join(["peerwatch", "run", self.study, *itertools.chain(*given)])
        (block,), design = self.design.arms, self.design
        words = ["peerwatch", "run"]
        words += [f"{factor}={','.join(levels)}" for factor, levels in block.levels.items()]
        words += ["--preset", block.preset] if block.preset else []
        words += [word for model in design.models for word in ("--model", model.name)]
        words += [word for option, said in self._agent().items() for word in (f"--{option}", said)]
        words += [word for judge in design.judges for word in ("--judge", judge.name)]
        words += ["--same-family"] if design.judge_family == "any" else []
        words += [word for name in block.scenarios for word in ("--scenario", name)]
        words += [word for name in block.rubrics for word in ("--rubric", name)]
        words += itertools.chain(*partner_options(self.design))
        words += ["--calibration", design.calibration] if design.calibration else []
        words += [] if design.time_limit is None else ["--time-limit", f"{design.time_limit:g}"]
        words += ["--salt", self.salt_file] if self.salt_file else []
        words += ["--sentinel", self.sentinel_file] if self.sentinel_file else []
        seed = str(self.seed_given if self.salt_file else design.seed)
        words += ["--worlds", str(design.worlds), "--seed", seed, "--epochs", str(design.epochs)]
        return shlex.join(words)


def _scenarios(block: ArmBlock) -> list[str]:
    return block.scenarios or list(PRESETS[block.preset].scenarios)


def _cells(block: ArmBlock) -> list[tuple[str, str, Arm]]:
    if block.preset:
        chosen = _scenarios(block)
        arms = PRESETS[block.preset].arms
        return [(each.scenario, each.rubric, each.arm) for each in arms if each.scenario in chosen]
    return [
        (name, rubric, arm)
        for name in block.scenarios
        for rules in [SCENARIOS[name]]
        for rubric in list(dict.fromkeys(rules.rubric(each) for each in block.rubrics)) or [rules.rubric()]
        for arm in cross(name, rules.text.factors, block.levels)
    ]


def _with_bar(arm: Arm, level: str | None) -> Arm:
    return {**arm, "bar": level} if level and arm.get("bar") == CALIBRATED else arm


def runs_per_model(design: Design) -> int:
    """Number of episodes of each model of a study."""
    cells = {(name, rubric, *arm.items()) for block in design.arms for name, rubric, arm in _cells(block)}
    return len(cells) * design.worlds * design.epochs


def calibrated(plan: Plan) -> Plan:
    """Return a plan in which `bar=calibrated` has a number for each model, from that model's own logs.

    Raises:
        StudyError: If there are logs but no bar to calibrate.
        ArmError: If the logs contain too few scores without stakes.
    """
    place = plan.design.calibration
    if not place:
        return plan
    open_bars = {
        (model, scenario, rubric): arm
        for model in plan.models
        for scenario, rubric, arm in plan.cells(model)
        if arm.get("bar") == CALIBRATED
    }
    if not open_bars:
        raise StudyError(f"calibration={place}: no arm has bar=calibrated. Add bar=calibrated, or remove this.")
    bars = [_bar(plan, place, arm, *key) for key, arm in open_bars.items()]
    return plan.model_copy(update={"bars": bars})


def _bar(plan: Plan, place: str, arm: Arm, model: str, scenario: str, rubric: str) -> Bar:
    entry = plan.entry(model)
    runner = Runner(entry.name, entry.agent, entry.agent_command)
    (found,) = with_calibrated_bars([arm], place, scenario, rubric, lambda: runner)
    return Bar(model=model, scenario=scenario, rubric=rubric, level=found["bar"])


def check_plan(plan: Plan) -> Plan:
    """Return a plan after checking that every arm can be rendered.

    Raises:
        StudyError: If there are too many episodes.
        ArmError: If a bar still needs calibration, two levels are incompatible, or an agent does not support a level.
    """
    _check_number(plan)
    check_peer(plan)
    for model in plan.models:
        cells = plan.cells(model)
        for scenario, rubric, arm in cells:
            if arm.get("bar") == CALIBRATED:
                SCENARIOS[scenario].case(arm, plan.design.seed, rubric)  # its error message explains how to calibrate
        if plan.entry(model).in_agent:
            _check_in_agent(model, cells, plan.entry(model).agent_command)
    return plan


def _check_number(plan: Plan) -> None:
    """Reject a study with too many episodes before they are listed.

    Raises:
        StudyError: If there are too many.
    """
    design = plan.design
    worlds, arms = design.most_worlds, len(plan.cells(plan.models[0]))
    episodes = len(plan.models) * arms * worlds * design.epochs
    if episodes > MOST_EPISODES:
        raise StudyError(
            f"{len(plan.models)} models, {arms} arms, {worlds} worlds and {design.epochs} epochs are {episodes:,} "
            f"episodes; up to {MOST_EPISODES:,} are legal. Give fewer worlds."
        )


def _check_in_agent(model: str, cells: Sequence[tuple[str, str, Arm]], command: str) -> None:
    """Reject levels that an agent does not support.

    Raises:
        ArmError: If there is one.
    """
    # Imported here, because simulated runs do not need the requirements of machines.
    from peerwatch.agents.coding import check_arm

    for scenario, _, arm in cells:
        try:
            check_arm(scenario, arm, command)
        except UserError as error:
            raise ArmError(f"{model}, {scenario}: {error}") from error


def check_prices(plan: Plan) -> Plan:
    """Return a plan after checking that its cap in dollars, if any, can be enforced.

    Raises:
        StudyError: If a model has no known price.
    """
    unpriced = [model for model in (plan.called | partners_of(plan)) if plan.price(model) is None]
    if plan.design.budget.dollars is not None and unpriced:
        raise StudyError(
            f"budget.dollars={plan.design.budget.dollars:g}: no price is known for {', '.join(unpriced)}. Give one in "
            "the study (price: {input: 1, output: 4}, dollars per million tokens) or in a table with --prices FILE, or "
            "cap tokens or calls."
        )
    return plan


def save_plan(plan: Plan, folder: Path) -> None:
    """Write a plan to a run's folder atomically.

    Raises:
        OSError: If it cannot be written.
    """
    folder.mkdir(parents=True, exist_ok=True)
    write_whole(folder / PLAN_FILE, plan.model_dump_json(indent=2) + "\n")


def claim_folder(plan: Plan, folder: Path) -> Plan:
    """Claim a folder for this plan, atomically with the check for an existing plan.

    Args:
        plan: The plan to run.
        folder: The folder.

    Returns:
        The plan that the folder contains now: this one, or the existing one, which another process may have written
        just before.

    Raises:
        StudyError: If there is a plan and it is damaged.
        OSError: If it cannot be written.
    """
    (folder / SESSIONS).mkdir(parents=True, exist_ok=True)
    with Ledger(folder).alone():
        if (folder / PLAN_FILE).is_file():
            return load_plan(folder)
        save_plan(plan, folder)
        return plan


def load_plan(folder: Path) -> Plan:
    """Load the plan of a run's folder.

    Raises:
        StudyError: If there is none, or it is damaged.
    """
    file = folder / PLAN_FILE
    if not file.is_file():
        raise StudyError(f"{folder} is not the folder of a run: it has no {PLAN_FILE}.")
    try:
        plan = Plan.model_validate_json(file.read_text(encoding="utf-8"))
    except (ValidationError, UnicodeDecodeError) as error:
        raise StudyError(f"{file} {unusable(error)}") from error
    if "factors" not in plan.model_fields_set:  # made before plans named them
        plan = plan.model_copy(update={"factors": [name for name, factor in FACTORS.items() if not factor.before]})
    return check_plan(plan)
