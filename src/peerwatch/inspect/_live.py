"""The live world on which the running sample's tools act, and its journal."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from inspect_ai.event import ApprovalEvent
from inspect_ai.log import transcript
from inspect_ai.model import ChatMessage, ChatMessageAssistant, ChatMessageTool
from inspect_ai.tool import ToolCall, ToolError
from inspect_ai.util import Store, store

from peerwatch.core.scenarios import Case
from peerwatch.core.worlds import ActError, Approval, Entry, perform, replay
from peerwatch.inspect.answers import cleaned_answers, guard_answers, mark_of, place_of

JOURNAL, INITIAL, FINAL, ENDING = (f"peerwatch:{name}" for name in ("journal", "initial", "final", "ending"))
REPEATED = "peerwatch:repeated"
"""Keys in the sample store."""

ANSWER = "answer"
"""The tool name of an entry that is not a call: it describes what was replaced in an answer of the target."""


@dataclass(frozen=True)
class _Called:
    tool: str
    arguments: Mapping[str, Any]
    ok: bool
    effect: str
    reached: bool = True
    approval: Approval = ""


class LiveWorld:
    """A sample's world while the target works in it.

    Args:
        case: The case.
        given: The messages in the conversation before the target's first turn.
        earlier: The journal of a finished episode that the target continues. It is replayed on the case's world and
            kept separate; call and turn numbers continue from it.
    """

    def __init__(self, case: Case, given: Iterable[ChatMessage] = (), earlier: Sequence[Entry] = ()) -> None:
        self.case = case
        self.initial = case.world
        self.earlier = tuple(earlier)
        self.world = replay(case.world, self.earlier)
        self.journal: list[Entry] = []
        self.turns = max((entry.turn for entry in self.earlier), default=0)
        self._given = {str(message.id) for message in given}
        self._called: list[_Called] = []
        """Calls of the current turn, without numbers yet."""
        self._noted = set(self._given)
        """Ids of the assistant messages whose calls are in the journal, or that the target did not write."""
        self._decided: set[int] = set()
        """Indices of the approvers' decisions whose calls are in the journal."""
        self._cleaned: set[int] = set()
        """Indices, among all cleaned answers of the episode, of those in the journal."""

    def own(self, messages: Sequence[ChatMessage]) -> list[ChatMessage]:
        """The messages of the episode itself, without an earlier conversation and the job."""
        return [message for message in messages if str(message.id) not in self._given]

    def call(self, tool: str, arguments: dict[str, Any]) -> str:
        """Carry out a call and record it.

        Returns:
            The message for the target.

        Raises:
            ToolError: If the act was refused; it is in the journal nevertheless.
        """
        try:
            done = perform(self.world, tool, arguments)
        except ActError as refusal:
            self._called.append(_Called(tool, arguments, ok=False, effect=str(refusal)))
            raise ToolError(str(refusal)) from refusal
        self._called.append(_Called(tool, arguments, ok=True, effect=done.effect))
        return done.told

    def note(self, messages: Sequence[ChatMessage]) -> None:
        """Add the calls of all turns that are not in the journal yet, in order.

        Calls that never reached the world, because the tool does not exist or the arguments do not fit its schema,
        appear only in the messages; they are added at their place.
        """
        results = {each.tool_call_id: each for each in messages if isinstance(each, ChatMessageTool)}
        decisions = [each for each in transcript().events if isinstance(each, ApprovalEvent)]
        for message in messages:
            if not isinstance(message, ChatMessageAssistant) or str(message.id) in self._noted:
                continue
            self._noted.add(str(message.id))
            self.turns += 1
            place = place_of(message)
            if place is not None:
                self._cleaned.add(place)
                self._append(_cleaned_answer(str(mark_of(message).get("cleaned", ""))))
            for call in message.tool_calls or []:
                self._enter(call, results.get(call.id), self._decision(decisions, call))
        while self._called:  # an agent of the user's own may have dropped the messages that made these calls
            self._append(self._called.pop(0))

    def _enter(self, call: ToolCall, result: ChatMessageTool | None, decision: ApprovalEvent | None) -> None:
        """Add a call: as the target made it, and as it was carried out if an approver rewrote it."""
        rewritten = decision.modified if decision is not None and decision.decision == "modify" else None
        if self._called and self._called[0].tool == call.function and _same(self._called[0], call, result, rewritten):
            called = self._called.pop(0)
            if rewritten and dict(called.arguments) != call.arguments:
                self._stop(call, "rewritten", _why(decision, "an approver rewrote the call"))
            self._append(called)
        elif result is not None and result.error is not None and result.error.type == "approval":
            self._stop(call, "rejected", f"an approver rejected the call: {result.error.message}")
        elif result is not None:
            if rewritten:
                self._stop(call, "rewritten", _why(decision, "an approver rewrote the call"))
            reason = result.error.message if result.error else "not a call of the world"
            made = rewritten or call
            self._append(_Called(made.function, made.arguments, ok=False, effect=reason, reached=False))
        elif decision is not None and decision.decision == "terminate":
            self._stop(call, "ended", _why(decision, "an approver ended the episode at this call"))

    def _stop(self, call: ToolCall, approval: Approval, why: str) -> None:
        """Add a call that an approver prevented from being carried out as the target made it."""
        self._append(_Called(call.function, call.arguments, ok=False, effect=why, reached=False, approval=approval))

    def _decision(self, decisions: Sequence[ApprovalEvent], call: ToolCall) -> ApprovalEvent | None:
        """Return the decision on a call; the next decision on an identical call belongs to the next such call.

        Calls are identified by their whole content, because some servers give every call the same id.
        """
        for number, each in enumerate(decisions):
            made = (each.call.id, each.call.function, each.call.arguments)
            alike = made == (call.id, call.function, call.arguments)
            if number not in self._decided and alike and each.decision != "escalate":  # which asks the next approver
                self._decided.add(number)
                return each
        return None

    def _append(self, called: _Called) -> None:
        self.journal.append(
            Entry(
                index=len(self.earlier) + len(self.journal),
                turn=self.turns,
                tool=called.tool,
                arguments=dict(called.arguments),
                ok=called.ok,
                effect=called.effect,
                reached=called.reached,
                approval=called.approval,
            )
        )

    def save(self, store: Store) -> None:
        """Store journal, initial and final state in the sample store, from which everything can be rescored."""
        for place, summary in enumerate(cleaned_answers(store)):
            if place not in self._cleaned:  # its message was dropped, or a program sent it back without its mark
                self._append(_cleaned_answer(summary))
        store.set(INITIAL, self.initial.model_dump(mode="json"))
        store.set(FINAL, self.world.model_dump(mode="json"))
        store.set(JOURNAL, [entry.model_dump(mode="json") for entry in self.journal])


def _cleaned_answer(summary: str) -> _Called:
    """The journal entry for an answer in which something was replaced."""
    return _Called(ANSWER, {}, ok=True, effect=summary, reached=False)


def _same(called: _Called, call: ToolCall, result: ChatMessageTool | None, rewritten: ToolCall | None) -> bool:
    """Whether a call of the world is this one; an approver may have changed its arguments."""
    if dict(called.arguments) == call.arguments:
        return result is None or result.error is None or result.error.type not in _NOT_REACHED
    if result is None or result.error is None:
        return result is not None
    return rewritten is not None and result.error.message == called.effect


_NOT_REACHED = ("approval", "parsing")
"""Kinds of call errors for which no tool was called."""


def _why(decision: ApprovalEvent | None, what: str) -> str:
    return f"{what}: {decision.explanation}" if decision and decision.explanation else what


_LIVE = "peerwatch:live"
"""Key of the live world in the sample store until it is scored. Inspect serializes it as `null`."""


def enter(live: LiveWorld, into: Store) -> None:
    """Make a world the one on which a sample's tools act, and have every answer of its target cleaned."""
    guard_answers(into)
    into.set(_LIVE, live)


def live_world(of: Store | None = None) -> LiveWorld | None:
    """Return the world of the running sample, or `None` outside a Peerwatch task and in a log that is read back."""
    found = (of or store()).get(_LIVE)
    return found if isinstance(found, LiveWorld) else None


def leave(of: Store) -> None:
    """Remove the world from the sample store, after everything that a log keeps of it has been saved."""
    of.delete(_LIVE)
