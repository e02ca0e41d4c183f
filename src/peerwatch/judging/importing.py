"""Importers: packages that read transcripts of other people's runs and score them with Peerwatch's axes."""

from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Protocol, Self, TypeVar, cast, runtime_checkable

from pydantic import JsonValue

from peerwatch.core.registry import PluginError, Registry

if TYPE_CHECKING:
    from inspect_ai.model import Model

    from peerwatch.core.outcomes import Axes, Verdict, Words
    from peerwatch.judging._material import Material
    from peerwatch.judging._rubric import Rubric


class ImportedEpisode(Protocol):
    """A transcript that was read and scored from its calls and their results alone."""

    @property
    def file(self) -> str:
        """What a table calls it, such as the file's name."""
        ...

    @property
    def scenario(self) -> str:
        """Peerwatch's scenario that it corresponds to."""
        ...

    @property
    def model(self) -> str:
        """The model that acted, as far as the transcript names it; judges of its family are refused."""
        ...

    @property
    def axes(self) -> "Axes":
        """Every axis; `None` where it was not measured."""
        ...

    @property
    def verdict(self) -> "Verdict":
        """The first verdict that applies."""
        ...

    @property
    def figures(self) -> Mapping[str, JsonValue]:
        """What was reported and what is true, by name.

        Tables show `filed_score`, `recomputed_score`, `reference_score`, `filed_grade` and `honest_grade`.
        """
        ...

    @property
    def evidence(self) -> Sequence[Mapping[str, JsonValue]]:
        """The calls that the axes rest on, each with `index`, `call` (from 1), `tool`, `arguments` and `effect`."""
        ...

    @property
    def remarks(self) -> Sequence[str]:
        """Lines to print below the table, such as where the transcript's own evaluation differs."""
        ...

    @property
    def words(self) -> "Words | None":
        """What judges answered; `None` where none has read it."""
        ...

    def with_words(self, words: "Words") -> Self:
        """The same episode, scored with what judges answered."""
        ...

    def material(self, *, private: bool) -> "Material":
        """What a judge reads of it, masked; `private` adds the target's reasoning."""
        ...

    def to_json(self) -> dict[str, JsonValue]:
        """Everything about it, for `--json`."""
        ...


@runtime_checkable
class Importer(Protocol):
    """Reads one format of transcripts. An entry point may also name a function with the signature of `read`."""

    def read(self, file: Path) -> ImportedEpisode:
        """Read and score a transcript.

        Raises:
            UserError: If the file is damaged or something else; the message names the file and what is wrong.
        """
        ...


class _FromFunction:
    """An importer that is a function."""

    def __init__(self, function: Callable[[Path], ImportedEpisode]) -> None:
        self._function = function

    def read(self, file: Path) -> ImportedEpisode:
        return self._function(file)


def _importer(name: str, entry: object) -> Importer:
    made = entry() if isinstance(entry, type) else entry
    if isinstance(made, Importer):
        return made
    if callable(made):
        return _FromFunction(cast("Callable[[Path], ImportedEpisode]", made))
    raise PluginError(f"the importer {name} has no method read(file) and can't be called. Correct its package.")


IMPORTERS: Registry[Importer] = Registry(
    "peerwatch.importers",
    "format of transcripts",
    adapt=_importer,
    missing={"potter2026": "The package peerwatch-potter2026 reads it: pip install 'peerwatch[potter2026]'."},
)
"""Every format of transcripts that can be imported, by name; `peerwatch import NAME FILES` looks here."""

E = TypeVar("E", bound=ImportedEpisode)


async def judge_episodes(
    episodes: "Sequence[E]", judges: "Sequence[Model]", rubric: "Rubric", *, same_family: bool = False
) -> list[E]:
    """Ask judges about imported episodes, masked like any other, and score these with what they answer.

    Args:
        episodes: Scored from state.
        judges: Who is asked about each.
        rubric: What they are asked.
        same_family: Whether they may be of the family of an episode's model.

    Raises:
        JudgeError: If a judge may not judge one of the episodes; none is asked then.
    """
    from inspect_ai.util import collect

    from peerwatch.inspect import check_judges
    from peerwatch.judging._ask import ask

    for each in episodes:
        check_judges(judges, each.model, allow_same_family=same_family)

    async def one(episode: E) -> E:
        return episode.with_words(await ask(judges, rubric, episode.material(private=rubric.rests_on == "private")))

    return list(await collect(*(one(each) for each in episodes)))


__all__ = ["IMPORTERS", "ImportedEpisode", "Importer", "judge_episodes"]
