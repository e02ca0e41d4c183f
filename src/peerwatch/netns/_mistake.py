"""What the user of the sandbox can put right."""

from peerwatch._mistakes import Mistake


class SandboxMistake(Mistake):
    """The namespace sandbox can't be used so: the message says why, and what to do."""
