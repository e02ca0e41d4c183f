"""The command `report`: make a page from runs, individual logs, or a mixture of both."""

import shlex
from collections.abc import Sequence
from pathlib import Path

from peerwatch.cli.commands.brief import print_brief
from peerwatch.cli.output import console, print_json, scrubber
from peerwatch.core.scenarios import CANARY
from peerwatch.core.storage import publish, url_of
from peerwatch.core.writing import write_whole
from peerwatch.planning import load_plan
from peerwatch.records import PLAN_FILE, Study, Validation
from peerwatch.reports import Page, make_page, print_summary, to_json
from peerwatch.running._read_studies import read_studies

REPORT = "report.html"


def report(
    places: Sequence[Path], out: Path | None, labels: Sequence[Path] = (), *, as_json: bool, tables: bool = False
) -> Study:
    """Write the page of runs or individual logs, print the findings, and return the study that was read.

    Args:
        places: Run folders and logs.
        out: File of the page; `None` for the default.
        labels: Label files in addition to those in the folders.
        as_json: Whether to print the result as JSON.
        tables: Whether to print all tables instead of a one-screen summary.

    Raises:
        LogError: If a place contains no logs, or a damaged one.
        LabelError: If a label file or its key can't be used.
        StudyError: If several places can't be read together.
    """
    study, validation = read_studies(places, labels)
    page = out or _default(places)
    write_page(page_of(places, study, validation, page), page)
    shown = console(as_json=as_json)
    if as_json:
        print_json(to_json(study, validation) | {"report": str(page.resolve())})
    elif not tables:
        print_brief(shown, study, validation, str(page.resolve()))
        return study
    else:
        print_summary(shown, study, validation)
    shown.print(f"Report: {page.resolve()}", markup=False)
    return study


def page_of(places: Sequence[Path], study: Study, validation: Validation | None, file: Path, *, live: int = 0) -> Page:
    """Make the page of a study that was read from some places. `live` is its version number if it is served, else 0."""
    return make_page(
        study,
        validation,
        canary=CANARY,
        commands=[command for place in places for command in _commands(place)],
        logs=shlex.quote(str(_folder(places[0]))) if len(places) == 1 else "",
        name=file.stem,
        live=live,
        scrub=scrubber(),
    )


def write_page(page: Page, file: Path) -> None:
    """Write a page, after the files that it loads; one in a store is uploaded.

    Raises:
        OSError: If they can't be written.
        StorageError: If the store does not answer, or refuses.
    """
    if url_of(file):
        file.parent.mkdir(parents=True, exist_ok=True)
    for path, text in page.beside.items():
        (file.parent / path).parent.mkdir(exist_ok=True)
        write_whole(file.parent / path, text)
    write_whole(file, page.html)
    publish(file.parent, *page.beside, file.name)


def _default(places: Sequence[Path]) -> Path:
    return _folder(places[0]) / REPORT if len(places) == 1 else Path(REPORT)


def _folder(place: Path) -> Path:
    return place if place.is_dir() else place.parent


def _commands(place: Path) -> list[str]:
    """Return the command lines that repeat a run."""
    return [load_plan(place).command()] if (place / PLAN_FILE).is_file() else []
