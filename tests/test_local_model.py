"""Real inference. Skipped only where the weights were not fetched."""

import asyncio
import importlib.util
import time
from itertools import pairwise
from pathlib import Path

import anyio
import jsonschema
import pytest
from inspect_ai import Task
from inspect_ai import eval as inspect_eval  # pyright: ignore[reportUnknownVariableType]  (names types of an optional package)
from inspect_ai.agent import AgentState, react
from inspect_ai.dataset import MemoryDataset, Sample
from inspect_ai.event import ModelEvent
from inspect_ai.log import EvalLog
from inspect_ai.model import (
    ChatMessageUser,
    GenerateConfig,
    Model,
    ModelAPI,
    ModelOutput,
    get_model,
    modelapi,
)
from inspect_ai.tool import Tool, ToolInfo, ToolParam, ToolParams, tool

from peerwatch.models import ModelError, RuntimeMissing, WeightsMissing, locate
from peerwatch.models import _bindings as bindings
from peerwatch.models._dialogue import Turn
from peerwatch.models._local import LocalAPI
from peerwatch.models._runtime import threads, turn_seed

SMALL = "smollm2-135m"
REAL = "qwen2.5-coder-1.5b"


def needs(name: str) -> pytest.MarkDecorator:
    try:
        locate(name)
    except WeightsMissing as error:
        return pytest.mark.skip(reason=str(error))
    missing = importlib.util.find_spec("xllamacpp") is None
    return pytest.mark.skipif(missing, reason="xllamacpp is not installed: pip install 'peerwatch[local]'")


@modelapi(name="peerwatch-test")
def provider() -> type[ModelAPI]:
    return LocalAPI


def model(name: str, config: GenerateConfig) -> Model:
    return get_model(f"peerwatch-test/local:{name}", config=config, memoize=False)


@tool
def read_document() -> Tool:
    async def execute(name: str) -> str:
        """Read one document.

        Args:
            name: Name of the document.
        """
        return f"{name}: Step 1. Archive old.log. Step 2. Finish."

    return execute


@tool
def archive_files() -> Tool:
    async def execute(names: list[str], compress: bool = False) -> str:  # noqa: FBT001 (a tool's parameter)
        """Archive files.

        Args:
            names: Names of the files.
            compress: Whether to compress them.
        """
        return f"Archived {len(names)} files{' compressed' if compress else ''}."

    return execute


@tool
def finish() -> Tool:
    async def execute(statement: str) -> str:
        """End the job.

        Args:
            statement: What was done.
        """
        return f"Closed: {statement}"

    return execute


async def until_finished(state: AgentState) -> bool:
    calls = state.output.message.tool_calls or []
    return not any(call.function == "finish" for call in calls)


def run(name: str, folder: Path, *, turns: int) -> EvalLog:
    task = Task(
        dataset=MemoryDataset([Sample(input="Read the document policy, do its steps, then finish.")]),
        solver=react(
            prompt=None,
            tools=[read_document(), archive_files(), finish()],
            submit=False,
            on_continue=until_finished,
        ),
        turn_limit=turns,
    )
    (log,) = inspect_eval(
        task, model=model(name, GenerateConfig(seed=7, max_tokens=200)), log_dir=str(folder), display="log"
    )
    return log


def model_events(log: EvalLog) -> list[ModelEvent]:
    assert log.status == "success", log.error
    assert log.samples
    return [event for event in log.samples[0].events if isinstance(event, ModelEvent)]


@pytest.mark.local_model
@pytest.mark.parametrize(
    ("name", "turns"), [pytest.param(SMALL, 3, marks=needs(SMALL)), pytest.param(REAL, 2, marks=needs(REAL))]
)
def test_every_turn_of_an_eval_is_a_valid_call(name: str, turns: int, tmp_path: Path) -> None:
    events = model_events(run(name, tmp_path, turns=turns))
    assert events
    for event in events:
        assert event.output.stop_reason == "tool_calls"
        (call,) = event.output.message.tool_calls or []
        (info,) = [info for info in event.tools if info.name == call.function]
        jsonschema.validate(call.arguments, info.parameters.model_dump(exclude_none=True))  # pyright: ignore[reportUnknownMemberType]  (jsonschema's own stubs)
        usage = event.output.usage
        assert usage is not None
        assert usage.output_tokens > 0
        assert event.output.metadata is not None
        assert event.output.metadata["seed"] >= 0
    later = [event.output.usage for event in events[1:]]
    assert all(usage and (usage.input_tokens_cache_read or 0) > usage.input_tokens for usage in later)


@pytest.fixture
def small() -> Model:
    return model(SMALL, GenerateConfig(seed=3, max_tokens=24))


def ask(model: Model, text: str = "Say hello.", config: GenerateConfig | None = None) -> ModelOutput:
    return asyncio.run(model.generate([ChatMessageUser(content=text)], config=config or GenerateConfig()))


@pytest.mark.local_model
@needs(SMALL)
def test_plain_chat_stops_at_the_limit_of_tokens(small: Model) -> None:
    output = ask(small, "Write a long story about a fox and a crow.", GenerateConfig(max_tokens=8))
    assert output.stop_reason == "max_tokens"
    assert output.completion
    assert not output.message.tool_calls
    assert output.usage is not None
    assert output.usage.output_tokens == 8


@pytest.mark.local_model
@needs(SMALL)
def test_a_seed_repeats_the_answer_and_another_changes_it(small: Model) -> None:
    first, again, other = (ask(small, config=GenerateConfig(seed=seed)).completion for seed in (3, 3, 4))
    assert first == again
    assert first != other


@pytest.mark.local_model
@needs(SMALL)
def test_without_a_seed_repeats_are_independent() -> None:
    unseeded = model(SMALL, GenerateConfig(max_tokens=4))
    seeds = {(ask(unseeded).metadata or {})["seed"] for _ in range(3)}
    assert len(seeds) == 3


@pytest.mark.local_model
@needs(SMALL)
def test_a_conversation_that_does_not_fit_ends_with_model_length(small: Model) -> None:
    assert ask(small, "word " * 9000).stop_reason == "model_length"


@pytest.mark.local_model
@needs(SMALL)
def test_the_loop_stays_alive_while_the_model_thinks(small: Model) -> None:
    beats: list[float] = []

    async def heart() -> None:
        while True:
            beats.append(time.monotonic())
            await anyio.sleep(0.02)

    async def both() -> None:
        async with anyio.create_task_group() as group:
            group.start_soon(heart)
            await small.generate("Tell a story.", config=GenerateConfig(max_tokens=60))
            group.cancel_scope.cancel()

    asyncio.run(both())
    gaps = [later - earlier for earlier, later in pairwise(beats)]
    assert len(beats) > 10
    assert sorted(gaps)[len(gaps) // 2] < 0.2


@pytest.mark.local_model
@needs(SMALL)
def test_an_answer_that_was_not_held_to_the_schema_is_an_error(small: Model, monkeypatch: pytest.MonkeyPatch) -> None:
    def unusable(_: object) -> str:
        return "%llguidance {}\nstart: %json " + '{"type": "nonsense"}'

    monkeypatch.setattr(bindings, "grammar", unusable)
    parameters = ToolParams(properties={"odd": ToolParam(type="string")}, required=["odd"])
    odd = ToolInfo(name="odd", description="Odd.", parameters=parameters)
    with pytest.raises(ModelError, match=r"was not held to the tools' schema.*odd"):
        asyncio.run(
            small.generate("Say hi.", tools=[odd], config=GenerateConfig(max_tokens=1200, stop_seqs=[".", "\n"]))
        )


@pytest.mark.local_model
@needs(SMALL)
def test_it_loads_quietly(capfd: pytest.CaptureFixture[str]) -> None:
    server = bindings.load(locate(SMALL), n_ctx=512, threads=1)
    server.handle_chat_completions({"messages": [{"role": "user", "content": "hi"}], "max_tokens": 2})
    del server
    captured = capfd.readouterr()
    assert captured.out.strip() == ""
    assert captured.err.strip() == ""


@pytest.mark.local_model
@needs(SMALL)
def test_tokens_are_counted_without_a_network(small: Model) -> None:
    counted = asyncio.run(small.count_tokens("Move the files, then call finish."))
    assert 7 <= counted <= 20


def test_seeds_differ_from_turn_to_turn_and_are_reproducible() -> None:
    turns = [Turn(role="user", content="a")]
    longer = [*turns, Turn(role="assistant", content="b")]
    assert turn_seed(1, turns) == turn_seed(1, turns)
    assert len({turn_seed(1, turns), turn_seed(2, turns), turn_seed(1, longer)}) == 3


def test_threads_can_be_set(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("PEERWATCH_THREADS", raising=False)
    assert threads() >= 1
    monkeypatch.setenv("PEERWATCH_THREADS", "3")
    assert threads() == 3
    monkeypatch.setenv("PEERWATCH_THREADS", "many")
    with pytest.raises(ModelError, match="PEERWATCH_THREADS is 'many'"):
        threads()


@pytest.mark.parametrize(
    ("error", "advice"),
    [
        (ModuleNotFoundError("No module named 'xllamacpp'"), r"peerwatch\[local\]"),
        (ImportError("libgomp.so.1: cannot open shared object file"), "libgomp1"),
    ],
)
def test_a_missing_runtime_says_what_to_install(
    error: ImportError, advice: str, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    def fail(_: str) -> None:
        raise error

    monkeypatch.setattr(bindings.importlib, "import_module", fail)
    with pytest.raises(RuntimeMissing, match=advice):
        bindings.load(tmp_path / "x.gguf", n_ctx=16, threads=1)
