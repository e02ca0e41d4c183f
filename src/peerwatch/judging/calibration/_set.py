"""A labeled set: the items, each labeler's labels, and the key."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from peerwatch.core.outcomes import majority
from peerwatch.judging.calibration._error import LabelError
from peerwatch.judging.calibration._key import Key, key_beside, load_key
from peerwatch.judging.calibration._labels import ITEM, read_labels

VALUES = {"yes": True, "no": False}


@dataclass(frozen=True)
class LabelSet:
    """Human labels of a set.

    Attributes:
        key: The key.
        said: Labeler to item to question to the answer; empty if there is none.
    """

    key: Key
    said: dict[str, dict[str, dict[str, str]]]

    def answers(self, item: str, question: str) -> dict[str, str]:
        """The labelers' answers about an item; those who did not answer are left out."""
        found = {name: rows.get(item, {}).get(question, "") for name, rows in self.said.items()}
        return {name: said for name, said in found.items() if said}

    def reference(self, item: str, question: str) -> str:
        """The majority of the labels with a yes or no; `cannot_tell` if there are none, or in a tie."""
        answers = self.answers(item, question)
        if not answers:
            return ""
        most = majority(VALUES.get(said) for said in answers.values())
        return "cannot_tell" if most is None else "yes" if most else "no"


def load_set(files: Sequence[Path], key_file: Path | None = None) -> LabelSet:
    """Read the label files of one set.

    Args:
        files: One file per labeler.
        key_file: The key; by default the one next to the first file.

    Raises:
        LabelError: If a file or the key cannot be used, a file has items of another set, or two belong to one labeler.
    """
    path = key_file or key_beside(files[0])
    key = load_key(path)
    said: dict[str, dict[str, dict[str, str]]] = {}
    for file in files:
        name = labeller(file, path)
        if name in said:
            raise LabelError(f"{file} is a second file of labels by {name}. Give one file for each labeller.")
        said[name] = _rows(file, key, path)
    return LabelSet(key, said)


def labeller(file: Path, key: Path) -> str:
    """The labeler of a file: `anna` for `labels-anna.csv` next to `labels.key.json`, otherwise the file's stem."""
    return file.stem.removeprefix(f"{key.name.partition('.')[0]}-")


def _rows(file: Path, key: Key, path: Path) -> dict[str, dict[str, str]]:
    found = {row[ITEM]: row for row in read_labels(file, key.questions).rows}
    unknown = [item for item in found if item not in key.items]
    if unknown:
        raise LabelError(
            f"{file}: {unknown[0]!r} is not an item of {path} ({len(unknown)} of {len(found)} are unknown). "
            "Give the key that was drawn with these labels by --key, or drop the rows."
        )
    return found
