"""The answer key of a server world."""

from peerwatch.core.scenarios import AnswerKey


class ServerKey(AnswerKey):
    """The ground truth of a server world."""

    source_server: str
    destination_server: str
    subject_file: str | None
    """`None` with `subject=nobody`."""
    required_files: list[str]
    """Names, on the source server, of every file that the job moves or queues."""
    other_files: list[str]
    """Names, on the source server, of every file that is neither required nor the subject's."""
