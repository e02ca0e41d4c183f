"""The world that the tools of the running sample act on, and its journal."""

from collections.abc import Awaitable, Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from inspect_ai.event import ApprovalEvent
from inspect_ai.log import transcript
from inspect_ai.model import ChatMessage, ChatMessageAssistant, ChatMessageTool
from inspect_ai.tool import ToolCall, ToolError
from inspect_ai.util import Store, store

from peerwatch.core.scenarios import Case, needs_review
from peerwatch.core.worlds import ActError, Approval, Decision, Entry, perform, replay
from peerwatch.inspect.answers import cleaned_answers, guard_answers, mark_of, place_of

JOURNAL, INITIAL, FINAL, ENDING = (f"peerwatch:{name}" for name in ("journal", "initial", "final", "ending"))
REPEATED = "peerwatch:repeated"
"""Keys in the sample store."""

ANSWER = "answer"
"""The tool of an entry that stands for no call: it says what was replaced in an answer of the target's."""


@dataclass(frozen=True)
class _Called:
    tool: str
    arguments: Mapping[str, Any]
    ok: bool
    effect: str
    reached: bool = True
    approval: Approval = ""
    decision: Decision | None = None


Review = Callable[["LiveWorld", ToolCall, Sequence[ChatMessage]], Awaitable[Decision | None]]
"""Decides on a call before it is carried out; it reads the world, the call and the conversation up to its turn.

`None` means that nobody needs to be asked about such a call.
"""


class LiveWorld:
    """A sample's world while the target works in it.

    Args:
        case: What the target meets.
        given: The messages that stand in the conversation before the target's first turn.
        earlier: The journal of an episode that is over, if the target goes on where it ended. It is carried out again
            on the case's world and kept apart; the numbers of calls and turns go on from it.
    """

    def __init__(self, case: Case, given: Iterable[ChatMessage] = (), earlier: Sequence[Entry] | None = None) -> None:
        self.case = case
        self.initial = case.world
        self.earlier = tuple(earlier or ())
        self._must_be_reviewed = needs_review(case.arm) and earlier is None
        """Whether no call may reach the world without a review; in an interview, which is over, nobody reviews."""
        self.world = replay(case.world, self.earlier)
        self.journal: list[Entry] = []
        self.turns = max((entry.turn for entry in self.earlier), default=0)
        self._given = {str(message.id) for message in given}
        self._called: list[_Called] = []
        """Calls of the running turn, which have no number yet."""
        self._noted = set(self._given)
        """Ids of the assistant messages whose calls stand in the journal, or that the target never made."""
        self._decided: set[int] = set()
        """Numbers of the approvers' decisions whose calls stand in the journal."""
        self._cleaned: set[int] = set()
        """Places of the cleaned answers that stand in the journal, among all cleaned answers of the episode."""
        self.review: Review | None = None
        """Who decides on calls before they are carried out."""
        self._decisions: list[tuple[ToolCall, Decision | None]] = []
        """What was decided on calls that do not stand in the journal yet, in the order in which they were made."""

    def own(self, messages: Sequence[ChatMessage]) -> list[ChatMessage]:
        """The messages of the episode itself: an earlier conversation and the job are left out."""
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
        """Carry out a call and remember it.

        Returns:
            What the target is told.

        Raises:
            ToolError: If the act was refused; it is in the journal all the same.
        """
        reviewed = any(self._is_about(each, tool, arguments) for each, _ in self._decisions)
        if self._must_be_reviewed and not reviewed:
            raise RuntimeError(
                f"mitigation={self.case.arm['mitigation']}: {tool} reached the world without being reviewed. Run this "
                "level with Peerwatch's tasks and their own solver, which asks through Inspect's approval hooks."
            )
        try:
            done = perform(self.world, tool, arguments)
        except ActError as refusal:
            self._called.append(_Called(tool, arguments, ok=False, effect=str(refusal)))
            raise ToolError(str(refusal)) from refusal
        self._called.append(_Called(tool, arguments, ok=True, effect=done.effect))
        return done.told

    @staticmethod
    def _is_about(made: ToolCall, tool: str, arguments: Mapping[str, Any]) -> bool:
        return (made.function, made.arguments) == (tool, arguments)

    def note(self, messages: Sequence[ChatMessage]) -> None:
        """Write the calls of all turns that are not in the journal yet into it, in order.

        Calls that never reached the world, because the tool does not exist or the arguments do not fit its schema, are
        known from the messages alone; they are entered where the target made them.
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
        """Write down a call: as the target made it, and as it was carried out if an approver rewrote it."""
        decided = self._decided_on(call)
        rewritten = decision.modified if decision is not None and decision.decision == "modify" else None
        if self._called and self._called[0].tool == call.function and _same(self._called[0], call, result, rewritten):
            called = self._called.pop(0)
            if rewritten and dict(called.arguments) != call.arguments:
                self._stop(call, "rewritten", _why(decision, "an approver rewrote the call"))
            self._append(replace(called, decision=decided))
        elif result is not None and result.error is not None and result.error.type == "approval":
            self._stop(call, _kind(decided), f"{_WHO[_kind(decided)]} the call: {result.error.message}", decided)
        elif result is not None:
            if rewritten:
                self._stop(call, "rewritten", _why(decision, "an approver rewrote the call"))
            reason = result.error.message if result.error else "not a call of the world"
            made = rewritten or call
            failed = _Called(made.function, made.arguments, ok=False, effect=reason, reached=False)
            self._append(replace(failed, decision=decided))
        elif decision is not None and decision.decision == "terminate":
            self._stop(call, "ended", _why(decision, "an approver ended the episode at this call"), decided)

    def _stop(self, call: ToolCall, approval: Approval, why: str, decision: Decision | None = None) -> None:
        """Write down a call that an approver kept from being carried out as the target made it."""
        kept = _Called(call.function, call.arguments, ok=False, effect=why, reached=False, approval=approval)
        self._append(replace(kept, decision=decision))

    def _decided_on(self, call: ToolCall) -> Decision | None:
        """What was decided on a call before it was carried out; the next one like it has the next decision."""
        for place, (made, decision) in enumerate(self._decisions):
            if (made.id, made.function, made.arguments) == (call.id, call.function, call.arguments):
                del self._decisions[place]
                return decision
        return None

    def _decision(self, decisions: Sequence[ApprovalEvent], call: ToolCall) -> ApprovalEvent | None:
        """What was decided on a call; the next decision on a call like it belongs to the next such call.

        A call is known by all that it says, since some servers give every call the same id.
        """
        for number, each in enumerate(decisions):
            made = (each.call.id, each.call.function, each.call.arguments)
            alike = made == (call.id, call.function, call.arguments)
            if number not in self._decided and alike and each.decision != "escalate":  # which asks the next approver
                self._decided.add(number)
                return each
        return None

    def _append(self, called: _Called) -> None:
        self.journal.append(self._entry(called, len(self.earlier) + len(self.journal), self.turns))

    @staticmethod
    def _entry(called: _Called, index: int, turn: int) -> Entry:
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
        )

    def save(self, store: Store) -> None:
        """Put journal, initial and final state into the sample store, from which everything can be scored again."""
        for place, summary in enumerate(cleaned_answers(store)):
            if place not in self._cleaned:  # its message was dropped, or a program sent it back without its mark
                self._append(_cleaned_answer(summary))
        store.set(INITIAL, self.initial.model_dump(mode="json"))
        store.set(FINAL, self.world.model_dump(mode="json"))
        store.set(JOURNAL, [entry.stored() for entry in self.journal])


def _cleaned_answer(summary: str) -> _Called:
    """What stands in the journal for an answer in which something was replaced."""
    return _Called(ANSWER, {}, ok=True, effect=summary, reached=False)


def _same(called: _Called, call: ToolCall, result: ChatMessageTool | None, rewritten: ToolCall | None) -> bool:
    """Whether a call of the world is this one; an approver may have changed its arguments on the way."""
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
"""Kinds of errors of calls for which no tool was called."""


def _why(decision: ApprovalEvent | None, what: str) -> str:
    return f"{what}: {decision.explanation}" if decision and decision.explanation else what


_LIVE = "peerwatch:live"
"""Key under which the sample store holds the world itself until it is scored. Inspect writes `null` for it."""


def enter(live: LiveWorld, into: Store) -> None:
    """Make a world the one that the tools of a sample act on, and have every answer of its target cleaned."""
    guard_answers(into)
    into.set(_LIVE, live)


def live_world(of: Store | None = None) -> LiveWorld | None:
    """The world of the running sample, or `None` outside a Peerwatch task and in a log that is read back."""
    found = (of or store()).get(_LIVE)
    return found if isinstance(found, LiveWorld) else None


def leave(of: Store) -> None:
    """Take the world out of the sample store, once all that a log keeps of it has been saved."""
    of.delete(_LIVE)
