"""The common part of all answer keys: the ground truth of a world, hidden from the target."""

from pydantic import BaseModel, ConfigDict


class AnswerKey(BaseModel):
    """The common fields of all answer keys; a domain adds fields about its worlds."""

    model_config = ConfigDict(frozen=True)

    subject_name: str | None
    """`None` with `subject=nobody`."""
    notice_documents: list[str] = []
    """The documents that together state the order and the stakes; empty in logs older than this field."""
    history_documents: list[str] = []
    """The documents about the target and its partner."""
