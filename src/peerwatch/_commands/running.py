"""Commands that run models or read what they left: run, report, score, certify and fetch."""

import json
import platform
import sys
from contextlib import redirect_stdout
from dataclasses import asdict, dataclass
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path

from rich.console import Console

from peerwatch._commands.inspecting import pairs
from peerwatch._commands.output import console, print_json, table
from peerwatch.models import NOTE
from peerwatch.models import fetch as fetch_weights
from peerwatch.reports import print_summary, render, to_json
from peerwatch.scenarios import CANARY, SCENARIOS
from peerwatch.studies import (
    CertifyError,
    CertifyRow,
    Plan,
    Study,
    StudyError,
    check_plan,
    load_plan,
    now,
    open_models,
    read_episodes,
    rescore,
    run_plan,
    save_plan,
    scripted,
    study_of,
)
from peerwatch.studies import certify as certify_all

REPORT = "report.html"
CERTIFICATION = "certification.json"


@dataclass(frozen=True)
class Request:
    """What `peerwatch run` was asked for."""

    levels: list[str]
    models: list[str]
    scenarios: list[str]
    worlds: int
    seed: int
    epochs: int
    minutes: float | None
    out: Path | None
    resume: Path | None


def run(request: Request, *, as_json: bool) -> None:
    """Run a study to its report, or go on with one."""
    out = console(as_json=as_json)
    plan, folder = _plan_of(request)
    models = open_models(plan)
    if request.resume is None:
        save_plan(plan, folder)
    out.print(f"{len(plan.slots())} episodes planned, in {folder}", markup=False)
    for line in _notes(plan.models).values():
        out.print(line, markup=False, style="yellow")
    _certified(folder, plan.scenarios, out)
    try:
        with redirect_stdout(sys.stderr):  # Inspect writes remarks of its own to standard output
            run_plan(plan, models, folder, lambda line: out.print(line, markup=False), minutes=request.minutes)
    except KeyboardInterrupt:
        out.print(f"\nStopped. What is finished is kept. Go on with: peerwatch run --resume {folder}", markup=False)
        raise
    report(folder, None, as_json=as_json)


def _plan_of(request: Request) -> tuple[Plan, Path]:
    """The plan to run and its folder: a new one, or that of the folder to go on with.

    Raises:
        StudyError: If the request makes no sense.
        ArmError: If a level does not.
        OSError: If the folder cannot be written.
    """
    if request.resume is not None:
        return load_plan(request.resume), request.resume
    chosen = pairs(request.levels) or {"subject": "peer,object"}
    plan = check_plan(
        Plan(
            title="Peerwatch study",
            models=request.models or ["peerwatch/local"],
            scenarios=request.scenarios or list(SCENARIOS),
            levels={factor: level.split(",") for factor, level in chosen.items()},
            worlds=request.worlds,
            seed=request.seed,
            epochs=request.epochs,
            version=version("peerwatch"),
            created=now(),
        )
    )
    folder = request.out or Path("peerwatch-runs") / plan.created.replace(":", "").replace("+0000", "")
    return plan, folder


def _certified(folder: Path, scenarios: list[str], out: Console) -> None:
    """Test the instrument before it is used, once for a run's folder.

    Raises:
        CertifyError: If it misjudges an organism, so that nothing it says could be trusted.
    """
    file = folder / CERTIFICATION
    if file.exists():
        return
    out.print("Testing the instrument with scripted agents ...", markup=False)
    rows = certify_all(scenarios, worlds=1)
    wrong = [row for row in rows if not row.ok]
    if wrong:
        first = wrong[0]
        raise CertifyError(
            f"the instrument misjudges {first.scenario}, organism {first.organism}, axis {first.axis}: "
            f"expected {first.expected}, found {first.found}"
        )
    out.print(f"All {len(rows)} expected values were found.", markup=False)
    file.write_text(json.dumps([row.model_dump() for row in rows]), encoding="utf-8")


def report(place: Path, out: Path | None, *, as_json: bool) -> None:
    """Write the page of a run or of loose logs, and print its tables."""
    study = _study(place)
    certification = _certification(place)
    page = out or (place if place.is_dir() else place.parent) / REPORT
    page.write_text(render(study, certification, canary=CANARY), encoding="utf-8")
    shown = console(as_json=as_json)
    if as_json:
        print_json(to_json(study, certification) | {"report": str(page.resolve())})
    else:
        print_summary(shown, study)
    shown.print(f"Report: {page.resolve()}", markup=False)


def _study(place: Path) -> Study:
    if (place / "plan.json").is_file():
        plan = load_plan(place)
        return study_of(plan, place, _notes(plan.models), _versions())
    episodes = tuple(read_episodes(place))
    models = sorted({episode.slot.model for episode in episodes})
    return Study(
        title=f"Peerwatch logs in {place.name}",
        planned=tuple(episode.slot for episode in episodes),
        episodes=episodes,
        scripted_models=scripted(models),
        model_notes=_notes(models),
        versions=_versions(),
        started="not recorded",
        finished=now(),
    )


def _certification(place: Path) -> list[CertifyRow] | None:
    file = place / CERTIFICATION
    if not file.is_file():
        return None
    return [CertifyRow(**row) for row in json.loads(file.read_text(encoding="utf-8"))]


def _notes(models: list[str]) -> dict[str, str]:
    """What a reader must know about a model."""
    return {name: NOTE for name in models if name.startswith("peerwatch/local")}


def _versions() -> dict[str, str]:
    found = {"python": platform.python_version()}
    for package in ("peerwatch", "inspect_ai", "xllamacpp"):
        try:
            found[package] = version(package)
        except PackageNotFoundError:
            continue  # xllamacpp is an extra
    return found


def score(place: Path, *, as_json: bool) -> None:
    """Score logs again and say whether the result is the same.

    Raises:
        CertifyError: If an episode is scored otherwise than in its log.
    """
    rows = list(rescore(place))
    if as_json:
        print_json([asdict(row) for row in rows])
    else:
        cells = [[row.sample_id, str(row.epoch), row.verdict, _same(row.same)] for row in rows]
        console(as_json=False).print(table(f"{len(rows)} episodes", ["episode", "epoch", "verdict", "same"], cells))
    differing = [row for row in rows if row.same is False]
    if differing:
        raise CertifyError(
            f"{len(differing)} of {len(rows)} episodes are scored otherwise than in their log, "
            f"{differing[0].sample_id} first; the log comes from another version of Peerwatch, or was changed"
        )


def _same(same: bool | None) -> str:  # noqa: FBT001 - a value to show, not a switch
    return {True: "yes", False: "NO", None: "no score in the log"}[same]


def certify(scenarios: list[str], worlds: int, seed: int, *, as_json: bool) -> None:
    """Run all organisms and print what was expected and found.

    Raises:
        StudyError: If a scenario is unknown.
        CertifyError: If something was not found as expected.
    """
    for name in scenarios:
        if name not in SCENARIOS:
            raise StudyError(f"{name} is not a scenario. Choose among: {', '.join(SCENARIOS)}.")
    rows = certify_all(scenarios, worlds=worlds, seed=seed)
    wrong = [row for row in rows if not row.ok]
    if as_json:
        print_json([row.model_dump() for row in rows])
    else:
        _print_certification(rows)
    if wrong:
        first = wrong[0]
        raise CertifyError(
            f"{len(wrong)} of {len(rows)} values are not as expected, "
            f"first {first.scenario}, {first.organism}, {first.axis}: expected {first.expected}, found {first.found}"
        )


def _print_certification(rows: list[CertifyRow]) -> None:
    """One line an organism: its conduct, the verdict, and how many values are right."""
    out = console(as_json=False)
    for scenario in dict.fromkeys(row.scenario for row in rows):
        cells: list[list[str]] = []
        for organism in dict.fromkeys(row.organism for row in rows if row.scenario == scenario):
            own = [row for row in rows if (row.scenario, row.organism) == (scenario, organism)]
            verdict = next(str(row.found) for row in own if row.axis == "verdict")
            right = sum(row.ok for row in own)
            cells.append([organism, own[0].conduct, verdict, f"{right}/{len(own)}"])
        out.print(table(f"{scenario} (scripted agents)", ["organism", "conduct", "verdict", "right"], cells))
    right = sum(row.ok for row in rows)
    out.print(f"{right} of {len(rows)} values as expected.", markup=False)


def fetch(name: str) -> None:
    """Fetch the embedded model's weights, telling how far it is."""
    out = console(as_json=False)
    told = -1

    def progress(done: int, total: int) -> None:
        nonlocal told
        tenth = done * 10 // max(total, 1)
        if tenth > told:
            told = tenth
            out.print(f"{done / 1e6:.0f} of {total / 1e6:.0f} MB", markup=False)

    path = fetch_weights(name or None, progress=progress)
    out.print(f"The weights are in {path}", markup=False)
