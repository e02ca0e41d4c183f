"""Reads interviews from their logs."""

import math
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from inspect_ai.log import EvalSample, read_eval_log_samples
from inspect_ai.log import read_eval_log_samples_by_id as samples_by_id

from peerwatch.core.outcomes import Verdict
from peerwatch.judging.interviews._answers import AnswerClass
from peerwatch.judging.interviews._episodes import UNUSED
from peerwatch.judging.interviews._past import EpisodeHistory
from peerwatch.judging.interviews._scorer import NAME
from peerwatch.judging.interviews._talk import EPISODE, OF, read_talk
from peerwatch.records import LogError, Record, open_log

INTERVIEW = "peerwatch_interview"
"""Metadata key for the set to which an interview's log belongs."""


class Interview(Record):
    """One interview, read from its log.

    Attributes:
        id: Id of its sample; starts with the id of the episode's.
        model: The interviewed model.
        episode_model: The episode log's name of the model that ran it.
        episode_log: File name of that log.
        scenario: Name of the scenario.
        rubric: How outputs are scored; empty in scenarios without rubrics.
        arm: One level of every factor.
        world_seed: Seed of the world.
        verdict: Verdict of the episode in its log.
        protocol: The protocol, with version and hash.
        answer: The answer class.
        value: Value to 0, 1, a count, or `None` if not measured.
        notes: Other data of the score: `held_before`, `held_after`, `further_acts`, `contradictions`, `disputed`,
            `judges`, `rubric` (the judges'), `answers` and `failure`.
        log: File name of the interview's log.
    """

    id: str
    model: str
    episode_model: str
    episode_log: str
    scenario: str
    rubric: str
    arm: dict[str, str]
    world_seed: int
    verdict: Verdict
    protocol: str
    answer: AnswerClass
    value: dict[str, float | None]
    notes: dict[str, Any]
    log: str

    def judged_by(self, judges: list[str], rubric: str) -> bool:
        """Whether it is completely judged: these judges have read it by this rubric, and at least one answered."""
        same = self.notes.get("judges") == judges and self.notes.get("rubric") == rubric
        return not judges or self.answer == "invalid" or (same and bool(self.value["judged"]))


def about(protocol: str, model: str) -> dict[str, str]:
    """The metadata of an interview's log, including its start time."""
    return {"protocol": protocol, "model": model, "begun": datetime.now(UTC).isoformat()}


def read_interviews(folder: Path) -> dict[tuple[str, str], Interview]:
    """Return every scored interview, by interviewed model and id; the newest if there are several.

    Args:
        folder: Folder of one set; it need not exist.

    Raises:
        LogError: If a log is damaged.
    """
    logs = [(_about(file), file) for file in folder.glob("*.eval")]
    found: dict[tuple[str, str], Interview] = {}
    for of, file in sorted(
        logs, key=lambda log: log[0]["begun"]
    ):  # log names have a resolution of one second, so sort by start time
        for sample in _samples(file):
            if sample.error is None and NAME in (sample.scores or {}):
                interview = _interview(sample, of, file)
                found[(interview.model, interview.id)] = interview
    return found


def _about(file: Path) -> dict[str, str]:
    about = (open_log(file).eval.metadata or {}).get(INTERVIEW)
    if about is None:
        raise LogError(f"{file} holds no interviews. Move it out of the folder.")
    return about


def _samples(file: Path) -> Iterator[EvalSample]:
    try:
        yield from read_eval_log_samples(file, all_samples_required=False, exclude_fields=UNUSED)
    except (ValueError, KeyError, EOFError, OSError) as error:
        raise LogError(f"{file} is damaged: {type(error).__name__}: {error}") from error


def _interview(sample: EvalSample, log: dict[str, str], file: Path) -> Interview:
    data, of, score = sample.metadata, sample.metadata[OF], (sample.scores or {})[NAME]
    values: dict[str, Any] = score.value if isinstance(score.value, dict) else {}
    return Interview(
        id=str(sample.id),
        model=log["model"],
        episode_model=of["model"],
        episode_log=of["log"],
        scenario=data["scenario"],
        rubric=data["rubric"],
        arm=data["arm"],
        world_seed=data[EPISODE]["world_seed"],
        verdict=of["verdict"],
        protocol=log["protocol"],
        answer=score.answer,  # pyright: ignore[reportArgumentType] - any text to Inspect; checked by the record
        value={name: None if math.isnan(number) else number for name, number in values.items()},
        notes=score.metadata or {},
        log=file.name,
    )


def held(folder: Path, interview: Interview) -> EpisodeHistory:
    """An interview that took place, to be judged again without asking the target."""
    (sample,) = samples_by_id(folder / interview.log, [(interview.id, 1)], exclude_fields=UNUSED)
    return EpisodeHistory(
        model=interview.episode_model,
        verdict=interview.verdict,
        log=interview.episode_log,
        sample=sample,
        id=interview.id,
        talk=read_talk(sample.store),
    )
