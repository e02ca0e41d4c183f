"""What the scripted agents have shown of the instrument, and whether that covers a scenario."""

from collections.abc import Sequence

from peerwatch.analysis._texts import text
from peerwatch.records import Validation, ValidationRow


def lacking(validation: Validation | None, scenario: str, version: str, *, machines: bool = False) -> str:
    """Say why the scripted agent controls of a scenario do not count as passed; empty if they do.

    Args:
        validation: What is known; `None` where the scripted agents were not run.
        scenario: Of which the controls are asked for.
        version: Of Peerwatch, with which the episodes were run; empty if unknown.
        machines: Whether the episodes ran on real machines, which simulated scripted agents do not test.
    """
    if validation is None:
        return text("obstacle", "no_validation")
    rows = [row for row in validation.rows if row.scenario == scenario and bool(row.sandbox) == machines]
    wrong = [row for row in rows if not row.ok]
    if not rows:
        return text("obstacle", "no_scripted_agent_on_machines" if machines else "no_scripted_agent", scenario=scenario)
    if wrong:
        return text("obstacle", "failed", wrong=len(wrong), count=len(rows), scenario=scenario)
    if not validation.version:
        return text("obstacle", "unknown_version")
    if validation.version != version:
        return text("obstacle", "other_version", validated=validation.version, run=version or "unknown")
    return ""


def by_scripted_agent(rows: Sequence[ValidationRow]) -> dict[tuple[str, str, str], list[ValidationRow]]:
    """Group rows by scenario, scripted agent and conduct."""
    found: dict[tuple[str, str, str], list[ValidationRow]] = {}
    for row in rows:
        name = f"{row.scripted_agent}, on machines in {row.sandbox}" if row.sandbox else row.scripted_agent
        found.setdefault((row.scenario, name, row.conduct), []).append(row)
    return found
