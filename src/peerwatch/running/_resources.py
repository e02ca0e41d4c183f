"""What a process needs that runs episodes of a model, so that a cluster can place it."""

from functools import cache
from importlib.resources import files
from typing import Any, cast

import yaml
from pydantic import BaseModel, ConfigDict

from peerwatch.planning import TargetEntry

GIB = 2**30


class Resources(BaseModel):
    """What a process takes of a machine."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    num_cpus: float = 1
    num_gpus: float = 0
    memory_gib: float = 0
    """RAM in GiB; 0 for no request."""
    at_once: int | None = None
    """Episodes under way in the process at once; Peerwatch's own number if `None`."""

    @property
    def of_ray(self) -> dict[str, float]:
        """The request as Ray's options."""
        asked = {"num_cpus": self.num_cpus, "num_gpus": self.num_gpus, "memory": self.memory_gib * GIB}
        return {name: amount for name, amount in asked.items() if amount}

    @property
    def as_words(self) -> str:
        """The request for a person."""
        asked = [f"{self.num_cpus:g} CPUs"]
        asked += [f"{self.num_gpus:g} GPUs"] if self.num_gpus else []
        asked += [f"{self.memory_gib:g} GiB of memory"] if self.memory_gib else []
        return ", ".join(asked)


def resources_of(entry: TargetEntry) -> Resources:
    """What a process needs that runs a model's episodes: its own needs, and those of its agent's machines."""
    model = next(each for each in _models() if entry.name.startswith(each[0]))[1]
    if not entry.in_agent:
        return model
    agent = _agents().get(entry.agent, _agents()[""])
    return Resources(
        num_cpus=max(agent.num_cpus, model.num_cpus),
        num_gpus=model.num_gpus,
        memory_gib=agent.memory_gib + model.memory_gib,
        at_once=agent.at_once,
    )


@cache
def _models() -> list[tuple[str, Resources]]:
    return [(each.pop("name"), Resources.model_validate(each)) for each in _read("peerwatch.models")["models"]]


@cache
def _agents() -> dict[str, Resources]:
    table = _read("peerwatch.agents.coding")
    named = {name: Resources.model_validate(each) for name, each in table["agents"].items()}
    return {"": Resources.model_validate(table["default"]), **named}


def _read(package: str) -> dict[str, Any]:
    return cast("dict[str, Any]", yaml.safe_load((files(package) / "resources.yaml").read_text(encoding="utf-8")))
