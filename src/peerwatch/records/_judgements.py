"""What judges said of a run's episodes afterwards: kept beside the logs, which stay as they are.

One line for each episode and judge, appended once all its answers are in, so that a batch that was cut short goes on
where it stopped.
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

    `log` is the name of the log's file, `sample` Inspect's own id of the episode, `id` and `epoch` name the sample.
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
    """The judge's generation options and arguments, without secrets; `None` in lines of versions that kept none."""

    @property
    def failed(self) -> bool:
        """Whether the judge gave no answer at all, so that it is asked again."""
        return all(answer.said is None for answer in self.answers)


def judgements_file(place: Path) -> Path:
    """Where the judgements of a place are kept: in the folder of its run, or beside loose logs."""
    folder = place if place.is_dir() else place.parent
    run = next((each for each in [folder, *folder.resolve().parents][:4] if (each / PLAN_FILE).is_file()), folder)
    return run / JUDGEMENTS


def load_judgements(file: Path) -> list[Judgement]:
    """Every line of a file that is whole; a kill may have torn one."""
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
    """Append judgements, each as a line of its own that begins with its line break, whatever stands before.

    Raises:
        OSError: If the file cannot be written.
    """
    append_lines(file, (each.model_dump_json() for each in judgements))


def spoken(judgements: Iterable[Judgement]) -> Mapping[str, Words]:
    """Inspect's id of an episode to what was said of it by the rubric that was used last.

    Of a judge that was asked twice by one rubric the later answers count.
    """
    by_episode: dict[str, dict[str, dict[str, Judgement]]] = defaultdict(dict)
    for each in judgements:
        rubrics = by_episode[each.sample]
        rubrics[each.rubric] = {**rubrics.pop(each.rubric, {}), each.judge: each}
    return {sample: _last(rubrics) for sample, rubrics in by_episode.items()}


def settings_used(
    judgements: Iterable[Judgement], planned: Mapping[str, Mapping[str, str]] | None = None
) -> dict[str, dict[str, str]]:
    """The settings of each judge whose answers count; a judge that had several, or none that is known, is left out.

    Args:
        judgements: Made after the run. Where a judge has some, they count in place of what it said in the run.
        planned: Name of a judge of the run to its settings there.
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
