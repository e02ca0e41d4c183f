"""Results of the scripted agents, and whether they validate a scenario."""

from collections.abc import Sequence

from peerwatch.analysis._texts import text
from peerwatch.records import Validation, ValidationRow


def lacking(validation: Validation | None, scenario: str, version: str, *, machines: bool = False) -> str:
    """Explain why the controls of a scenario do not count as passed; empty if they do.

    Args:
        validation: Results of the scripted agents; `None` if they were not run.
        scenario: The scenario whose controls are checked.
        version: Peerwatch version that ran the episodes; empty if unknown.
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
