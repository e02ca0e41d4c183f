"""The command `report`: one page from a run, from loose logs, or from several of both."""

import platform
import shlex
from collections.abc import Sequence
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path

from peerwatch._commands.certification import load_certification
from peerwatch._commands.output import console, print_json, scrubbed
from peerwatch._writing import write_whole
from peerwatch.reports import Certification, Page, make_page, print_summary, to_json
from peerwatch.scenarios import CANARY
from peerwatch.studies import (
    PLAN_FILE,
    Plan,
    Study,
    judgements_file,
    load_judgements,
    load_plan,
    models_at,
    now,
    read_episodes,
    scripted,
    spoken,
    study_of,
    together,
)

REPORT = "report.html"


def report(places: Sequence[Path], out: Path | None, *, as_json: bool) -> Study:
    """Write the page of runs or of loose logs, print its tables, and return what they were made from.

    Raises:
        LogError: If a place holds no logs, or a damaged one.
        StudyError: If several places cannot be read together.
    """
    study, certification = gathered(places)
    page = out or _default(places)
    write_page(page_of(places, study, certification, page), page)
    shown = console(as_json=as_json)
    if as_json:
        print_json(to_json(study, certification) | {"report": str(page.resolve())})
    else:
        print_summary(shown, study, certification)
    shown.print(f"Report: {page.resolve()}", markup=False)
    return study


def gathered(places: Sequence[Path]) -> tuple[Study, Certification | None]:
    """What was planned and run at some places, and what the scripted agents have shown there."""
    known = [load_certification(place) for place in places]
    if len(places) == 1:
        return _study(places[0]), known[0]
    versions = {each.version for each in known if each is not None}
    rows = tuple(dict.fromkeys(row for each in known if each is not None for row in each.rows))
    # Scripted agents speak for the version that they ran in, and a page can show one.
    certified = None not in known and len(versions) == 1
    study = together([_study(place) for place in places], [str(place) for place in places])
    return study, Certification(version=versions.pop(), rows=rows) if certified else None


def page_of(
    places: Sequence[Path], study: Study, certification: Certification | None, file: Path, *, live: int = 0
) -> Page:
    """The page of a study that was read from some places; `live` is its number where it is served."""
    return make_page(
        study,
        certification,
        canary=CANARY,
        commands=[command for place in places for command in _commands(place)],
        logs=shlex.quote(str(_folder(places[0]))) if len(places) == 1 else "",
        name=file.stem,
        live=live,
        scrub=scrubbed,
    )


def write_page(page: Page, file: Path) -> None:
    """Write a page, after the files beside it, which it would otherwise look for in vain.

    Raises:
        OSError: If they cannot be written.
    """
    for path, text in page.beside.items():
        (file.parent / path).parent.mkdir(exist_ok=True)
        write_whole(file.parent / path, text)
    write_whole(file, page.html)


def _default(places: Sequence[Path]) -> Path:
    return _folder(places[0]) / REPORT if len(places) == 1 else Path(REPORT)


def _folder(place: Path) -> Path:
    return place if place.is_dir() else place.parent


def _study(place: Path) -> Study:
    if (place / PLAN_FILE).is_file():
        plan = load_plan(place)
        return study_of(plan, place, _versions_of(plan))
    later = spoken(load_judgements(judgements_file(place)))
    episodes = tuple(read_episodes(place, later, said=True))
    return Study(
        title=f"Peerwatch logs in {place.name}",
        planned=tuple(episode.slot for episode in episodes),
        episodes=episodes,
        scripted_models=scripted(models_at(place)),
        model_notes={},
        versions=_versions(),
        started="not recorded",
        finished=now(),
    )


def _commands(place: Path) -> list[str]:
    """The command lines that repeat a run."""
    return [load_plan(place).command()] if (place / PLAN_FILE).is_file() else []


def _versions() -> dict[str, str]:
    found = {"python": platform.python_version()}
    for package in ("peerwatch", "inspect_ai", "xllamacpp"):
        try:
            found[package] = version(package)
        except PackageNotFoundError:
            continue  # xllamacpp is an extra
    return found


def _versions_of(plan: Plan) -> dict[str, str]:
    """What a run was made with: a report may be written by a later version than the one that ran the episodes."""
    found = _versions()
    if plan.version == found["peerwatch"]:
        return found
    return found | {"peerwatch": plan.version, "peerwatch, of this report": found["peerwatch"]}
