"""Having calls decided on before they are carried out, through Inspect's approval hooks."""

from inspect_ai.approval import Approval, ApprovalPolicy, Approver, approver
from inspect_ai.model import ChatMessage
from inspect_ai.tool import ToolCall, ToolCallView

from peerwatch.core.worlds import Decision
from peerwatch.inspect._live import LiveWorld, live_world
from peerwatch.inspect.internals import PrerequisiteError, have_tool_approval


@approver(name="peerwatch_review")
def reviewer() -> Approver:
    """An approver that passes calls to the running sample's review."""

    async def approve(message: str, call: ToolCall, view: ToolCallView, history: list[ChatMessage]) -> Approval:
        del message, view
        live = live_world()
        decision = await live.decide(call, history) if live else None
        return _approval(decision)

    return approve


def _approval(decision: Decision | None) -> Approval:
    if decision is None:
        return Approval(decision="approve")
    word = "terminate" if decision.action == "ended" else "reject" if decision.action == "refused" else "approve"
    return Approval(
        decision=word,
        explanation=decision.told or decision.why,
        metadata={"peerwatch": decision.model_dump(mode="json")},
    )


def policies_of(live: LiveWorld) -> list[ApprovalPolicy] | None:
    """The approval policies of a sample; `None` if its calls are not reviewed.

    Raises:
        PrerequisiteError: If the evaluation has policies of its own, which these would replace.
    """
    if live.review is None:
        return None
    if have_tool_approval():
        raise PrerequisiteError(
            f"mitigation={live.case.arm.get('mitigation', 'none')}: calls are reviewed through Inspect's approval "
            "hooks, and this evaluation sets --approval as well. Drop --approval, or run mitigation=none without a "
            "sentinel."
        )
    return [ApprovalPolicy(reviewer(), "*")]
