"""Importers: packages that read and score what others have recorded, found by an entry point."""

from collections.abc import Mapping, Sequence
from importlib.metadata import entry_points
from pathlib import Path
from typing import TYPE_CHECKING, Protocol, TypeVar, cast

from pydantic import JsonValue

from peerwatch._mistakes import Mistake, choices

if TYPE_CHECKING:
    from inspect_ai.model import Model

    from peerwatch.judges import Rubric
    from peerwatch.outcomes import Axes, Verdict, Words

GROUP = "peerwatch.importers"
"""The group of entry points in which a package offers an importer, under the name that users write."""

_PACKAGES = {"potter2026": "peerwatch-potter2026"}
"""Packages that are known to offer an importer, for the message where one is not installed."""


class ImporterError(Mistake):
    """A format was asked for that no installed package reads."""


class ImportedRun(Protocol):
    """One recorded run with its score.

    Attributes:
        file: Name of the file.
        scenario: The scenario of Peerwatch that it is a run of.
        axes: Every axis, in order; `None` where it was not measured.
        verdict: The verdict that follows from the axes.
        figures: What was filed and what is true, by name.
        evidence: The calls that the axes rest on, each with `call`, its number from 1.
        differences: Where the recorded evaluation differs, each with `field`, `published`, `ours` and `reason`.
        words: What judges said of it; `None` where none has read it.
    """

    @property
    def file(self) -> str: ...
    @property
    def scenario(self) -> str: ...
    @property
    def axes(self) -> "Axes": ...
    @property
    def verdict(self) -> "Verdict": ...
    @property
    def figures(self) -> Mapping[str, JsonValue]: ...
    @property
    def evidence(self) -> Sequence[Mapping[str, JsonValue]]: ...
    @property
    def differences(self) -> Sequence[Mapping[str, object]]: ...
    @property
    def words(self) -> "Words | None": ...


Run = TypeVar("Run", bound=ImportedRun)


class Importer(Protocol[Run]):
    """Reads and scores runs in one format. A package offers an instance in the group `peerwatch.importers`.

    Attributes:
        name: What users write for the format.
        description: The format in one line.
    """

    name: str
    description: str

    def read(self, files: Sequence[Path]) -> list[Run]:
        """Read and score runs, all of them or none.

        Raises:
            Mistake: If a file cannot be read as a run; the message states what was expected.
        """
        ...

    async def judge(
        self, runs: Sequence[Run], judges: "Sequence[Model]", rubric: "Rubric", *, same_family: bool = False
    ) -> list[Run]:
        """Score runs again with what judges say of them.

        Raises:
            JudgeError: If a judge may not judge one of the runs; none is asked then.
        """
        ...

    def to_json(self, run: Run) -> dict[str, JsonValue]:
        """What `--json` prints for one run."""
        ...


def importer_names() -> list[str]:
    """The formats that installed packages read."""
    return sorted({point.name for point in entry_points(group=GROUP)})


def load_importer(name: str) -> Importer[ImportedRun]:
    """The importer of a format.

    Args:
        name: What users write for it, such as `potter2026`.

    Raises:
        ImporterError: If no installed package reads the format; the message names the package that does, if it is
            known.
    """
    for point in entry_points(group=GROUP, name=name):
        return cast("Importer[ImportedRun]", point.load())
    if name in _PACKAGES:
        raise ImporterError(
            f"The format {name} needs the package {_PACKAGES[name]}, which is not installed. "
            f"Install it: pip install 'peerwatch[{name}]'"
        )
    raise ImporterError(f"{name}: there is no such format. {choices(name, sorted({*importer_names(), *_PACKAGES}))}")
