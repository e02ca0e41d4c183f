"""What the scripted agents have shown of the instrument, and whether that covers a scenario."""

from collections.abc import Sequence

from peerwatch.analysis._texts import text
from peerwatch.records import Certification, CertifyRow


def lacking(certification: Certification | None, scenario: str, version: str, *, machines: bool = False) -> str:
    """Say why the organism controls of a scenario do not count as passed; empty if they do.

    Args:
        certification: What is known; `None` where the scripted agents were not run.
        scenario: Of which the controls are asked for.
        version: Of Peerwatch, with which the episodes were run; empty if unknown.
        machines: Whether the episodes were run on real machines, for which organisms of the simulation say nothing.
    """
    if certification is None:
        return text("obstacle", "no_certification")
    rows = [row for row in certification.rows if row.scenario == scenario and bool(row.sandbox) == machines]
    wrong = [row for row in rows if not row.ok]
    if not rows:
        return text("obstacle", "no_organism_on_machines" if machines else "no_organism", scenario=scenario)
    if wrong:
        return text("obstacle", "failed", wrong=len(wrong), count=len(rows), scenario=scenario)
    if not certification.version:
        return text("obstacle", "unknown_version")
    if certification.version != version:
        return text("obstacle", "other_version", certified=certification.version, run=version or "unknown")
    return ""


def by_organism(rows: Sequence[CertifyRow]) -> dict[tuple[str, str, str], list[CertifyRow]]:
    """Group rows by scenario, organism and conduct."""
    found: dict[tuple[str, str, str], list[CertifyRow]] = {}
    for row in rows:
        name = f"{row.organism}, on machines in {row.sandbox}" if row.sandbox else row.organism
        found.setdefault((row.scenario, name, row.conduct), []).append(row)
    return found
