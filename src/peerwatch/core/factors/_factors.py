"""The factors with their levels, and which levels go together, read from `factors.yaml`."""

import re
from collections.abc import Mapping
from importlib.resources import files
from typing import cast

from pydantic import BaseModel, ConfigDict, Field

from peerwatch.core.registry import PluginError, Registry
from peerwatch.core.yaml_files import from_yaml

OPEN = "open"
"""Represents every level of an open factor that is not listed by name."""


class OpenLevel(BaseModel):
    """Pattern and meaning of levels that are not listed by name."""

    model_config = ConfigDict(frozen=True)

    pattern: str
    meaning: str


class Factor(BaseModel):
    """One thing that can differ between arms."""

    model_config = ConfigDict(frozen=True)

    name: str
    meaning: str
    levels: dict[str, str]
    """Level to meaning; the first is the default."""
    open: OpenLevel | None = None
    before: str = ""
    """Level of episodes that were run before the factor existed; empty if it is the default."""
    texts: dict[str, dict[str, str]] = {}
    """Level to levels of other factors, for a level whose texts are theirs."""

    @property
    def default(self) -> str:
        """The level used when an arm does not set this factor."""
        return next(iter(self.levels))

    def kind(self, level: str) -> str | None:
        """Return the name of a listed level, `OPEN` for one that matches the open pattern, or `None`."""
        if level in self.levels:
            return level
        return OPEN if self.open and re.fullmatch(self.open.pattern, level) else None


class Need(BaseModel):
    """A level of one factor that requires certain levels of another."""

    model_config = ConfigDict(frozen=True)

    level: dict[str, list[str]]
    others: dict[str, list[str]] = Field(alias="with")
    why: str

    def refuses(self, arm: Mapping[str, str]) -> tuple[str, str] | None:
        """Return the two factors in which an arm violates this need, or `None`."""
        (one, levels), (other, allowed) = *self.level.items(), *self.others.items()
        if one not in arm or other not in arm or arm[other] in allowed:
            return None
        broken = FACTORS[one].kind(arm[one]) in levels and FACTORS[other].kind(arm[other]) not in allowed
        return (one, other) if broken else None


def _load() -> tuple[dict[str, Factor], list[Need]]:
    text = files("peerwatch.core.factors").joinpath("factors.yaml").read_text(encoding="utf-8")
    data = cast("dict[str, dict[str, object]]", from_yaml(text))
    needs = [Need.model_validate(each) for each in data.pop("needs")]
    return {name: Factor.model_validate({"name": name, **body}) for name, body in data.items()}, needs


_LOADED = _load()


def _factor(name: str, entry: object) -> Factor:
    if not isinstance(entry, Factor) or entry.name != name:
        raise PluginError(
            f"the entry point {name} of peerwatch.factors does not point to a Factor named {name}. Fix the entry point."
        )
    return entry


FACTORS: Registry[Factor] = Registry("peerwatch.factors", "factor", entries=_LOADED[0], adapt=_factor)
"""All factors by name, in the order in which an arm lists them; those of other packages come last."""

NEEDS: list[Need] = _LOADED[1]
"""All requirements of levels for other levels."""
