"""Draws a blind set to label: the label file, the sheets, and the key, which labelers must not see."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from peerwatch.core.scenarios import CANARY
from peerwatch.core.writing import write_whole
from peerwatch.judging._rubric import Rubric
from peerwatch.judging.calibration._draw import DrawnEpisode, draw
from peerwatch.judging.calibration._error import LabelError
from peerwatch.judging.calibration._frame import read_frame
from peerwatch.judging.calibration._key import ENDING, Key, KeyEntry
from peerwatch.judging.calibration._labels import new_labels
from peerwatch.judging.calibration._sheets import material_at, sheet, write_sheets
from peerwatch.records import UnreadFile, log_files


@dataclass(frozen=True)
class SampleFiles:
    """The files of a drawn set.

    Attributes:
        labels: The label file.
        sheets: The folder of sheets.
        key: The key.
        items: Items in the set.
        episodes: Valid episodes from which they were drawn.
        left_out: Invalid episodes, which were excluded.
        strata: Stratum to its number of episodes and of items.
        unread: Files that could not be read.
    """

    labels: Path
    sheets: Path
    key: Path
    items: int
    episodes: int
    left_out: int
    strata: dict[str, tuple[int, int]]
    unread: tuple[UnreadFile, ...] = ()


def sample(place: Path, rubric: Rubric, out: Path, *, n: int, seed: int, by: tuple[str, ...]) -> SampleFiles:
    """Draw a stratified blind set of episodes, and write its files.

    Args:
        place: A log, or a folder of logs.
        rubric: The questions.
        out: The label file, ending in `.csv`; key and sheets are written next to it.
        n: Items to draw.
        seed: Seed of the draw.
        by: The variables that define the strata.

    Raises:
        LabelError: If a file of that name exists, or there is nothing to draw.
        LogError: If there is no log, or none can be read.
    """
    if out.suffix != ".csv":
        raise LabelError(f"{out} does not end in .csv. A set of labels is a CSV file; name one with --out.")
    log_files(place)  # report a wrong place before a name that is taken
    folder, key = out.with_suffix(".sheets"), out.with_suffix(ENDING)
    for path in (out, folder, key):
        if path.exists():
            raise LabelError(f"{path} already exists. Choose another name with --out, or move the file away.")
    unread: list[UnreadFile] = []
    frame, left_out = read_frame(place, unread)
    drawn = draw(frame, n, seed, by)
    items = sorted((each for each in drawn if each.item), key=lambda each: each.item)
    private = rubric.rests_on == "private"
    sheets = {each.item: sheet(each.item, material_at(each.episode, private=private)) for each in items}
    out.parent.mkdir(parents=True, exist_ok=True)
    write_sheets(folder, sheets, rubric)
    write_whole(key, _key(drawn, rubric, seed, by).model_dump_json(indent=1))
    new_labels(out, rubric.ids, {item: f"{folder.name}/{item}.md" for item in sheets}).save()
    return SampleFiles(out, folder, key, len(items), len(frame), left_out, _strata(drawn), tuple(unread))


def _key(drawn: Sequence[DrawnEpisode], rubric: Rubric, seed: int, by: tuple[str, ...]) -> Key:
    episodes = tuple(
        KeyEntry(
            log=each.episode.path.name,
            sample=each.episode.sample,
            id=each.episode.id,
            epoch=each.episode.epoch,
            model=each.episode.model,
            subject=each.episode.arm["subject"],
            stratum=each.stratum,
            probability=each.probability,
            item=each.item,
        )
        for each in drawn
    )
    return Key(canary=CANARY, rubric=rubric.label, questions=rubric.ids, seed=seed, by=by, episodes=episodes)


def _strata(drawn: Sequence[DrawnEpisode]) -> dict[str, tuple[int, int]]:
    found: dict[str, tuple[int, int]] = {}
    for each in drawn:
        episodes, items = found.get(each.stratum, (0, 0))
        found[each.stratum] = (episodes + 1, items + bool(each.item))
    return found
