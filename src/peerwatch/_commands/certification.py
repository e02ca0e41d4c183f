"""The certificate in a run's folder: what the scripted agents have shown, and in which version of Peerwatch."""

import json
from importlib.metadata import version
from pathlib import Path

from rich.console import Console

from peerwatch._writing import write_whole
from peerwatch.certification import CertifyError, certify
from peerwatch.reports import Certification
from peerwatch.studies import StudyError

CERTIFICATION = "certification.json"


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


def load_certification(folder: Path) -> Certification | None:
    """The certificate of a run's folder; one from before versions were kept has none.

    Raises:
        StudyError: If it is damaged.
    """
    file = folder / CERTIFICATION
    if not file.is_file():
        return None
    try:
        found = json.loads(file.read_text(encoding="utf-8"))
        return Certification.model_validate({"rows": found} if isinstance(found, list) else found)
    except ValueError as error:
        raise StudyError(f"{file} is damaged: {str(error).splitlines()[0]}. Move it away.") from error
