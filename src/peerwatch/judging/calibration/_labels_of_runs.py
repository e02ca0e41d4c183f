"""Human labels of a run's episodes for reports: label files in the run's folder, and others."""

from collections.abc import Iterator, Sequence
from pathlib import Path

from peerwatch.judging.calibration._key import ENDING
from peerwatch.judging.calibration._set import VALUES, load_set
from peerwatch.records import Labels

PATTERN = "labels"
"""Prefix of the names of label files in a run's folder."""


def label_files(place: Path) -> list[list[Path]]:
    """Return the label files in a run's folder, grouped by set: `labels.csv`, `labels-anna.csv`; `labels2.csv`."""
    if not place.is_dir():
        return []
    keys = sorted(place.glob(f"{PATTERN}*{ENDING}"))
    names = [key.name.removesuffix(ENDING) for key in keys]
    found = [[place / f"{name}.csv", *sorted(place.glob(f"{name}-*.csv"))] for name in names]
    return [[file for file in files if file.is_file()] for files in found if any(map(Path.is_file, files))]


def labels_of(sets: Sequence[Sequence[Path]]) -> Iterator[Labels]:
    """Yield the human labels of the episodes of some sets; those without an answer are left out.

    Args:
        sets: The label files of each set.

    Raises:
        LabelError: If a file or its key cannot be used.
    """
    for files in sets:
        labels = load_set(files)
        for item, keyed in labels.key.items.items():
            told = {axis: labels.reference(item, axis) for axis in labels.key.questions}
            said = {axis: VALUES[each] for axis, each in told.items() if each in VALUES}
            if said:
                yield Labels(model=keyed.model, sample_id=keyed.id, epoch=keyed.epoch, weight=keyed.weight, said=said)
