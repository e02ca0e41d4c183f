"""What the user of the sandbox can put right."""


class NetnsError(ValueError):
    """The sandbox can't be used like this: the message states why, and what to do."""
