"""One call to each model and judge before a run starts, so that a wrong address costs only seconds."""

from collections.abc import Mapping
from dataclasses import dataclass

import anyio
from inspect_ai.model import ChatMessageUser, Model
from inspect_ai.tool import ToolInfo, ToolParams
from tenacity import RetryError

from peerwatch.core.errors import UserError
from peerwatch.inspect._provider import OURS
from peerwatch.planning import ModelEntry, Plan, peer_key, usage_counts
from peerwatch.records import Ledger
from peerwatch.running._model_factory import open_model

MOCK = "mockllm/"
"""Prefix of the names of Inspect's mock models."""

SECONDS = 8
"""Time limit of a probe in seconds. Slow models are left to the run, which has longer limits."""

REFUSALS = {401: "refuses the key", 403: "refuses access", 404: "does not know the model or the address"}
"""HTTP statuses that retries do not change, with their meanings."""

_ASKED = "Reply with the single word: ready"
_TOOL = ToolInfo(name="list_documents", description="List the names of all documents.", parameters=ToolParams())


@dataclass(frozen=True)
class ProbeResult:
    """Result of one test call.

    Attributes:
        name: Name of the model in the study.
        problem: Why no call to it can succeed; empty if unknown.
        remark: Other information, such as a missing token count.
        used: Tokens by kind, as in the ledger.
    """

    name: str
    problem: str = ""
    remark: str = ""
    used: Mapping[str, int] | None = None


def probe(plan: Plan, ledger: Ledger) -> list[str]:
    """Call every model and judge of a provider once, with a tool, and count the calls as spending.

    Args:
        plan: The study.
        ledger: The opened ledger of the run's folder.

    Returns:
        Remarks for the user, one line each.

    Raises:
        UserError: If a provider cannot be reached, or rejects the key or the model's name; with each provider's
            message.
    """
    other = {peer_key(peer.key): peer} if (peer := plan.design.peer) else {}
    asked = {name: entry for name, entry in (plan.called | other).items() if not entry.name.startswith((OURS, MOCK))}
    if not asked:
        return []
    found = anyio.run(_probe_all, asked)
    for each in found:
        if each.used is not None:
            ledger.write("call", model=each.name, used=each.used)
    if problems := [f"{each.name}: {each.problem}" for each in found if each.problem]:
        raise UserError(
            f"{'; '.join(problems)}. Nothing was run. Check the model's name, the address and the key: the address is "
            "set by the provider's BASE_URL variable, or by base_url under args in a study."
        )
    return [f"{each.name}: {each.remark}" for each in found if each.remark]


async def _probe_all(asked: Mapping[str, ModelEntry]) -> list[ProbeResult]:
    found: list[ProbeResult] = []

    async def one(name: str, entry: ModelEntry) -> None:
        found.append(await _probe(name, entry))

    async with anyio.create_task_group() as group:
        for name, entry in asked.items():
            group.start_soon(one, name, entry)
    return sorted(found, key=lambda each: each.name)


async def _probe(name: str, entry: ModelEntry) -> ProbeResult:
    """Make a single call with a separate client, because clients work in only one event loop."""
    patience = 2 * SECONDS  # longer than this function waits, so that it always reports the timeout itself
    bounds = {"max_retries": 0, "timeout": patience, "attempt_timeout": patience}
    model = open_model(entry.name, {**entry.config, **bounds}, entry.args)
    try:
        with anyio.move_on_after(SECONDS):
            output = await model.generate([ChatMessageUser(content=_ASKED)], tools=[_TOOL])
            missing = output.usage is None
            remark = "its answers do not count tokens, so no budget in tokens or dollars can be kept" if missing else ""
            return ProbeResult(name, remark=remark, used={} if output.usage is None else usage_counts(output.usage))
    except Exception as error:  # noqa: BLE001 - errors differ by provider; an unknown one proves nothing
        return ProbeResult(name, problem=_problem(error, model))
    return ProbeResult(name, remark=f"it did not answer a first call within {SECONDS} s")


def _problem(error: BaseException, model: Model) -> str:
    """Explain why no call can succeed, with the provider's message; empty if a later call may."""
    chain = [error, error.last_attempt.exception() or error] if isinstance(error, RetryError) else [error]
    while (cause := chain[-1].__cause__ or chain[-1].__context__) is not None and cause not in chain:
        chain.append(cause)
    status = next((code for each in chain if isinstance(code := getattr(each, "status_code", None), int)), None)
    words = " ".join(str(chain[-1] if isinstance(error, RetryError) else error).split())[:300]
    where = getattr(model.api, "base_url", None)
    at = f" at {where}" if where else ""
    if status in REFUSALS:
        return f"the provider{at} {REFUSALS[status]} ({status}: {words})"
    # In Python a timeout is an OSError; it only shows that the address is slow.
    unreachable = [each for each in chain if isinstance(each, OSError) and not isinstance(each, TimeoutError)]
    if unreachable or any("Connect" in type(each).__name__ for each in chain):
        return f"nothing answers{at} ({words})"
    return ""
