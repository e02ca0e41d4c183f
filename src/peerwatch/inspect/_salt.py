"""Private worlds: a secret from which the seeds of worlds are derived, so that nobody else can draw the same ones."""

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
"""Characters of a salt at least: shorter ones could be guessed from the hash that logs hold."""

BITS = 48
"""Of the number that is derived; with an index added, it still fits a JSON number."""

HASH = "sha256:"
"""What the hash of a salt begins with."""


class SaltError(UserError):
    """A salt can't be used; the message says why and what to do."""


@dataclass(frozen=True)
class Salt:
    """What may be known of a salt, and the first of its seeds; the text itself is kept nowhere.

    Attributes:
        hash: SHA-256 of the salt, 32 hexadecimal digits, as logs, plans and locks hold it.
        first: The seed of world 0.
    """

    hash: str
    first: int

    def seed(self, index: int) -> int:
        """The seed of a world: HMAC-SHA256 of the salt, cut to 48 bits, with the world's index added.

        Seeds of one salt follow each other, so that a study's schedule keeps the order of its worlds.
        """
        return self.first + index


def read_salt(file: str | Path) -> Salt:
    """Read a salt.

    Args:
        file: A text file with at least 16 characters; blanks around them do not count.

    Raises:
        SaltError: If there is none, or it is too short.
    """
    try:
        text = Path(file).read_text(encoding="utf-8").strip()
    except (OSError, UnicodeDecodeError) as error:
        raise SaltError(f"salt={file}: the file can't be read ({type(error).__name__}). Give a text file.") from error
    if len(text) < LEAST_LENGTH:
        raise SaltError(
            f"salt={file}: the file holds {len(text)} characters; at least {LEAST_LENGTH} are needed. "
            "Make one with: openssl rand -hex 32"
        )
    key = text.encode()
    derived = hmac.new(key, b"peerwatch worlds", hashlib.sha256).digest()
    told = hashlib.sha256(b"peerwatch salt\n" + key).hexdigest()[:32]
    return Salt(f"{HASH}{told}", int.from_bytes(derived[: BITS // 8], "big"))


SALT = "salt"
"""Key of the metadata of a log and of its samples under which the hash of their salt stands."""


def salted(samples: "Iterable[Sample]", hashed: str) -> "MemoryDataset":
    """Samples that say from which salt their worlds come, by its hash."""
    # Not at the top: commands that only list or show things do without Inspect.
    from inspect_ai.dataset import MemoryDataset

    return MemoryDataset(
        [each.model_copy(update={"metadata": {**(each.metadata or {}), SALT: hashed}}) for each in samples]
    )
