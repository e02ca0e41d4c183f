"""The base of every error that its user can put right."""


class Mistake(Exception):  # noqa: N818 - what it is, in the word that the command line uses
    """Something asked for makes no sense or is missing; the message says what, what is legal, and what to do.

    The command line prints it as one line and leaves with status 2.
    """
