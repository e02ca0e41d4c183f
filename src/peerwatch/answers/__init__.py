"""Answers of models: cleaned at the one place where they enter, and how each turn ended."""

from peerwatch.answers._guard import ANSWERS, cleaned_answers, guard_answers, guarded_answers, place_of
from peerwatch.answers._output import clean_error, clean_messages, clean_output
from peerwatch.answers._stops import (
    kind_of_last,
    kind_of_output,
    kind_of_turn,
    mark_of,
    marked_kind,
    set_mark,
)
from peerwatch.answers._values import DEEPEST, LONGEST_TEXT, MOST_DIGITS, Cleaned, clean_text, clean_value

__all__ = [
    # where answers enter
    "ANSWERS",
    "cleaned_answers",
    "guard_answers",
    "guarded_answers",
    "place_of",
    # cleaning
    "DEEPEST",
    "LONGEST_TEXT",
    "MOST_DIGITS",
    "Cleaned",
    "clean_error",
    "clean_messages",
    "clean_output",
    "clean_text",
    "clean_value",
    # how a turn ended
    "kind_of_last",
    "kind_of_output",
    "kind_of_turn",
    "mark_of",
    "marked_kind",
    "set_mark",
]
