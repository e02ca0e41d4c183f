"""Private worlds: a secret from which the seeds of worlds are derived, so that no one else can draw the same ones."""

import hashlib
import hmac
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from peerwatch.core.errors import UserError

if TYPE_CHECKING:
    from inspect_ai.dataset import MemoryDataset, Sample

LEAST_LENGTH = 16
"""Minimum length of a salt in characters: shorter ones could be guessed from the hash in logs."""

BITS = 48
"""Size of the derived number in bits; with an index added, it still fits a JSON number."""

HASH = "sha256:"
"""Prefix of the hash of a salt."""


class SaltError(UserError):
    """A salt cannot be used; the message states why and what to do."""


@dataclass(frozen=True)
class Salt:
    """The public facts about a salt, and its first seed; the text itself is not stored.

    Attributes:
        hash: SHA-256 of the salt, 32 hexadecimal digits, as in logs, plans and locks.
        first: The seed of world 0.
    """

    hash: str
    first: int

    def seed(self, index: int) -> int:
        """Return the seed of a world: HMAC-SHA256 of the salt, cut to 48 bits, plus the world's index.

        Seeds of one salt are consecutive, so that a study's schedule keeps the order of its worlds.
        """
        return self.first + index


def read_salt(file: str | Path) -> Salt:
    """Read a salt.

    Args:
        file: A text file with at least 16 characters; surrounding blanks are ignored.

    Raises:
        SaltError: If there is no file, or its text is too short.
    """
    try:
        text = Path(file).read_text(encoding="utf-8").strip()
    except (OSError, UnicodeDecodeError) as error:
        raise SaltError(f"salt={file}: the file can't be read ({type(error).__name__}). Give a text file.") from error
    if len(text) < LEAST_LENGTH:
        raise SaltError(
            f"salt={file}: the file has {len(text)} characters; at least {LEAST_LENGTH} are needed. "
            "Make one with: openssl rand -hex 32"
        )
    key = text.encode()
    derived = hmac.new(key, b"peerwatch worlds", hashlib.sha256).digest()
    told = hashlib.sha256(b"peerwatch salt\n" + key).hexdigest()[:32]
    return Salt(f"{HASH}{told}", int.from_bytes(derived[: BITS // 8], "big"))


SALT = "salt"
"""Metadata key, in logs and samples, of the hash of their salt."""


def salted(samples: "Iterable[Sample]", hashed: str) -> "MemoryDataset":
    """Add the hash of the salt of their worlds to samples."""
    # Imported here, because commands that only list or show things do not need Inspect.
    from inspect_ai.dataset import MemoryDataset

    return MemoryDataset(
        [each.model_copy(update={"metadata": {**(each.metadata or {}), SALT: hashed}}) for each in samples]
    )
