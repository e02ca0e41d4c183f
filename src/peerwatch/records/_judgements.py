"""Judges' answers about a run's episodes given after the run, stored next to the logs, which remain unchanged.

The file has one line per episode and judge, appended once all answers are complete, so that an interrupted batch
resumes where it stopped.
"""

from collections import defaultdict
from collections.abc import Iterable, Mapping
from pathlib import Path

from pydantic import BaseModel, ConfigDict, ValidationError

from peerwatch.core.outcomes import Answer, Words
from peerwatch.core.writing import append_lines
from peerwatch.records._folder import PLAN_FILE

JUDGEMENTS = "judgements.jsonl"


class Judgement(BaseModel):
    """One judge's answers about one episode.

    `log` is the log's file name, `sample` Inspect's UUID of the episode; `id` and `epoch` identify the sample.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    log: str
    sample: str
    id: str
    epoch: int
    rubric: str
    judge: str
    answers: tuple[Answer, ...]
    settings: dict[str, str] | None = None
    """The judge's generation options and arguments, without secrets; `None` in lines of older versions."""

    @property
    def failed(self) -> bool:
        """Whether the judge gave no usable answer, so that it must be asked again."""
        return all(answer.said is None for answer in self.answers)


def judgements_file(place: Path) -> Path:
    """Return the judgements file for a path: in the folder of its run, or next to logs without a run."""
    folder = place if place.is_dir() else place.parent
    # Logs lie at most three levels below the folder of their run.
    run = next((each for each in [folder, *folder.resolve().parents][:4] if (each / PLAN_FILE).is_file()), folder)
    return run / JUDGEMENTS


def load_judgements(file: Path) -> list[Judgement]:
    """Return the judgements of all complete lines; a killed process may have left a partial line."""
    if not file.is_file():
        return []
    found: list[Judgement] = []
    for line in file.read_bytes().split(b"\n"):
        try:
            found += [Judgement.model_validate_json(line)] if line else []
        except ValidationError:
            continue
    return found


def keep(judgements: Iterable[Judgement], file: Path) -> None:
    """Append judgements, one per line.

    Each line starts with its line break, so that a partial line before it does not damage it.

    Raises:
        OSError: If the file cannot be written.
    """
    append_lines(file, (each.model_dump_json() for each in judgements))


def spoken(judgements: Iterable[Judgement]) -> Mapping[str, Words]:
    """Return Inspect's UUID of an episode to the answers about it, by the rubric that was used last.

    If a judge answered twice with one rubric, the later answers count.
    """
    by_episode: dict[str, dict[str, dict[str, Judgement]]] = defaultdict(dict)
    for each in judgements:
        rubrics = by_episode[each.sample]
        rubrics[each.rubric] = {**rubrics.pop(each.rubric, {}), each.judge: each}
    return {sample: _last(rubrics) for sample, rubrics in by_episode.items()}


def settings_used(
    judgements: Iterable[Judgement], planned: Mapping[str, Mapping[str, str]] | None = None
) -> dict[str, dict[str, str]]:
    """Return the settings of each judge whose answers count, without judges with several or unknown settings.

    Args:
        judgements: Judgements made after the run. They replace what the same judge answered during the run.
        planned: Name of a judge to its settings during the run.
    """
    later: dict[str, dict[str, Judgement]] = defaultdict(dict)
    for each in judgements:
        if not each.failed:
            later[each.judge][each.sample] = each
    found = {judge: dict(settings) for judge, settings in (planned or {}).items() if judge not in later}
    for judge, made in later.items():
        known = [each.settings for each in made.values()]
        if known[0] is not None and all(settings == known[0] for settings in known):
            found[judge] = known[0]
    return found


def _last(rubrics: Mapping[str, Mapping[str, Judgement]]) -> Words:
    label, judges = list(rubrics.items())[-1]
    return Words(rubric=label, answers=tuple(answer for each in judges.values() for answer in each.answers))
