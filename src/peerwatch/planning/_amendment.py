"""A confirmed change of a study that has begun."""

from pydantic import BaseModel, ConfigDict


class Amendment(BaseModel):
    """A change of a study after its run had started, confirmed on the command line."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    field: str
    old: str
    new: str
    at: str
