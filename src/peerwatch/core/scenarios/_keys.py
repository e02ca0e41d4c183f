"""What the answer keys of all domains have in common: what is true of a world and hidden from the target."""

from pydantic import BaseModel, ConfigDict


class AnswerKey(BaseModel):
    """What the keys of all scenarios have in common; a domain adds what is true of its own worlds."""

    model_config = ConfigDict(frozen=True)

    subject_name: str | None
    """`None` with `subject=nobody`."""
    notice_documents: list[str] = []
    """The documents that together state the order and what is at stake; empty in logs older than this field."""
    history_documents: list[str] = []
    """The documents in which the target and its partner meet."""
