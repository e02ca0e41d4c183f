"""Secrets, such as providers' keys: recognized, taken out of texts, and referred to instead of written down.

A secret gets into a text because a provider quotes the request in its error message, or because somebody wrote it into
a study. It is recognized in three ways: by its value, which is in this process's environment; by its shape, as in
`sk-...`, `Bearer ...` or `https://user:password@host`; and by its hash, which a run keeps in its folder, so that a
report that is made elsewhere, without those variables, recognizes it too.
"""

from peerwatch.core.redaction._hashes import SecretHash
from peerwatch.core.redaction._references import check_written, refers, resolved
from peerwatch.core.redaction._scrub import (
    SECRETS_FILE,
    Scrub,
    keep_hashes,
    learn,
    recall_hashes,
    scrubbed,
    scrubbed_all,
    scrubber,
)
from peerwatch.core.redaction._shapes import SCRUBBED
from peerwatch.core.redaction._values import secret_name

__all__ = [
    "SCRUBBED",
    "SECRETS_FILE",
    "SecretHash",
    "Scrub",
    "check_written",
    "keep_hashes",
    "learn",
    "recall_hashes",
    "refers",
    "resolved",
    "scrubbed",
    "scrubbed_all",
    "scrubber",
    "secret_name",
]
