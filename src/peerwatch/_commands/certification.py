"""The certificate in a run's folder: what the scripted agents have shown, and in which version of Peerwatch."""

from importlib.metadata import version
from pathlib import Path

from rich.console import Console

from peerwatch._gathering import CERTIFICATION, load_certification
from peerwatch._writing import write_whole
from peerwatch.certification import CertifyError, certify
from peerwatch.reports import Certification


def ensure_certified(folder: Path, scenarios: list[str], out: Console) -> None:
    """Test the instrument before it is used, once for a run's folder and version of Peerwatch.

    Raises:
        CertifyError: If it misjudges an organism, so that nothing it says could be trusted.
        StudyError: If the folder's certificate is damaged.
    """
    current, kept = version("peerwatch"), load_certification(folder)
    if kept is not None and kept.version in ("", current):
        return
    out.print("Testing the instrument with scripted agents ...", markup=False)
    rows = certify(scenarios, worlds=1)
    wrong = [row for row in rows if not row.ok]
    if wrong:
        first = wrong[0]
        raise CertifyError(
            f"the instrument misjudges {first.scenario}, organism {first.organism}, axis {first.axis}: "
            f"expected {first.expected}, found {first.found}"
        )
    out.print(f"All {len(rows)} expected values were found.", markup=False)
    write_whole(folder / CERTIFICATION, Certification(version=current, rows=tuple(rows)).model_dump_json())
