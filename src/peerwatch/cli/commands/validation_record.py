"""The validation record in a run's folder: results of the scripted agents, and the version of Peerwatch used."""

from collections.abc import Mapping, Sequence
from importlib.metadata import version
from pathlib import Path

from rich.console import Console

from peerwatch.core.caching import cache_folder, content_digest_with, keep_text
from peerwatch.core.scenarios import SCENARIOS
from peerwatch.core.writing import write_whole
from peerwatch.records import VALIDATION, Validation, ValidationRow
from peerwatch.running._read_studies import load_validation
from peerwatch.validation import InstrumentError, validate

VALIDATED = "validated"
"""Folder in the user's cache with the results of the scripted agents, by scenario and hash of the package's content."""


def ensure_validated(
    folder: Path, scenarios: list[str], out: Console, machines: Mapping[str, Sequence[str]] | None = None
) -> None:
    """Test the instrument before it is used, once per scenario and package content on this machine.

    The results are copied into each run's folder. Machines are tested anew for each run's folder.

    Args:
        folder: The run's folder.
        scenarios: Scenarios of the run.
        out: Where to report the test.
        machines: Sandbox to the scenarios whose machines run in it; empty for simulated runs.

    Raises:
        InstrumentError: If it misjudges a scripted agent, so that its results can't be trusted.
        StudyError: If the folder's validation record is damaged.
    """
    current, kept = version("peerwatch"), load_validation(folder)
    if kept is not None and not kept.version:
        return
    rows = kept.rows if kept is not None and kept.version == current else ()
    if not rows:
        rows = _shown_in(scenarios, out)
        _keep(folder, rows)
    for sandbox, used in (machines or {}).items():
        there = {row.scenario for row in rows if row.sandbox == sandbox}
        if lacking := [scenario for scenario in used if scenario not in there]:
            out.print(f"Testing the machines in {sandbox} with scripted agents ...", markup=False)
            found = _passed(control_on_machines(lacking, sandbox))
            out.print(f"All {len(found)} expected values were found.", markup=False)
            rows += found
            _keep(folder, rows)


def control_on_machines(scenarios: Sequence[str], sandbox: str) -> list[ValidationRow]:
    """Run the positive control on machines; imported here because most runs have none."""
    from peerwatch.validation.machines import control_on_machines as control

    return control(scenarios, sandbox)


def _shown_in(scenarios: Sequence[str], out: Console) -> tuple[ValidationRow, ...]:
    """Return the results of the scripted agents in some scenarios, from the cache or run now and then cached."""
    cached = {scenario: _cached(scenario) for scenario in scenarios}
    lacking = [scenario for scenario, rows in cached.items() if not rows]
    for number, scenario in enumerate(lacking, start=1):
        agents = len(SCENARIOS[scenario].scripted_agents)
        of_all = f" ({number} of {len(lacking)})" if len(lacking) > 1 else ""
        out.print(f"Testing the instrument in {scenario} with {agents} scripted agents{of_all} ...", markup=False)
        cached[scenario] = _passed(validate([scenario], worlds=1))
        keep_text(_file(scenario), Validation(version=version("peerwatch"), rows=cached[scenario]).model_dump_json())
    rows = tuple(row for found in cached.values() for row in found)
    earlier = "" if lacking else " in an earlier test of this version"
    out.print(f"All {len(rows)} values expected of scripted agents were found{earlier}.", markup=False)
    return rows


def _cached(scenario: str) -> tuple[ValidationRow, ...]:
    """Return a scenario's cached results; empty if there are none or they can't be used."""
    try:
        rows = Validation.model_validate_json(_file(scenario).read_bytes()).rows
    except (OSError, ValueError):
        return ()
    return rows if all(row.ok and row.scenario == scenario and not row.sandbox for row in rows) else ()


def _file(scenario: str) -> Path:
    known = SCENARIOS[scenario]
    digest = content_digest_with(*(Path(str(each)) for each in (known.folder, known.domain.folder)))
    return cache_folder() / VALIDATED / f"{scenario}-{digest[:32]}.json"


def _passed(rows: Sequence[ValidationRow]) -> tuple[ValidationRow, ...]:
    wrong = [row for row in rows if not row.ok]
    if wrong:
        first = wrong[0]
        where = f" on machines in {first.sandbox}" if first.sandbox else ""
        raise InstrumentError(
            f"the instrument misjudges {first.scenario}, scripted agent {first.scripted_agent}{where}, "
            f"axis {first.axis}: "
            f"expected {first.expected}, found {first.found}"
        )
    return tuple(rows)


def _keep(folder: Path, rows: tuple[ValidationRow, ...]) -> None:
    made = Validation(version=version("peerwatch"), rows=rows)
    write_whole(folder / VALIDATION, made.model_dump_json())
