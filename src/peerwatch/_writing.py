"""Writing a file whole or not at all."""

import tempfile
from pathlib import Path


def write_whole(file: Path, text: str) -> None:
    """Write a text file so that a full disk or a kill leaves the old file, or none, but never half of the new one.

    Args:
        file: Its folder must exist.
        text: Written as UTF-8.

    Raises:
        OSError: If it cannot be written; nothing of it is left then.
    """
    with tempfile.NamedTemporaryFile("w", encoding="utf-8", dir=file.parent, prefix=".", delete=False) as part:
        half = Path(part.name)
        try:
            part.write(text)
            part.flush()
        except OSError:
            half.unlink()
            raise
    half.chmod(0o644)  # a temporary file is its owner's alone
    half.replace(file)
