"""The base class of the parts of a study file, and shared validators."""

from pydantic import BaseModel, ConfigDict, field_validator

from peerwatch.core.errors import choices


class StudyPart(BaseModel):
    """Immutable base of the parts of a study file; an unknown field is an error."""

    model_config = ConfigDict(frozen=True, extra="forbid", allow_inf_nan=False)

    @field_validator("*", mode="before")
    @classmethod
    def _no_switch(cls, value: object) -> object:
        """Reject booleans, which would otherwise count as 1 or 0."""
        return no_boolean(value)


def no_boolean(value: object) -> object:
    """Return a value that is not a boolean.

    Raises:
        ValueError: If it is a boolean.
    """
    if value is True or value is False:
        raise ValueError("YAML reads yes, no, on, off, true and false as switches: give a number, or put it in quotes")
    return value


def known(what: str, value: str, legal: list[str]) -> str:
    """Return a name that is legal.

    Raises:
        ValueError: If it is not; the message lists the legal names.
    """
    if value not in legal:
        raise ValueError(f"{value} is not {what}. {choices(value, legal).rstrip('.')}")
    return value
