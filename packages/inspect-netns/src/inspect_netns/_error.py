"""The error for problems that the user of the sandbox can fix."""


class NetnsError(ValueError):
    """The sandbox can't be used as requested. The message states why, and what to do."""
