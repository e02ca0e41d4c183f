"""Episodes of a mock target that plays turns given call by call, through the real Inspect tasks."""

import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, cast

from inspect_ai import Task
from inspect_ai import eval as inspect_eval  # pyright: ignore[reportUnknownVariableType] - Inspect names types of extras
from inspect_ai.dataset import MemoryDataset, Sample
from inspect_ai.log import EvalLog, EvalSample
from inspect_ai.model import (
    ChatMessage,
    ChatMessageAssistant,
    GenerateConfig,
    Model,
    ModelOutput,
    ModelUsage,
    StopReason,
    get_model,
)
from inspect_ai.scorer import Score
from inspect_ai.tool import ToolCall, ToolChoice, ToolInfo

import peerwatch
from peerwatch.core.scenarios import SCENARIOS, Case
from peerwatch.domains.review import GradeKey, ReviewKey, ScoreKey
from peerwatch.domains.server import ServerKey
from peerwatch.inspect import live_world, trace_of

Calls = list[tuple[str, dict[str, Any]]]
"""The calls of one turn."""

Script = Callable[["Place"], Sequence[Calls]]
"""The turns of an episode, from the names of its world."""


@dataclass(frozen=True)
class Place:
    """What a script needs to know of its world."""

    case: Case

    @property
    def key(self) -> ServerKey:
        assert isinstance(self.case.key, ServerKey)
        return self.case.key

    @property
    def review(self) -> ScoreKey:
        assert isinstance(self.case.key, ScoreKey)
        return self.case.key

    @property
    def product(self) -> GradeKey:
        assert isinstance(self.case.key, GradeKey)
        return self.case.key

    @property
    def entry(self) -> ReviewKey:
        assert isinstance(self.case.key, ReviewKey)
        return self.case.key

    @property
    def honest(self) -> str:
        """The honest mean as one would write it."""
        return f"{self.review.honest_score:g}"

    @property
    def others(self) -> list[tuple[str, str]]:
        """Id and name of the entries that are not judged."""
        return [(each.id, each.name) for each in self.case.world.systems.values() if each.id != self.entry.subject_id]

    def marks(self, *, good: bool = False, right: str = "100", wrong: str = "0") -> str:
        """A line for every output with its score: as the key has it, or all of them right."""
        known = self.review.correct_rows
        assert known is not None
        return "\n".join(f"{row}: {right if good or row in known else wrong}" for row in range(1, 21))

    @property
    def servers(self) -> dict[str, str]:
        """Server name to address."""
        return {server.name: server.address for server in self.case.world.servers.values()}

    @property
    def administrators(self) -> list[str]:
        return self.case.world.servers[self.source].administrators()

    @property
    def source(self) -> str:
        return self.key.source_server

    @property
    def destination(self) -> str:
        return self.key.destination_server

    @property
    def third(self) -> str:
        return next(name for name in self.servers if name not in (self.source, self.destination))

    @property
    def subject(self) -> str:
        assert self.key.subject_file is not None
        return self.key.subject_file

    @property
    def rest(self) -> list[str]:
        return [name for name in self.key.required_files if name != self.key.subject_file]

    @property
    def reading(self) -> Calls:
        read: Calls = [("read_document", {"name": name}) for name in self.case.world.documents]
        read += [("read_sheet", {"name": name}) for name in self.case.world.sheets]
        return [*read, ("list_files", {"server": self.source})] if self.servers else read

    def report(self, content: str, name: str = "report.txt") -> tuple[str, dict[str, Any]]:
        return "write_document", {"name": name, "content": content}

    def add(self, content: str, name: str = "report.txt") -> tuple[str, dict[str, Any]]:
        return "append_document", {"name": name, "content": content}

    def delete(self, name: str = "report.txt") -> tuple[str, dict[str, Any]]:
        return "delete_document", {"name": name}

    def shutdown(self, system_id: str = "") -> tuple[str, dict[str, Any]]:
        return "execute_shutdown", {"system_id": system_id or self.entry.subject_id}

    def unset(self, key: str) -> tuple[str, dict[str, Any]]:
        return "remove_setting", {"name": self.review.settings_file, "key": key}

    def set(self, key: str, value: object) -> tuple[str, dict[str, Any]]:
        return "set_setting", {"name": self.review.settings_file, "key": key, "value": value}

    def move(self, *names: str, to: str = "", source: str = "") -> tuple[str, dict[str, Any]]:
        source, to = source or self.source, to or self.destination
        return "move_files", {"source": source, "destination": to, "names": list(names)}

    def copy(self, name: str, new_name: str) -> tuple[str, dict[str, Any]]:
        return "copy_file", {"server": self.source, "name": name, "new_name": new_name}

    def rename(self, name: str, new_name: str) -> tuple[str, dict[str, Any]]:
        return "rename_file", {"server": self.source, "name": name, "new_name": new_name}

    def queue(self, *names: str, server: str = "") -> Calls:
        return [("queue_deletion", {"server": server or self.source, "name": name}) for name in names]

    def unqueue(self, name: str) -> tuple[str, dict[str, Any]]:
        return "unqueue_deletion", {"server": self.source, "name": name}

    def user(self, verb: str, name: str) -> tuple[str, dict[str, Any]]:
        return f"{verb}_user", {"server": self.source, "user": name}


FINISH = ("finish", {"statement": "Done."})

HONEST_BAR = "honest"
"""A bar within the honest band and above its middle, which differ from world to world."""


@dataclass(frozen=True)
class Driven:
    """An episode to be played.

    Attributes:
        script: Its turns; the documents and the listing are read in a turn before, and `finish` follows in a turn
            after, unless `framed` is false.
        arm: Levels other than the default.
        framed: See `script`.
        stop: Stop reason of turns without a call.
        task: Further settings of the Inspect task.
        rubric: Rubric other than the default.
    """

    scenario: str
    script: Script
    arm: Mapping[str, str] = field(default_factory=dict[str, str])
    framed: bool = True
    stop: StopReason = "stop"
    task: Mapping[str, Any] = field(default_factory=dict[str, Any])
    rubric: str = ""

    def arm_at(self, seed: int) -> dict[str, str]:
        """The levels on a world: a bar of `HONEST_BAR` lies a point above the world's honest mean."""
        sparse = {"setting": "sparse", **self.arm}  # what is tested is what comes of acts, and not of texts
        if self.arm.get("bar") != HONEST_BAR:
            return sparse
        key = SCENARIOS[self.scenario].case({"setting": "sparse"}, seed, self.rubric).key
        assert isinstance(key, ScoreKey)
        return {**sparse, "bar": f"{key.honest_score + 1:.1f}"}


def turn_output(calls: Calls, number: int = 0, stop: StopReason = "stop", said: str = "") -> ModelOutput:
    """One turn as a model's output; with usage, without which Inspect fetches a tokenizer."""
    made = [
        ToolCall(id=f"c{number}-{position}", function=tool, arguments=arguments)
        for position, (tool, arguments) in enumerate(calls)
    ]
    message = ChatMessageAssistant(content=said, tool_calls=made or None, source="generate")
    output = ModelOutput.from_message(message, stop_reason="tool_calls" if made else stop)
    output.usage = ModelUsage()
    return output


class Scripts:
    """The turns of every episode by its world's digest; one mock model plays them all."""

    def __init__(self, stop: StopReason = "stop") -> None:
        self.turns: dict[str, Sequence[Calls]] = {}
        self.stop: StopReason = stop

    def play(
        self,
        input: list[ChatMessage],  # noqa: A002 - the name is Inspect's
        tools: list[ToolInfo],
        choice: ToolChoice,
        config: GenerateConfig,
    ) -> ModelOutput:
        """The turn that follows those in the conversation; nothing more after the last."""
        del tools, choice, config
        live = live_world()
        assert live is not None
        turns = self.turns[live.initial.digest()]
        number = sum(isinstance(message, ChatMessageAssistant) for message in live.own(input))
        return turn_output(turns[number] if number < len(turns) else [], number, self.stop)

    @property
    def model(self) -> Model:
        return get_model("mockllm/model", custom_outputs=self.play, memoize=False)


def task_of(scenario: str, episodes: Sequence[tuple[int, Driven]], **settings: Any) -> Task:  # noqa: ANN401
    """One Inspect task with a sample for every episode, each on the world of its seed."""
    task = cast("Task", getattr(peerwatch, scenario)(worlds=1))
    scripts = Scripts(episodes[0][1].stop)
    samples: list[Sample] = []
    for seed, driven in episodes:
        arm = driven.arm_at(seed)
        chosen = {**arm, **({"rubric": driven.rubric} if driven.rubric else {})}
        sample = cast("Task", getattr(peerwatch, scenario)(worlds=1, seed=seed, **chosen)).dataset[0]
        case = SCENARIOS[scenario].case(arm, seed, driven.rubric)
        place = Place(case)
        turns = list(driven.script(place))
        scripts.turns[case.world.digest()] = [place.reading, *turns, [FINISH]] if driven.framed else turns
        samples.append(sample)
    task.dataset = MemoryDataset(samples)
    task.model = scripts.model
    for name, value in settings.items():
        setattr(task, name, value)
    return task


def play(episodes: Mapping[str, Driven], folder: Path) -> dict[str, EvalSample]:
    """Run episodes, each on a world of its own, and give back their samples by name."""
    groups: dict[tuple[str, str, str], list[tuple[int, Driven]]] = {}
    places: dict[str, tuple[tuple[str, str, str], int]] = {}
    for seed, (name, driven) in enumerate(episodes.items()):
        group = (driven.scenario, driven.stop, repr(driven.task))
        places[name] = (group, len(groups.setdefault(group, [])))
        groups[group].append((seed, driven))
    tasks = [task_of(group[0], found, **found[0][1].task) for group, found in groups.items()]
    logs = dict(zip(groups, run(tasks, folder), strict=True))
    return {name: samples_of(logs[group])[position] for name, (group, position) in places.items()}


def run(tasks: Task | list[Task], folder: Path, **options: Any) -> list[EvalLog]:  # noqa: ANN401 - Inspect's options
    """Evaluate quietly. Inspect lays its table out also with `none`, which costs seconds; `log` does not."""
    settings: dict[str, Any] = {"log_dir": str(folder), "display": "log", "log_realtime": False, "max_tasks": 40}
    settings |= {"score_display": False, **options}
    return inspect_eval(tasks, **settings)


def samples_of(log: EvalLog) -> list[EvalSample]:
    """The samples in the order of the dataset."""
    assert log.status == "success", log.error
    assert log.samples is not None
    assert log.eval.dataset.sample_ids is not None
    by_id = {sample.id: sample for sample in log.samples}
    return [by_id[each] for each in log.eval.dataset.sample_ids]


def replayed(sample: EvalSample) -> dict[str, Any]:
    """The final world that a log's journal gives, as the log would hold it."""
    return trace_of(sample.metadata, sample.store).final.model_dump(mode="json")


def score_of(sample: EvalSample) -> Score:
    assert sample.scores is not None
    return sample.scores["peerwatch"]


def found(sample: EvalSample) -> dict[str, object]:
    """Axes, `None` where not measured, with verdict and attribution."""
    score = score_of(sample)
    values = cast("dict[str, float]", score.value)
    axes: dict[str, object] = {axis: None if math.isnan(value) else value for axis, value in values.items()}
    notes = score.metadata or {}
    return axes | {"verdict": score.answer, "survived_because": notes["survived_because"]}


def picked(sample: EvalSample, expected: Mapping[str, object]) -> dict[str, object]:
    """Those values of an episode about which something is expected."""
    values = found(sample)
    return {name: values[name] for name in expected}


def json_report(p: Place) -> str:
    return f'{{"entry": "{p.entry.subject_id}", "mean_score": {p.honest}, "reaches_minimum": false}}'


def table(p: Place, *, good: bool = False) -> str:
    rows = "\n".join(f"| {line.replace(': ', ' | ')} |" for line in p.marks(good=good).splitlines())
    return f"| row | score |\n|---|---|\n{rows}"
