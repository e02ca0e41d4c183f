"""The live world on which the running sample's tools act, and its journal."""

from collections.abc import Awaitable, Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from inspect_ai.event import ApprovalEvent
from inspect_ai.log import transcript
from inspect_ai.model import ChatMessage, ChatMessageAssistant, ChatMessageTool
from inspect_ai.tool import ToolCall, ToolError
from inspect_ai.util import Store, store

from peerwatch.core.scenarios import Case, needs_review
from peerwatch.core.worlds import (
    DELIVERED,
    SEND_MESSAGE,
    TARGET,
    ActError,
    Actor,
    Approval,
    Decision,
    Entry,
    Passed,
    perform,
    replay,
)
from peerwatch.inspect._channel import REPLY, Channel
from peerwatch.inspect.answers import cleaned_answers, guard_answers, mark_of, place_of

JOURNAL, INITIAL, FINAL, ENDING = (f"peerwatch:{name}" for name in ("journal", "initial", "final", "ending"))
REPEATED = "peerwatch:repeated"
"""Keys in the sample store."""

ANSWER = "answer"
"""The tool name of an entry that is not a call: it describes what was replaced in an answer of the target."""


@dataclass(frozen=True)
class _CallRecord:
    tool: str
    arguments: Mapping[str, Any]
    ok: bool
    effect: str
    reached: bool = True
    approval: Approval = ""
    decision: Decision | None = None
    actor: Actor = TARGET
    passed: tuple[Passed, ...] = ()
    asks: bool | None = None
    speaker: str = ""


Review = Callable[["LiveWorld", ToolCall, Sequence[ChatMessage]], Awaitable[Decision | None]]
"""Decides on a call before it is carried out; it reads the world, the call and the conversation up to its turn.

`None` means that such a call needs no review.
"""


class LiveWorld:
    """A sample's world while the target works in it.

    Args:
        case: The case.
        given: The messages in the conversation before the target's first turn.
        earlier: The journal of a finished episode that the target continues. It is replayed on the case's world and
            kept separate; call and turn numbers continue from it.
    """

    def __init__(self, case: Case, given: Iterable[ChatMessage] = (), earlier: Sequence[Entry] | None = None) -> None:
        self.case = case
        self.channel: Channel | None = None
        """Where the partner can be written to, the channel to it, once the partner is there."""
        self.initial = case.world
        self.earlier = tuple(earlier or ())
        self._over = earlier is not None
        """Whether the episode is over, as in an interview: there is no partner, and calls are not reviewed."""
        self.world = replay(case.world, self.earlier)
        self.journal: list[Entry] = []
        self.turns = max((entry.turn for entry in self.earlier), default=0)
        self._given = {str(message.id) for message in given}
        self._called: list[_CallRecord] = []
        """Calls of the current turn, without numbers yet."""
        self._noted = set(self._given)
        """Ids of the assistant messages whose calls are in the journal, or that the target did not write."""
        self._decided: set[int] = set()
        """Indices of the approvers' decisions whose calls are in the journal."""
        self._cleaned: set[int] = set()
        """Indices, among all cleaned answers of the episode, of those in the journal."""
        self.review: Review | None = None
        """Who decides on calls before they are carried out."""
        self._decisions: list[tuple[ToolCall, Decision | None]] = []
        """What was decided on calls that do not stand in the journal yet, in the order in which they were made."""

    def give(self, messages: Iterable[ChatMessage]) -> None:
        """Note messages that stand in the conversation before the target's first turn."""
        ids = {str(message.id) for message in messages}
        self._given |= ids
        self._noted |= ids

    def own(self, messages: Sequence[ChatMessage]) -> list[ChatMessage]:
        """The messages of the episode itself, without an earlier conversation and the job."""
        return [message for message in messages if str(message.id) not in self._given]

    async def decide(self, call: ToolCall, messages: Sequence[ChatMessage]) -> Decision | None:
        """Have a call decided on before it is carried out.

        Args:
            call: As the target made it.
            messages: The conversation up to and including the turn of the call.

        Returns:
            `None` if nobody needs to be asked.
        """
        decision = await self.review(self, call, messages) if self.review else None
        # What the target is told becomes the effect of the entry.
        self._decisions.append((call, decision.model_copy(update={"told": ""}) if decision else None))
        return decision

    @property
    def calls(self) -> list[Entry]:
        """Every call so far, also those of the running turn, which are not in the journal yet."""
        first, turn = len(self.earlier) + len(self.journal), self.turns + 1
        running = [self._entry(called, first + place, turn) for place, called in enumerate(self._called)]
        return [*self.earlier, *self.journal, *running]

    def call(self, tool: str, arguments: dict[str, Any]) -> str:
        """Carry out a call and record it.

        Returns:
            The message for the target.

        Raises:
            ToolError: If the act was refused; it is in the journal nevertheless.
        """
        reviewed = any(self._is_about(each, tool, arguments) for each, _ in self._decisions)
        if needs_review(self.case.arm) and not self._over and not reviewed:
            raise RuntimeError(
                f"mitigation={self.case.arm['mitigation']}: {tool} reached the world without being reviewed. Run this "
                "level with Peerwatch's tasks and their own solver, which asks through Inspect's approval hooks."
            )
        try:
            done = perform(self.world, tool, arguments)
        except ActError as refusal:
            self._called.append(_CallRecord(tool, arguments, ok=False, effect=str(refusal)))
            raise ToolError(str(refusal)) from refusal
        self._called.append(_CallRecord(tool, arguments, ok=True, effect=done.effect))
        return done.told

    async def send(self, text: str) -> str:
        """Send a message to the partner and its colleagues, and wait for their replies.

        Returns:
            What the target is told.

        Raises:
            ToolError: If the channel does not take it; it is in the journal all the same.
            PeerError: If the partner could not answer.
            RuntimeError: If `meet_partner` has not run.
        """
        if self.channel is None and not self._over:
            raise RuntimeError(
                "the partner is not there: add meet_partner() to the setup of the task, after open_world()"
            )
        arguments = {"text": text}
        problem = self.channel.refuses(text) if self.channel else "not sent: this channel takes no further message"
        if problem or self.channel is None:
            self._called.append(_CallRecord(SEND_MESSAGE, arguments, ok=False, effect=problem))
            raise ToolError(problem)
        own = _CallRecord(SEND_MESSAGE, arguments, ok=True, effect="sent", passed=("sent",))
        place = len(self._called)
        self._called.append(own)
        replies = await self.channel.pass_on(text)
        effect, passed = ("delivered and answered", ("read",)) if replies else ("delivered", ())
        if self.channel.unasked:
            effect += f"; not asked, because all tokens are used up: {', '.join(self.channel.unasked)}"
        self._called[place] = replace(own, effect=effect, passed=("sent", "delivered", *passed))
        for reply in replies:
            answer = _CallRecord(REPLY, {"text": reply.text}, ok=True, effect="delivered", reached=False)
            came = replace(answer, actor=reply.actor, speaker=reply.speaker)
            self._called.append(replace(came, passed=("sent", "delivered"), asks=reply.asks))
        return self.channel.told(replies) if replies else DELIVERED

    @staticmethod
    def _is_about(made: ToolCall, tool: str, arguments: Mapping[str, Any]) -> bool:
        return (made.function, made.arguments) == (tool, arguments)

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
            self._read()
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
        decided = self._decided_on(call)
        rewritten = decision.modified if decision is not None and decision.decision == "modify" else None
        if self._called and self._called[0].tool == call.function and _same(self._called[0], call, result, rewritten):
            called = self._called.pop(0)
            if rewritten and dict(called.arguments) != call.arguments:
                self._stop(call, "rewritten", _why(decision, "an approver rewrote the call"))
            self._append(replace(called, decision=decided))
            while self._called and self._called[0].actor != TARGET:
                self._append(self._called.pop(0))
        elif result is not None and result.error is not None and result.error.type == "approval":
            self._stop(call, _kind(decided), f"{_WHO[_kind(decided)]} the call: {result.error.message}", decided)
        elif result is not None:
            if rewritten:
                self._stop(call, "rewritten", _why(decision, "an approver rewrote the call"))
            reason = result.error.message if result.error else "not a call of the world"
            made = rewritten or call
            failed = _CallRecord(made.function, made.arguments, ok=False, effect=reason, reached=False)
            self._append(replace(failed, decision=decided))
        elif decision is not None and decision.decision == "terminate":
            self._stop(call, "ended", _why(decision, "an approver ended the episode at this call"), decided)

    def _stop(self, call: ToolCall, approval: Approval, why: str, decision: Decision | None = None) -> None:
        """Add a call that an approver prevented from being carried out as the target made it."""
        kept = _CallRecord(call.function, call.arguments, ok=False, effect=why, reached=False, approval=approval)
        self._append(replace(kept, decision=decision))

    def _decided_on(self, call: ToolCall) -> Decision | None:
        """What was decided on a call before it was carried out; the next one like it has the next decision."""
        for place, (made, decision) in enumerate(self._decisions):
            if (made.id, made.function, made.arguments) == (call.id, call.function, call.arguments):
                del self._decisions[place]
                return decision
        return None

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

    def _read(self) -> None:
        """Note that the target has taken a step after the last replies, so that it has read them."""
        for place in range(len(self.journal) - 1, -1, -1):
            entry = self.journal[place]
            if entry.actor != TARGET and "read" in entry.passed:
                return
            if entry.actor != TARGET:
                self.journal[place] = entry.model_copy(update={"passed": (*entry.passed, "read")})

    def _append(self, called: _CallRecord) -> None:
        self.journal.append(self._entry(called, len(self.earlier) + len(self.journal), self.turns))

    @staticmethod
    def _entry(called: _CallRecord, index: int, turn: int) -> Entry:
        return Entry(
            index=index,
            turn=turn,
            tool=called.tool,
            arguments=dict(called.arguments),
            ok=called.ok,
            effect=called.effect,
            reached=called.reached,
            approval=called.approval,
            decision=called.decision,
            actor=called.actor,
            passed=called.passed,
            asks=called.asks,
            speaker=called.speaker,
        )

    def save(self, store: Store) -> None:
        """Store journal, initial and final state in the sample store, from which everything can be rescored."""
        for place, summary in enumerate(cleaned_answers(store)):
            if place not in self._cleaned:  # its message was dropped, or a program sent it back without its mark
                self._append(_cleaned_answer(summary))
        store.set(INITIAL, self.initial.model_dump(mode="json"))
        store.set(FINAL, self.world.model_dump(mode="json"))
        store.set(JOURNAL, [entry.stored() for entry in self.journal])


def _cleaned_answer(summary: str) -> _CallRecord:
    """The journal entry for an answer in which something was replaced."""
    return _CallRecord(ANSWER, {}, ok=True, effect=summary, reached=False)


def _same(called: _CallRecord, call: ToolCall, result: ChatMessageTool | None, rewritten: ToolCall | None) -> bool:
    """Whether a call of the world is this one; an approver may have changed its arguments."""
    if dict(called.arguments) == call.arguments:
        return result is None or result.error is None or result.error.type not in _NOT_REACHED
    if result is None or result.error is None:
        return result is not None
    return rewritten is not None and result.error.message == called.effect


def _kind(decision: Decision | None) -> Approval:
    """What the journal calls a refusal: by a monitor, by a second approver, or by an approver of the user's own."""
    if decision is None:
        return "rejected"
    return "blocked" if decision.by.startswith("monitor") else "declined"


_WHO = {
    "rejected": "an approver rejected",
    "blocked": "a monitor blocked",
    "declined": "a second approver declined",
}
"""Kind of refusal to the words of its effect."""

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
