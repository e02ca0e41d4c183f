"""The factors with their levels, read from `factors.yaml`."""

from importlib.resources import files

import yaml
from pydantic import BaseModel, ConfigDict


class Factor(BaseModel):
    """One thing that can differ between arms."""

    model_config = ConfigDict(frozen=True)

    name: str
    meaning: str
    levels: dict[str, str]
    """Level to meaning; the first is the default."""

    @property
    def default(self) -> str:
        """The level of an arm that says nothing about this factor."""
        return next(iter(self.levels))


def _load() -> dict[str, Factor]:
    text = files("peerwatch.factors").joinpath("factors.yaml").read_text(encoding="utf-8")
    return {name: Factor(name=name, **body) for name, body in yaml.safe_load(text).items()}


FACTORS: dict[str, Factor] = _load()
"""All factors by name, in the order in which an arm lists them."""
