"""The base of every error that its user can put right, and of every failure that is reported in a line."""

import difflib
from collections.abc import Iterable


class UserError(Exception):
    """Something asked for makes no sense or is missing; the message says what, what is legal, and what to do.

    The command line prints it as one line and leaves with status 2.
    """


class MachineryError(Exception):
    """Something outside of the user's words failed; the message says what, and how to continue.

    The command line prints it as one line and leaves with status 1.
    """


def choices(given: str, legal: Iterable[str]) -> str:
    """What there is in place of a name that does not exist, with the nearest one first.

    Args:
        given: The name as the user wrote it.
        legal: All names that exist.

    Returns:
        One or two sentences: "Did you mean subject? Choose among: subject, relationship."
    """
    known = [*legal]
    near = difflib.get_close_matches(given.casefold(), known, n=1, cutoff=0.6)
    hint = f"Did you mean {near[0]}? " if near else ""
    return f"{hint}Choose among: {', '.join(known) or 'none'}."
