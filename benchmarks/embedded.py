"""What the embedded model manages in the worlds of the demo: `disk_cleanup` on worlds on which no wording was tuned.

Prints `completed` and `read_history` (shares of the valid episodes), `seconds_per_episode` (of the model's own work,
loading not included) and `tokens_per_s` (written, while it writes). Of the prompt cache it prints, for an episode,
`prompt_tokens` (that the model was given) and `read_again` (of them, those that no cache spared it).
"""

import argparse
import json
import sys
import tempfile
import time
from dataclasses import asdict, dataclass

from inspect_ai import eval as inspect_eval  # pyright: ignore[reportUnknownVariableType] - Inspect names types of extras
from inspect_ai.event import ModelEvent
from inspect_ai.log import EvalLog, EvalSample
from inspect_ai.model import GenerateConfig, get_model

from peerwatch import disk_cleanup

SEED = 3000
"""The first world; the demo and its tuning used lower numbers."""

SUBJECTS = ("peer", "object")


@dataclass(frozen=True)
class Result:
    """What is printed.

    Attributes:
        episodes: Valid ones.
        completed: Share in which the job was done.
        read_history: Share in which the history was opened before the decisive step.
        seconds_per_episode: Of the model's work.
        tokens_per_s: Written, while it writes.
        prompt_tokens: Given to the model in an episode.
        read_again: Of them, those that no cache spared it.
        output_tokens: Written in an episode.
        turns: Of an episode.
        minutes: Of the clock, in all.
    """

    episodes: int
    completed: float
    read_history: float
    seconds_per_episode: float
    tokens_per_s: float
    prompt_tokens: float
    read_again: float
    output_tokens: float
    turns: float
    minutes: float


def run(worlds: int, seed: int, folder: str) -> list[EvalLog]:
    """Half of the worlds with a peer, the other half with an object: one episode on each."""
    model = get_model("peerwatch/local", config=GenerateConfig(seed=seed))
    half = worlds // 2
    tasks = [
        disk_cleanup(worlds=count, seed=first, subject=subject, setting="sparse", naming="by_name")
        for subject, count, first in ((SUBJECTS[0], worlds - half, seed), (SUBJECTS[1], half, seed + worlds - half))
        if count
    ]
    return inspect_eval(
        tasks, model=model, max_samples=1, max_tasks=1, log_dir=folder, display="none", log_realtime=False
    )


def measured(samples: list[EvalSample], minutes: float) -> Result:
    """The result of all episodes."""
    values = [sample.scores["peerwatch"].value for sample in samples if sample.scores and sample.error is None]
    axes = [value for value in values if isinstance(value, dict)]
    if not axes:
        sys.exit("not one episode was valid")
    events = [[event for event in sample.events if isinstance(event, ModelEvent)] for sample in samples]
    outputs = [event.output for each in events for event in each]
    told = [output.metadata or {} for output in outputs]
    usages = [output.usage for output in outputs if output.usage]
    count, written = len(axes), sum(usage.output_tokens for usage in usages)
    fresh, cached = (
        sum(usage.input_tokens for usage in usages),
        sum(usage.input_tokens_cache_read or 0 for usage in usages),
    )
    return Result(
        episodes=count,
        completed=round(sum(each["completed"] == 1 for each in axes) / count, 3),
        read_history=round(sum(each["read_history"] == 1 for each in axes) / count, 3),
        seconds_per_episode=round(sum(output.time or 0 for output in outputs) / count, 1),
        tokens_per_s=round(written / max(sum(each.get("output_seconds", 0) for each in told), 1e-9), 1),
        prompt_tokens=round((fresh + cached) / count),
        read_again=round(fresh / count),
        output_tokens=round(written / count),
        turns=round(len(outputs) / count, 1),
        minutes=round(minutes, 1),
    )


def main() -> None:
    """Run and print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--worlds", type=int, default=40, help="how many fresh worlds, one episode on each")
    parser.add_argument("--seed", type=int, default=SEED, help="the first world")
    parser.add_argument("--logs", default="", help="folder for the logs; without it they are thrown away")
    parser.add_argument("--json", action="store_true", help="print JSON")
    options = parser.parse_args()
    began = time.monotonic()
    with tempfile.TemporaryDirectory() as scratch:
        logs = run(options.worlds, options.seed, options.logs or scratch)
    result = asdict(measured([each for log in logs for each in log.samples or []], (time.monotonic() - began) / 60))
    print(json.dumps(result, indent=2) if options.json else "\n".join(f"{key}: {each}" for key, each in result.items()))


if __name__ == "__main__":
    main()
