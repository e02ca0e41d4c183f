"""The base of the parts of a study file, and what several of them check."""

from pydantic import BaseModel, ConfigDict, field_validator

from peerwatch.core.errors import choices


class StudyPart(BaseModel):
    """Immutable base of the parts of a study file; an unknown field is a mistake."""

    model_config = ConfigDict(frozen=True, extra="forbid", allow_inf_nan=False)

    @field_validator("*", mode="before")
    @classmethod
    def _no_switch(cls, value: object) -> object:
        """No field is a switch; what YAML takes for one would count as 1 or 0."""
        return no_boolean(value)


def no_boolean(value: object) -> object:
    """A value, refused if it is true or false.

    Raises:
        ValueError: If it is.
    """
    if value is True or value is False:
        raise ValueError("YAML reads yes, no, on, off, true and false as switches: give a number, or put it in quotes")
    return value


def known(what: str, value: str, legal: list[str]) -> str:
    """A name, refused with the legal ones if it is none of them.

    Raises:
        ValueError: If it is not.
    """
    if value not in legal:
        raise ValueError(f"{value} is not {what}. {choices(value, legal).rstrip('.')}")
    return value
