"""Recognize secrets, such as API keys, remove them from texts, and let studies refer to them by name.

A secret gets into a text when a provider quotes the request in an error message, or when a user writes it into a study.
It is recognized in three ways: by its value, from this process's environment; by its form, such as `sk-...`, `Bearer
...` or `https://user:password@host`; and by its hash, which a run keeps in its folder, so that a report made on another
machine, without those variables, recognizes it too.
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
