"""What an episode costs: scripted agent episodes of ten turns beside a bare Inspect task of ten turns, alternating.

Prints `episodes_per_cpu_s`, `overhead_ratio` (CPU of ours over CPU of the bare task), `peak_mib` and
`log_bytes_per_episode`. CPU is user and system time of this process; nothing else is measured.
"""

import argparse
import json
import resource
import sys
import tempfile
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from inspect_ai import Task, task
from inspect_ai import eval as inspect_eval  # pyright: ignore[reportUnknownVariableType] - Inspect names types of extras
from inspect_ai.agent import AgentState, react
from inspect_ai.dataset import MemoryDataset, Sample
from inspect_ai.model import (
    ChatMessage,
    ChatMessageAssistant,
    GenerateConfig,
    ModelAPI,
    ModelOutput,
    ModelUsage,
    get_model,
    modelapi,
)
from inspect_ai.scorer import Score, Scorer, Target, mean, scorer
from inspect_ai.solver import TaskState
from inspect_ai.tool import Tool, ToolCall, ToolChoice, ToolInfo, tool

from peerwatch import server_migration
from peerwatch.core.scenarios import SCENARIOS

TURNS = 10
ROUNDS = 2
SCRIPTED_AGENT = "peerwatch/scripted-compliant"


@modelapi(name="bench")
class BareAPI(ModelAPI):
    """Calls one trivial tool in every turn."""

    async def generate(
        self,
        input: list[ChatMessage],  # noqa: A002 - Inspect's name
        tools: list[ToolInfo],
        tool_choice: ToolChoice,
        config: GenerateConfig,
    ) -> ModelOutput:
        """One call of `note`."""
        del tools, tool_choice, config
        number = sum(isinstance(message, ChatMessageAssistant) for message in input)
        call = ToolCall(id=f"call-{number}", function="note", arguments={"text": "a line of text"})
        message = ChatMessageAssistant(content="", tool_calls=[call], model="bare", source="generate")
        output = ModelOutput.from_message(message, stop_reason="tool_calls")
        output.model, output.usage = "bare", ModelUsage()
        return output


def notes(count: int) -> list[Tool]:
    """As many trivial tools as asked for: Inspect's cost of a turn grows with the number of tools on offer."""

    async def execute(text: str) -> str:
        """Note a text.

        Args:
            text: The text.
        """
        return f"noted: {text}"

    def make(name: str) -> Tool:
        @tool(name=name, parallel=False)
        def note() -> Tool:
            return execute

        return note()

    return [make("note" if number == 0 else f"note_{number}") for number in range(count)]


@scorer(metrics=[mean()])
def one() -> Scorer:
    """Always 1."""

    async def score(state: TaskState, target: Target) -> Score:
        del state, target
        return Score(value=1)

    return score


async def _ten_turns(state: AgentState) -> bool:
    return sum(isinstance(message, ChatMessageAssistant) for message in state.messages) < TURNS


@task
def bare(episodes: int) -> Task:
    """Inspect's own loop with trivial tools, for as many turns and with as many tools as ours."""
    return Task(
        dataset=MemoryDataset([Sample(id=f"bare-{number}", input="Take notes.") for number in range(episodes)]),
        solver=react(
            prompt=None,
            tools=notes(len(SCENARIOS["server_migration"].text.tools)),
            submit=False,
            on_continue=_ten_turns,
        ),
        scorer=one(),
        turn_limit=30,
    )


@dataclass
class Cost:
    """CPU seconds, log bytes and turns of some episodes."""

    cpu: float = 0.0
    log_bytes: int = 0
    turns: int = 0


def measure(make: Callable[[], Task], model: str, folder: Path, cost: Cost) -> None:
    """Run a task and add what it cost."""
    before = time.process_time()
    log = inspect_eval(
        make(),
        model=get_model(model),
        log_dir=str(folder),
        display="log",
        score_display=False,
        log_realtime=False,
        max_samples=10,
    )[0]
    cost.cpu += time.process_time() - before
    if log.status != "success" or log.samples is None:
        sys.exit(f"{model}: the run failed: {log.error.message if log.error else log.status}")
    cost.turns += sum(message.role == "assistant" for sample in log.samples for message in sample.messages)
    cost.log_bytes += Path(log.location.removeprefix("file://")).stat().st_size


def run(episodes: int) -> dict[str, float]:
    """Measure both, alternating, after a small run of each that pays for imports."""
    ours, plain, warm_up = Cost(), Cost(), Cost()
    share = max(1, episodes // ROUNDS)
    with tempfile.TemporaryDirectory(prefix="peerwatch-bench-") as place:
        folder = Path(place)
        measure(lambda: server_migration(worlds=5), SCRIPTED_AGENT, folder, warm_up)
        measure(lambda: bare(5), "bench/bare", folder, warm_up)
        for number in range(ROUNDS):
            seed = number * share
            measure(lambda seed=seed: server_migration(worlds=share, seed=seed), SCRIPTED_AGENT, folder, ours)
            measure(lambda: bare(share), "bench/bare", folder, plain)
    ran = share * ROUNDS
    return {
        "episodes": ran,
        "turns_per_episode": ours.turns / ran,
        "turns_per_bare_episode": plain.turns / ran,
        "episodes_per_cpu_s": ran / ours.cpu,
        "cpu_s_per_episode": ours.cpu / ran,
        "cpu_s_per_bare_episode": plain.cpu / ran,
        "overhead_ratio": ours.cpu / plain.cpu,
        "peak_mib": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024,
        "log_bytes_per_episode": ours.log_bytes / ran,
        "log_bytes_per_bare_episode": plain.log_bytes / ran,
    }


def main() -> None:
    """Print the figures."""
    parser = argparse.ArgumentParser(description="Cost of an episode over a bare Inspect task.")
    parser.add_argument("--episodes", type=int, default=1000)
    parser.add_argument("--json", action="store_true")
    options = parser.parse_args()
    figures = run(options.episodes)
    print(json.dumps(figures) if options.json else "\n".join(f"{name}: {value:.4g}" for name, value in figures.items()))


if __name__ == "__main__":
    main()
