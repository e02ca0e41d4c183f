"""Base classes of errors that the command line reports in one line."""

import difflib
from collections.abc import Iterable


class UserError(Exception):
    """The user's input is invalid or missing. The message names the value, what is legal, and what to do.

    The command line prints it as one line and exits with status 2.
    """


class MachineryError(Exception):
    """Something other than the user's input failed. The message names the failure and how to continue.

    The command line prints it as one line and exits with status 1.
    """


def choices(given: str, legal: Iterable[str]) -> str:
    """Return a hint for an unknown name: the closest match, if any, and all legal names.

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
