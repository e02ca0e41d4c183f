"""Where a page finds everything about its episodes: in itself, in files beside it, or in files that shards wrote."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from peerwatch.analysis import EpisodeView
from peerwatch.records import TableEpisode
from peerwatch.reports._blocks import Blocks, blocks, script_of
from peerwatch.reports._index import line_of, whole

BESIDE = "{name}-evidence/{number:03}.js"
"""A block that is too large to stand in the page, relative to it."""

COPIED = "{name}-evidence/{number:03}-{file}"
"""A copy of a file that a shard wrote, for a page outside of the run's folder."""

MANY = 20_000
"""Episodes up to which the page itself holds what its list says of each; of more, this is in blocks as well."""

LINES = 2_000
"""Episodes of one of these blocks."""


@dataclass(frozen=True, slots=True)
class Evidence:
    """The blocks of a page.

    Attributes:
        inside: Blocks that stand in the page, by number.
        beside: Names of the files that the page loads, by the number of their block; empty names for those inside.
        written: Name to text, of files that are written with the page.
        copied: Name to the file that is copied with the page.
        places: Block of each episode, and its place in it.
        lines: Number of the first block with lines of the list; `None` if the page's index has them.
    """

    inside: tuple[str, ...]
    beside: tuple[str, ...]
    written: Mapping[str, str]
    copied: Mapping[str, Path]
    places: tuple[tuple[int, int], ...]
    lines: int | None


def evidence_of(
    views: Sequence[EpisodeView], scrub: Callable[[str], str], name: str, folder: Path | None, inside: int | None
) -> Evidence:
    """Gather the evidence of a page.

    Args:
        views: Its episodes in order.
        scrub: Takes secrets out of every text.
        name: Of the page's file, without its ending.
        folder: Of the page; `None` if it is not known, so that files of shards are copied.
        inside: Bytes of blocks that the page holds itself; `None` for no limit.
    """
    stored = [_stored(view) for view in views]
    files = {file: number for number, file in enumerate(dict.fromkeys(each[0] for each in stored if each))}
    made = blocks((whole(view) for view, each in zip(views, stored, strict=True) if each is None), scrub)
    own = iter(made.places)
    names, copied = _names(files, name, folder)
    places = [
        (files[each[0]], each[1]) if each else (len(files) + block, place)
        for each in stored
        for block, place in ([(0, 0)] if each else [next(own)])
    ]
    listed = _lines(views, scrub) if len(views) > MANY and inside is not None else Blocks((), ())
    apart = bool(files) or (inside is not None and made.size > inside) or bool(listed.texts)
    if not apart:
        return Evidence(made.texts, (), {}, {}, tuple(places), None)
    texts = [*made.texts, *listed.texts]
    written = {BESIDE.format(name=name, number=number): script_of(text) for number, text in enumerate(texts)}
    lines = len(files) + len(made.texts) if listed.texts else None
    return Evidence((), (*names, *written), written, copied, tuple(places), lines)


def _stored(view: EpisodeView) -> tuple[Path, int] | None:
    """The file that a shard wrote about an episode, and its place in it."""
    episode = view.episode
    return episode.evidence_at if isinstance(episode, TableEpisode) else None


def _names(files: Iterable[Path], name: str, folder: Path | None) -> tuple[list[str], dict[str, Path]]:
    """What a page calls files of shards, and which of them have to be copied."""
    names: list[str] = []
    copied: dict[str, Path] = {}
    for number, file in enumerate(files):
        if folder is not None and file.is_relative_to(folder):
            names.append(file.relative_to(folder).as_posix())
        else:
            names.append(COPIED.format(name=name, number=number, file=file.name))
            copied[names[-1]] = file
    return names, copied


def _lines(views: Sequence[EpisodeView], scrub: Callable[[str], str]) -> Blocks:
    """The lines of a long list, so many to a block that the number of an episode gives its place."""
    texts: list[str] = []
    for start in range(0, len(views), LINES):
        some = views[start : start + LINES]
        # What a table holds was cleaned when it was written, cell by cell; doing so again takes longer than the rest.
        clean = str if all(isinstance(view.episode, TableEpisode) for view in some) else scrub
        texts += blocks(map(line_of, some), clean, whole=True).texts
    return Blocks(tuple(texts), ())
