"""Reasoning: what of a target's thoughts stands in a conversation, and how much of it can be read."""

from peerwatch.reasoning._thoughts import (
    CLASSES,
    READABLE,
    WRITTEN,
    ReasoningClass,
    Source,
    Thought,
    own_turns,
    reasoning_class,
    said_in,
    thoughts,
    thoughts_in,
)

__all__ = [
    # how much can be read
    "CLASSES",
    "READABLE",
    "ReasoningClass",
    "reasoning_class",
    # what was thought, and where
    "Source",
    "Thought",
    "WRITTEN",
    "own_turns",
    "said_in",
    "thoughts",
    "thoughts_in",
]
