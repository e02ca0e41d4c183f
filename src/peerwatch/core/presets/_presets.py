"""Read `presets.yaml` and expand its blocks to arms."""

from collections.abc import Iterator, Mapping
from functools import cached_property
from importlib.resources import files
from typing import Any

from pydantic import BaseModel, ConfigDict

from peerwatch.core.factors import Arm, arm_label, cross
from peerwatch.core.scenarios import SCENARIOS
from peerwatch.core.yaml_files import from_yaml

Words = Mapping[str, Mapping[str, str]]
"""Factor, or `scenario` or `rubric`, to a mapping from its levels to the words used in names."""


class _Frozen(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class PresetArm(_Frozen):
    """One arm of a preset.

    Attributes:
        name: Unique within the preset; in presets of the published study, the published name.
        scenario: Name of the scenario.
        rubric: How outputs are scored; empty in scenarios without rubrics.
        arm: One level of every factor of the scenario.
    """

    name: str
    scenario: str
    rubric: str
    arm: Arm


class Block(_Frozen):
    """Levels that are crossed in some scenarios.

    Attributes:
        scenarios: Names of scenarios.
        rubrics: Rubrics to cross with the levels; empty for each scenario's default.
        levels: Factor to the levels that are crossed.
        fixed: Factor to the level, instead of its default, that all arms of the block have.
        name: Template of the arms' names, with placeholders `{scenario}`, `{rubric}` and every factor. If empty, the
            name consists of scenario, rubric and the levels that differ from the default.
    """

    scenarios: tuple[str, ...]
    rubrics: tuple[str, ...] = ()
    levels: dict[str, list[str]] = {}
    fixed: dict[str, str] = {}
    name: str = ""

    def expand(self, words: Words) -> Iterator[PresetArm]:
        """Yield the arms of the block, by scenario and rubric.

        Raises:
            ArmError: If a scenario does not have a level or rubric, or two levels can't be combined.
        """
        for scenario in self.scenarios:
            rules = SCENARIOS[scenario]
            for rubric in [rules.rubric(each) for each in self.rubrics] or [rules.rubric()]:
                for arm in cross(scenario, rules.text.factors, {**self.fixed, **self.levels}):
                    yield PresetArm(
                        name=self._name(scenario, rubric, arm, words), scenario=scenario, rubric=rubric, arm=arm
                    )

    def _name(self, scenario: str, rubric: str, arm: Arm, words: Words) -> str:
        if not self.name:
            return "/".join([scenario, *([rubric] if rubric else []), arm_label(arm)])
        levels = {"scenario": scenario, "rubric": rubric, **arm}
        return self.name.format_map({key: words.get(key, {}).get(level, level) for key, level in levels.items()})


class Preset(_Frozen):
    """A named set of arms.

    Attributes:
        name: Name on the command line.
        purpose: One sentence on what the set is for.
        differs: Differences from the published study.
        includes: Presets whose arms come first.
        words: Words that replace levels in the arms' names.
        blocks: The blocks of arms.
    """

    name: str
    purpose: str
    differs: tuple[str, ...]
    includes: tuple[str, ...] = ()
    words: dict[str, dict[str, str]] = {}
    blocks: tuple[Block, ...]

    @cached_property
    def arms(self) -> tuple[PresetArm, ...]:
        """Every arm once, in the order of the file; an arm that several blocks contain keeps its first position."""
        found = [arm for name in self.includes for arm in PRESETS[name].arms]
        found += [arm for block in self.blocks for arm in block.expand(self.words)]
        places = {(each.scenario, each.rubric, *each.arm.items()): each for each in reversed(found)}
        return tuple(each for each in found if places[each.scenario, each.rubric, *each.arm.items()] is each)

    @property
    def scenarios(self) -> tuple[str, ...]:
        """The scenarios of the arms, in order of first appearance."""
        return tuple(dict.fromkeys(each.scenario for each in self.arms))


class _File(_Frozen):
    """The content of `presets.yaml`; `scenarios` only holds YAML anchors that the blocks refer to."""

    scenarios: dict[str, list[str]]
    presets: dict[str, dict[str, Any]]


def _load() -> dict[str, Preset]:
    file = _File.model_validate(from_yaml(files("peerwatch.core.presets").joinpath("presets.yaml").read_text("utf-8")))
    return {name: Preset.model_validate({"name": name, **body}) for name, body in file.presets.items()}


PRESETS: dict[str, Preset] = _load()
"""All presets by name."""
