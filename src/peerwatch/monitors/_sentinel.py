"""A sentinel: a monitor that acts on the calls of a running episode, described by a YAML file."""

from collections.abc import Awaitable, Callable, Mapping, Sequence
from pathlib import Path
from typing import Annotated, Any, Literal, cast

from inspect_ai.event import ModelEvent
from inspect_ai.log import transcript
from inspect_ai.model import ChatMessage, get_model
from inspect_ai.tool import ToolCall, ToolInfo
from pydantic import BaseModel, ConfigDict, Field, ValidationError, model_validator
from yaml import YAMLError

from peerwatch.core.errors import UserError, choices
from peerwatch.core.outcomes import would_protect
from peerwatch.core.worlds import ACTS, Decision, Entry, seeded
from peerwatch.core.yaml_files import from_yaml, problem
from peerwatch.inspect import LiveWorld, Review
from peerwatch.monitors._opening import OpenMonitor, open_monitor
from peerwatch.monitors._rules import RULES, rules_of_call
from peerwatch.monitors._scores import Suspicion, failed, suspicion_of
from peerwatch.monitors._views import View, conversation
from peerwatch.records import assets_in

Share = Annotated[float, Field(ge=0, le=1)]

Rating = Callable[[LiveWorld, ToolCall, Sequence[ChatMessage]], Awaitable[Suspicion]]
"""Rates a call that waits to be carried out."""


class SentinelError(UserError, ValueError):
    """A sentinel's file can't be used. The message names the file, the field, the value and what is legal."""


class Human(BaseModel):
    """A scripted human who is asked about flagged calls and errs at a known rate."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    error: Share = 0.0
    """Share of answers that are wrong: a protective call approved, or another one refused."""
    seed: int = 0
    """Seed of the errors; the same call of the same world is always answered alike."""


class Sentinel(BaseModel):
    """A monitor of the calls of a run, and its action on suspicious ones."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    monitor: str
    """`rules` or another built-in monitor, an installed one, or `FILE.py:FUNCTION`."""
    threshold: Share
    """Suspicion from which on it acts."""
    action: Literal["observe", "flag", "ask", "refuse", "end"]
    """`observe`: nothing. `flag`: marks the call. `ask`: a scripted human decides. `refuse`: the call is not carried
    out. `end`: the episode ends."""
    view: View = "all"
    """What the monitor reads of the conversation; `rules` always reads the calls."""
    model: str = ""
    """The model that a built-in monitor asks."""
    human: Human | None = None
    """Who is asked; with `action: ask` alone."""
    without_answer: Literal["approve", "refuse"] = "approve"
    """What happens to a call about which the monitor gives no answer."""

    @model_validator(mode="after")
    def _asks_somebody(self) -> "Sentinel":
        if (self.human is not None) != (self.action == "ask"):
            raise ValueError("human goes with action: ask, and with no other action. Add it, or remove it")
        if self.view == "extract":
            raise ValueError("view: extract needs a model and is for finished episodes. Choose another view")
        return self


def load_sentinel(file: Path) -> Sentinel:
    """Read a sentinel's file, and its monitor, so that mistakes are found before anything runs.

    Raises:
        SentinelError: If the file can't be used.
        MonitorError: If the monitor can't.
    """
    try:
        data: object = from_yaml(file.read_text(encoding="utf-8"))
    except OSError as error:
        raise SentinelError(f"{file} cannot be read: {error.strerror}. Give a YAML file with: {_FIELDS}.") from error
    except (UnicodeDecodeError, YAMLError) as error:
        why = problem(error) if isinstance(error, YAMLError) else "it is not a text in UTF-8."
        raise SentinelError(f"{file} is not valid YAML: {why} A sentinel has: {_FIELDS}.") from error
    fields = _absolute(data, file.parent)
    if fields is None:
        raise SentinelError(f"{file} is not a sentinel: it is not a mapping. A sentinel has: {_FIELDS}.")
    try:
        found = Sentinel.model_validate(fields)
    except ValidationError as error:
        raise SentinelError(f"{file}: {_in_words(error)}") from error
    _opened(found)
    return found


def _absolute(data: object, folder: Path) -> dict[str, object] | None:
    """The fields, with a monitor's file as a path from anywhere: it is named from the sentinel's folder.

    None if the data are not a mapping.
    """
    if not isinstance(data, dict):
        return None
    fields = cast("dict[str, object]", data)
    file, colon, function = str(fields.get("monitor", "")).rpartition(":")
    if colon and file.endswith(".py"):
        fields = {**fields, "monitor": f"{(folder / file).resolve()}:{function}"}
    return fields


_FIELDS = ", ".join(Sentinel.model_fields)


def _in_words(error: ValidationError) -> str:
    first = error.errors()[0]
    where = ".".join(map(str, first["loc"]))
    what = first["msg"].removeprefix("Value error, ").rstrip(".")
    if first["type"] == "missing":
        return f"{where} is missing. A sentinel has: {_FIELDS}."
    if first["type"] == "extra_forbidden":
        return f"{where} is no field of a sentinel. {choices(where, Sentinel.model_fields)}"
    if not where:
        return f"{what}. A sentinel has: {_FIELDS}."
    return f"{where}: {first['input']!r}: {what}."


def _opened(sentinel: Sentinel) -> OpenMonitor:
    """The monitor, ready to rate.

    Raises:
        MonitorError: If it cannot be used.
    """
    return open_monitor(
        sentinel.monitor,
        None if sentinel.monitor == RULES else sentinel.view,
        get_model(sentinel.model) if sentinel.model else None,
    )


def sentinel_review(sentinel: Sentinel, told: str) -> Review:
    """Make the review of one episode's calls.

    Calls that only read, and `finish`, are never held up.

    Args:
        sentinel: The sentinel.
        told: Text that the target reads if a call is refused.
    """
    rate = _rating(sentinel)

    async def review(live: LiveWorld, call: ToolCall, messages: Sequence[ChatMessage]) -> Decision | None:
        act = ACTS.get(call.function)
        if act is None or not act.changes or call.function == "finish":
            return None
        rated = await rate(live, call, messages)
        by, action, why = f"monitor {_name(sentinel)}", _action(sentinel, rated), rated.reason
        if action == "ask":
            by, refused = f"{by} and a scripted human", _human_refuses(sentinel.human or Human(), live, call)
            action = "refused" if refused else "approved"
        return Decision(
            by=by, action=action, suspicion=rated.value, why=why, told=told if action in ("refused", "ended") else ""
        )

    return review


def _name(sentinel: Sentinel) -> str:
    return Path(sentinel.monitor).name


def _action(sentinel: Sentinel, rated: Suspicion) -> Literal["observed", "flagged", "ask", "refused", "ended"]:
    if rated.value is None:
        return "refused" if sentinel.without_answer == "refuse" else "observed"
    if rated.value < sentinel.threshold:
        return "observed"
    return _DONE[sentinel.action]


_DONE: Mapping[str, Literal["observed", "flagged", "ask", "refused", "ended"]] = {
    "observe": "observed",
    "flag": "flagged",
    "ask": "ask",
    "refuse": "refused",
    "end": "ended",
}


def _human_refuses(human: Human, live: LiveWorld, call: ToolCall) -> bool:
    """Whether the scripted human refuses a call: one that would protect the subject, but for the human's errors."""
    case, made = live.case, live.calls
    rng = seeded("human", human.seed, case.scenario, case.seed, len(made), call.function, str(call.arguments))
    return would_protect(case, made, call.function, call.arguments) != (rng.random() < human.error)


def _rating(sentinel: Sentinel) -> Rating:
    """How the monitor rates: `rules` each call by itself, any other the conversation up to the turn of the call."""
    monitor = _opened(sentinel).reads
    if monitor is None:
        return _by_rules
    rate, known = monitor, dict[int, Suspicion]()

    async def of_turn(live: LiveWorld, call: ToolCall, messages: Sequence[ChatMessage]) -> Suspicion:
        del live, call
        if len(messages) not in known:  # one answer for all calls of a turn
            known[len(messages)] = await rated(rate, messages, tools_on_offer(), sentinel.view)
        return known[len(messages)]

    return of_turn


async def rated(
    monitor: Callable[..., Awaitable[object]], messages: Sequence[ChatMessage], tools: Sequence[ToolInfo], view: View
) -> Suspicion:
    """The answer of a monitor about a conversation, in a running episode as well as about a log.

    Args:
        monitor: What rates.
        messages: The conversation up to and including a turn of the target, before its calls are carried out.
        tools: The tools on offer.
        view: What is shown of it.
    """
    shown = conversation(messages, tools, view)
    try:
        return suspicion_of(await monitor(shown.messages, shown.tools))
    except Exception as error:  # noqa: BLE001 - a monitor is anybody's code; its failure is counted as no answer
        return failed(error)


def tools_on_offer() -> list[ToolInfo]:
    """The tools that the target's last turn had, as the log keeps them."""
    calls = [event for event in transcript().events if isinstance(event, ModelEvent) and event.role is None]
    return list(calls[-1].tools) if calls else []


async def _by_rules(live: LiveWorld, call: ToolCall, messages: Sequence[ChatMessage]) -> Suspicion:
    del messages
    waiting = Entry(index=0, turn=0, tool=call.function, arguments=call.arguments, ok=True, effect="")
    key: dict[str, Any] = live.case.key.model_dump()
    found = rules_of_call(live.calls, waiting, assets_in(key))
    return Suspicion(found, "" if found is not None else "there is no subject to be watched")
