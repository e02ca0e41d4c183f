"""Model answers: cleaned at the one place where they enter, and classified by how each turn ended."""

from typing import TYPE_CHECKING

from peerwatch.core.deferred import on_first_use

if TYPE_CHECKING:
    from peerwatch.inspect.answers._guard import ANSWERS, cleaned_answers, guard_answers, guarded_answers, place_of
    from peerwatch.inspect.answers._output import clean_error, clean_messages, clean_output
    from peerwatch.inspect.answers._stops import (
        kind_of_last,
        kind_of_output,
        kind_of_turn,
        mark_of,
        marked_kind,
        set_mark,
    )
    from peerwatch.inspect.answers._values import (
        DEEPEST,
        LONGEST_TEXT,
        MOST_DIGITS,
        CleaningRecord,
        clean_text,
        clean_value,
    )
else:
    __getattr__ = on_first_use(__name__)

__all__ = [
    # Where answers enter
    "ANSWERS",
    "cleaned_answers",
    "guard_answers",
    "guarded_answers",
    "place_of",
    # Cleaning
    "clean_error",
    "clean_messages",
    "clean_output",
    "CleaningRecord",
    "DEEPEST",
    "LONGEST_TEXT",
    "MOST_DIGITS",
    "clean_text",
    "clean_value",
    # How a turn ended
    "kind_of_last",
    "kind_of_output",
    "kind_of_turn",
    "mark_of",
    "marked_kind",
    "set_mark",
]
