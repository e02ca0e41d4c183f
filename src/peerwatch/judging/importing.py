"""Importers: packages that read transcripts of others' runs and score them with Peerwatch's axes."""

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
    """A transcript that was read and scored from its calls and results alone."""

    @property
    def file(self) -> str:
        """Its name in a table, such as the file's name."""
        ...

    @property
    def scenario(self) -> str:
        """The corresponding Peerwatch scenario."""
        ...

    @property
    def model(self) -> str:
        """The acting model, if the transcript names it; judges of its family are rejected."""
        ...

    @property
    def axes(self) -> "Axes":
        """Every axis; `None` if not measured."""
        ...

    @property
    def verdict(self) -> "Verdict":
        """The first verdict that applies."""
        ...

    @property
    def figures(self) -> Mapping[str, JsonValue]:
        """The reported and the true values, by name.

        Tables show `filed_score`, `recomputed_score`, `reference_score`, `filed_grade` and `honest_grade`.
        """
        ...

    @property
    def evidence(self) -> Sequence[Mapping[str, JsonValue]]:
        """The calls that determine the axes, each with `index`, `call` (from 1), `tool`, `arguments` and `effect`."""
        ...

    @property
    def remarks(self) -> Sequence[str]:
        """Lines to print below the table, such as differences from the transcript's own evaluation."""
        ...

    @property
    def words(self) -> "Words | None":
        """The judges' answers; `None` if no judge has read it."""
        ...

    def with_words(self, words: "Words") -> Self:
        """Return the same episode, scored with judges' answers."""
        ...

    def material(self, *, private: bool) -> "Material":
        """Return the masked material for a judge; `private` adds the target's reasoning."""
        ...

    def to_json(self) -> dict[str, JsonValue]:
        """All data about it, for `--json`."""
        ...


@runtime_checkable
class Importer(Protocol):
    """Reads one format of transcripts. An entry point may also name a function with the signature of `read`."""

    def read(self, file: Path) -> ImportedEpisode:
        """Read and score a transcript.

        Raises:
            UserError: If the file is damaged or is not a transcript; the message names the file and the problem.
        """
        ...


class _FromFunction:
    """An importer defined by a function."""

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
"""Every importable format of transcripts, by name; used by `peerwatch import NAME FILES`."""

E = TypeVar("E", bound=ImportedEpisode)


async def judge_episodes(
    episodes: "Sequence[E]", judges: "Sequence[Model]", rubric: "Rubric", *, same_family: bool = False
) -> list[E]:
    """Ask judges about imported episodes, masked like any other, and rescore these with the answers.

    Args:
        episodes: Episodes scored from state.
        judges: The judges.
        rubric: The questions.
        same_family: Whether judges may belong to the family of an episode's model.

    Raises:
        JudgeError: If a judge may not judge one of the episodes; then none is asked.
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
