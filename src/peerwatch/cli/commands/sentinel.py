"""A run whose calls a sentinel watches."""

from pathlib import Path

from peerwatch.planning import Plan
from peerwatch.records import StudyError


def with_sentinel(plan: Plan, file: Path | None) -> Plan:
    """A plan whose episodes a sentinel watches.

    Raises:
        SentinelError: If the file can't be used.
        StudyError: If the study is locked, or a model works through an agent on machines.
    """
    if file is None:
        return plan
    from peerwatch.monitors import load_sentinel  # not at the top: it loads Inspect

    if plan.lock:
        raise StudyError(f"{plan.study} is locked, and --sentinel changes what is run. Drop it, or copy the study.")
    if entry := next((each for each in plan.design.models if each.in_agent), None):
        raise StudyError(
            f"--sentinel {file}: {entry.key} works through the agent {entry.agent}, whose calls do not pass Inspect's "
            "approval hooks. Drop --sentinel, or use the simulated agent."
        )
    fields = load_sentinel(file).model_dump(mode="json", exclude_none=True)
    return plan.model_copy(
        update={"design": plan.design.model_copy(update={"sentinel": fields}), "sentinel_file": str(file)}
    )
