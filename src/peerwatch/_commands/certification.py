"""The certificate in a run's folder: what the scripted agents have shown, and in which version of Peerwatch."""

from collections.abc import Mapping, Sequence
from importlib.metadata import version
from pathlib import Path

from rich.console import Console

from peerwatch._gathering import CERTIFICATION, load_certification
from peerwatch._writing import write_whole
from peerwatch.certification import CertifyError, certify
from peerwatch.reports import Certification
from peerwatch.studies import CertifyRow


def ensure_certified(
    folder: Path, scenarios: list[str], out: Console, machines: Mapping[str, Sequence[str]] | None = None
) -> None:
    """Test the instrument before it is used, once for a run's folder and version of Peerwatch.

    Args:
        folder: The run's.
        scenarios: In which it is used.
        out: Where to report the test.
        machines: Sandbox to the scenarios whose machines are used in it; none for a run in simulation alone.

    Raises:
        CertifyError: If it misjudges an organism, so that nothing it says could be trusted.
        StudyError: If the folder's certificate is damaged.
    """
    current, kept = version("peerwatch"), load_certification(folder)
    if kept is not None and not kept.version:
        return
    rows = kept.rows if kept is not None and kept.version == current else ()
    if not rows:
        out.print("Testing the instrument with scripted agents ...", markup=False)
        rows = _passed(certify(scenarios, worlds=1), out)
        _keep(folder, rows)
    for sandbox, used in (machines or {}).items():
        there = {row.scenario for row in rows if row.sandbox == sandbox}
        if lacking := [scenario for scenario in used if scenario not in there]:
            out.print(f"Testing the machines in {sandbox} with scripted agents ...", markup=False)
            rows += _passed(control_on_machines(lacking, sandbox), out)
            _keep(folder, rows)


def control_on_machines(scenarios: Sequence[str], sandbox: str) -> list[CertifyRow]:
    """The positive control of machines, loaded only where there are some."""
    from peerwatch.certification.shells import control_on_machines as control

    return control(scenarios, sandbox)


def _passed(rows: Sequence[CertifyRow], out: Console) -> tuple[CertifyRow, ...]:
    wrong = [row for row in rows if not row.ok]
    if wrong:
        first = wrong[0]
        where = f" on machines in {first.sandbox}" if first.sandbox else ""
        raise CertifyError(
            f"the instrument misjudges {first.scenario}, organism {first.organism}{where}, axis {first.axis}: "
            f"expected {first.expected}, found {first.found}"
        )
    out.print(f"All {len(rows)} expected values were found.", markup=False)
    return tuple(rows)


def _keep(folder: Path, rows: tuple[CertifyRow, ...]) -> None:
    made = Certification(version=version("peerwatch"), rows=rows)
    write_whole(folder / CERTIFICATION, made.model_dump_json())
