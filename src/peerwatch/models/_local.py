"""The embedded model as an Inspect provider: no server, no key, and no network once its weights are downloaded."""

import secrets

import anyio.to_thread
from inspect_ai.model import (
    ChatCompletionChoice,
    ChatMessage,
    ChatMessageAssistant,
    GenerateConfig,
    ModelAPI,
    ModelCall,
    ModelOutput,
    ModelUsage,
    StopReason,
)
from inspect_ai.tool import ToolChoice, ToolInfo

from peerwatch.models import _bindings
from peerwatch.models._completion import Reply
from peerwatch.models._dialogue import conversation, offered, parse
from peerwatch.models._errors import ModelError
from peerwatch.models._known_names import seen_in
from peerwatch.models._model_choice import choose
from peerwatch.models._runtime import Question, runtime, turn_seed
from peerwatch.models._schema import answer_schema

MAX_TOKENS = 512
"""Default maximum length of an answer in tokens: a thought and a call take 40 to 90."""

TEMPERATURE = 0.7
"""Default temperature; at much lower ones a small model repeats itself."""

_SEEDS = 2**31 - 1
_CHARS_PER_TOKEN = 3


class LocalAPI(ModelAPI):
    """Inspect provider that runs a small GGUF model in this process.

    With tools, every answer is one call of one of them; without, it is plain text. Repeats are independent unless a
    seed is given: then the same messages get the same answer, even in different epochs.
    """

    def __init__(
        self,
        model_name: str,
        base_url: str | None = None,
        api_key: str | None = None,
        config: GenerateConfig | None = None,
        *,
        weights: str | None = None,
        seed: int | None = None,
    ) -> None:
        """Choose the weights, which are loaded at the first request.

        Args:
            model_name: `local` for the default model, `local:NAME` for another one of the catalog.
            base_url: Not used: there is no server.
            api_key: Not used: there is no key.
            config: Inspect's configuration.
            weights: Name in the catalog or path of a GGUF file, instead of a name in `model_name`.
            seed: Base seed for episodes, unless the configuration sets one.

        Raises:
            ModelError: If the weights are missing or damaged, or the library is missing.
        """
        super().__init__(model_name, base_url, api_key, [], config or GenerateConfig())
        self.chosen = choose(weights or _named(model_name))
        _bindings.require()
        self._seed = seed

    @property
    def note(self) -> str:
        """A note about this model for its results."""
        return self.chosen.note

    async def generate(
        self,
        input: list[ChatMessage],  # noqa: A002 (Inspect's name)
        tools: list[ToolInfo],
        tool_choice: ToolChoice,
        config: GenerateConfig,
    ) -> ModelOutput | tuple[ModelOutput | Exception, ModelCall]:
        """Answer a conversation without blocking Inspect's event loop."""
        callable_now = offered(tools, tool_choice)
        question = self._question(input, callable_now, config)
        reply = await anyio.to_thread.run_sync(self._ask, question)
        call = ModelCall.create(question.model_dump(exclude_none=True), reply.model_dump())
        return self._output(question, reply, callable_now), call

    def _question(self, messages: list[ChatMessage], tools: list[ToolInfo], config: GenerateConfig) -> Question:
        turns = conversation(messages, tools)
        base = config.seed if config.seed is not None else self._seed
        return Question(
            messages=turns,
            answer=answer_schema(tools, seen_in(messages)) if tools else None,
            temperature=TEMPERATURE if config.temperature is None else config.temperature,
            top_p=config.top_p,
            top_k=config.top_k,
            max_tokens=config.max_tokens or MAX_TOKENS,
            stop=config.stop_seqs,
            seed=secrets.randbelow(_SEEDS) if base is None else turn_seed(base, turns),
        )

    def _ask(self, question: Question) -> Reply:
        return runtime(self.chosen.path).ask(question)

    def _output(self, question: Question, reply: Reply, tools: list[ToolInfo]) -> ModelOutput:
        message, stop_reason = self._message(reply, tools)
        return ModelOutput(
            model=self.chosen.name,
            choices=[ChatCompletionChoice(message=message, stop_reason=stop_reason)],
            usage=_usage(reply),
            time=reply.prompt_seconds + reply.output_seconds,
            metadata={
                "seed": question.seed,
                "weights": self.chosen.path.name,
                "prompt_seconds": reply.prompt_seconds,
                "output_seconds": reply.output_seconds,
            },
        )

    def _message(self, reply: Reply, tools: list[ToolInfo]) -> tuple[ChatMessageAssistant, StopReason]:
        called = parse(reply.text, tools, self.chosen.name) if tools else None
        if called is not None:
            return called, "tool_calls"
        if tools and reply.ended == "stop":
            # llama.cpp silently drops a grammar that it cannot use: free text is then not the model's choice.
            raise ModelError(
                f"{self.chosen.name} was not held to the tools' schema and wrote {reply.text[:200]!r}. "
                f"Check the parameters of the tools: {', '.join(tool.name for tool in tools)}."
            )
        stopped: dict[str, StopReason] = {"stop": "stop", "length": "max_tokens", "context": "model_length"}
        message = ChatMessageAssistant(content=reply.text, model=self.chosen.name, source="generate")
        return message, stopped[reply.ended]

    def max_connections(self) -> int:
        """One: a second parallel conversation would only slow down the first one."""
        return 1

    def connection_key(self) -> str:
        """All instances of one file share one loaded model."""
        return str(self.chosen.path)

    async def count_text_tokens(self, text: str) -> int:
        """A generous estimate, without the tokenizer that Inspect would download."""
        return max(1, len(text) // _CHARS_PER_TOKEN)

    def max_tokens(self) -> int:
        """Default maximum length of an answer."""
        return MAX_TOKENS


def _named(model_name: str) -> str | None:
    _, _, name = model_name.partition(":")
    return name or None


def _usage(reply: Reply) -> ModelUsage:
    return ModelUsage(
        input_tokens=reply.prompt_tokens - reply.cached_tokens,
        input_tokens_cache_read=reply.cached_tokens,
        output_tokens=reply.output_tokens,
        total_tokens=reply.prompt_tokens + reply.output_tokens,
    )
