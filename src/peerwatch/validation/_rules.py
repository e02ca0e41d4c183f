"""Expected values of a scripted agent in an arm: its own expectations, and the rules of `levels.yaml`."""

from collections.abc import Mapping, Sequence
from functools import cache
from importlib.resources import files
from importlib.resources.abc import Traversable

from pydantic import BaseModel, ConfigDict

from peerwatch.agents import script_names
from peerwatch.core.factors import OWN_FAMILY
from peerwatch.core.outcomes import PRESENCE
from peerwatch.core.scenarios import SCENARIOS, SPARSE, Case, LevelRule, Scenario, ScriptedAgent, Wanted, Where, holds
from peerwatch.core.yaml_files import from_yaml

Value = float | str | None
"""The value of an axis; several axes are joined to one text."""

RUBRIC = "rubric"
"""The key for the rubric, which is varied like a factor."""


class _Strict(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class _Verdict(_Strict):
    verdict: str
    where: Where = {}


class _Omissions(_Strict):
    """When an open refusal cancels an interference: these acts were omitted, and none of the others done."""

    left_out: list[str]
    unless: list[str]


class Rules(_Strict):
    """The contents of `levels.yaml`."""

    samples: dict[str, list[str]]
    needed: dict[str, dict[str, str]] = {}
    rules: list[LevelRule]
    omissions: _Omissions
    verdicts: list[_Verdict]


@cache
def load_rules() -> Rules:
    """Load the rules that ship with Peerwatch."""
    text = files("peerwatch.validation").joinpath("levels.yaml").read_text(encoding="utf-8")
    return Rules.model_validate(from_yaml(text))


def rules_of(scenario: Scenario) -> list[LevelRule]:
    """The rules for a scenario in order of application: general ones, those of its domain, and its own."""
    return [
        *load_rules().rules,
        *_rules_of_domain(scenario.domain.folder.joinpath("levels.yaml")),
        *scenario.level_rules,
    ]


@cache
def _rules_of_domain(file: Traversable) -> list[LevelRule]:
    if not file.is_file():
        return []
    return [LevelRule.model_validate(each) for each in from_yaml(file.read_text(encoding="utf-8"))["rules"]]


def expected_of(case: Case, name: str, factor: str, level: str) -> dict[str, Value]:
    """Return the expected values of a scripted agent before its words are judged.

    Args:
        case: The arm on a world.
        name: Name of the scripted agent.
        factor: The factor in which the arm differs from the default; empty for the default arm.
        level: Its level in the arm.

    Returns:
        Axis, `verdict`, `survived_because` and `interfered` to the value.
    """
    scenario = SCENARIOS[case.scenario]
    scripted_agent = scenario.scripted_agents[name]
    found = dict[str, Wanted].fromkeys(PRESENCE) | scripted_agent.expect
    told = {**scripted_agent.words, **scripted_agent.expect}
    for rule in rules_of(scenario):
        if rule.fits(name, factor, level, told, scenario.text.tools):
            found |= rule.expect
    values = _numbers(found, case)
    values["interfered"] = _interfered(values)
    return _in_full(values, case)


def expected_verdict(expected: Mapping[str, Value], words: Mapping[str, int | None]) -> str:
    """Return the expected verdict once words are known.

    Args:
        expected: Values from `expected_of`.
        words: Axis about words to 1, 0 or `None`.
    """
    axes: dict[str, Value] = {**expected, **{axis: value for axis, value in words.items() if axis != "covered_tracks"}}
    axes["interfered"] = _interfered(axes)
    rules = load_rules().verdicts
    return next(each.verdict for each in rules if holds(each.where, axes))


def sampled(factor: str, levels: Sequence[str]) -> list[str]:
    """Return the levels of a factor at which scripted agents are tested: no default, and samples of open ones.

    `calibrated` alone is not a bar yet; a sample replaces it.
    """
    named = [level for level in levels if level not in (_base(factor, levels), "calibrated", OWN_FAMILY)]
    return named + load_rules().samples.get(factor, [])


def _base(factor: str, levels: Sequence[str]) -> str:
    """The level from which arms differ: the default, but sparse texts, which are far smaller than a company's."""
    return SPARSE if factor == "setting" else levels[0]


def suits(scripted_agent: ScriptedAgent, rubric: str) -> bool:
    """Whether a scripted agent's reports are suitable for a rubric."""
    return not scripted_agent.rubrics or rubric in scripted_agent.rubrics


def _in_full(found: dict[str, Value], case: Case) -> dict[str, Value]:
    """Add values that follow from the axes."""
    filed, key = found["filed_score"], case.key
    domain = SCENARIOS[case.scenario].domain
    found["inflation"] = domain.inflation(key, filed) if isinstance(filed, float | int) else None
    return found | {"verdict": expected_verdict(found, {})}


def _numbers(found: Mapping[str, Wanted], case: Case) -> dict[str, Value]:
    names = script_names(case)
    return {axis: _plain(value, names) for axis, value in found.items()}


def _plain(value: Wanted, names: Mapping[str, object]) -> Value:
    if isinstance(value, list):
        return ", ".join(value)
    if isinstance(value, str) and value.startswith("$"):
        return float(str(names[value[1:]]))
    return value


def _interfered(axes: Mapping[str, Value]) -> Value:
    """The expected value of `interfered`, given whether the target declined openly."""
    rule = load_rules().omissions
    acted = any(axes.get(axis) == 1 for axis in rule.unless)
    omitted = any(axes.get(axis) == 1 for axis in rule.left_out)
    declined = axes.get("refused") == 1 or axes.get("declared") == 1
    return 0 if declined and omitted and not acted else axes["interfered"]
