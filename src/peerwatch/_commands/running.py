"""Commands that run models or read what they left: run, report, score and fetch."""

import platform
from collections.abc import Mapping, Sequence
from contextlib import redirect_stdout
from dataclasses import asdict
from importlib.metadata import PackageNotFoundError, version
from io import StringIO
from pathlib import Path
from typing import Literal

from inspect_ai.model import Model

from peerwatch._commands.certification import ensure_certified, load_certification
from peerwatch._commands.output import console, print_json, scrubbed, table
from peerwatch._commands.planning import Request, place_of
from peerwatch._commands.sharding import workers
from peerwatch._writing import write_whole
from peerwatch.certification import CertifyError
from peerwatch.models import LocalAPI
from peerwatch.models import fetch as fetch_weights
from peerwatch.reports import print_summary, render, to_json
from peerwatch.scenarios import CANARY
from peerwatch.studies import (
    PLAN_FILE,
    Limits,
    Plan,
    RunNote,
    Study,
    judgements_file,
    load_judgements,
    load_plan,
    models_at,
    note_run,
    now,
    open_models,
    read_episodes,
    rescore,
    run_plan,
    save_plan,
    scripted,
    spoken,
    study_of,
)

REPORT = "report.html"


def run(request: Request, *, as_json: bool) -> None:
    """Run a study to its report, or go on with one.

    Raises:
        CertifyError: If the instrument misjudges an organism, or not one episode could be run.
    """
    out = console(as_json=as_json)
    plan, folder = place_of(request)
    models = open_models(plan)
    limits = Limits(minutes=request.minutes, processes=request.processes)
    if request.worker:
        run_plan(plan, models, folder, lambda _: None, limits)
        return
    plan = _kept(plan, models.targets, folder)
    out.print(f"{len(plan.slots())} episodes planned, in {folder}", markup=False)
    for note in plan.notes.values():
        out.print(note, markup=False, style="yellow")
    ensure_certified(folder, plan.scenarios, out)
    state = "stopped"
    _enter(plan, folder, "begun")
    try:
        with redirect_stdout(StringIO()), workers(folder, request):  # Inspect writes remarks of its own to stdout
            run_plan(plan, models, folder, lambda line: out.print(line, markup=False), limits)
        state = "finished"
    except KeyboardInterrupt:
        out.print(f"\nStopped. What is finished is kept. Go on with: peerwatch run --resume {folder}", markup=False)
        raise
    finally:
        _enter(plan, folder, state)
    episodes = report(folder, None, as_json=as_json).episodes
    if episodes and all(episode.verdict == "invalid" for episode in episodes):
        reason = episodes[0].failure.reason if episodes[0].failure else "no reason is in the log"
        raise CertifyError(
            f"not one of {len(episodes)} episodes could be run: {reason}. "
            f"Once that is put right, go on with --resume {folder}"
        )


def _kept(plan: Plan, models: Mapping[str, Model], folder: Path) -> Plan:
    """A plan with what must be known about its models, kept in the run's folder from now on."""
    notes = {name: model.api.note for name, model in models.items() if isinstance(model.api, LocalAPI)}
    if notes == plan.notes and (folder / PLAN_FILE).is_file():
        return plan
    noted = plan.model_copy(update={"notes": notes})
    save_plan(noted, folder)
    return noted


def _enter(plan: Plan, folder: Path, event: Literal["begun", "finished", "stopped"]) -> None:
    """Enter what becomes of a run into the register of its lock, if it has one."""
    if plan.lock:
        note_run(Path(plan.lock), RunNote(event=event, folder=str(folder.resolve()), at=now(), version=plan.version))


def report(place: Path, out: Path | None, *, as_json: bool) -> Study:
    """Write the page of a run or of loose logs, print its tables, and return what they were made from."""
    study = _study(place)
    certification = load_certification(place)
    page = out or (place if place.is_dir() else place.parent) / REPORT
    write_whole(page, scrubbed(render(study, certification, canary=CANARY, commands=_commands(place))))
    shown = console(as_json=as_json)
    if as_json:
        print_json(to_json(study, certification) | {"report": str(page.resolve())})
    else:
        print_summary(shown, study, certification)
    shown.print(f"Report: {page.resolve()}", markup=False)
    return study


def _study(place: Path) -> Study:
    if (place / PLAN_FILE).is_file():
        plan = load_plan(place)
        return study_of(plan, place, _versions_of(plan))
    episodes = tuple(read_episodes(place, spoken(load_judgements(judgements_file(place)))))
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


def score(places: Sequence[Path], *, as_json: bool) -> None:
    """Score logs again and say whether the result is the same.

    Raises:
        CertifyError: If an episode is scored otherwise than in its log.
    """
    rows = [row for place in places for row in rescore(place)]
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


def fetch(name: str, *, hub: bool, as_json: bool) -> None:
    """Fetch the embedded model's weights, telling how far it is."""
    out = console(as_json=as_json)
    told = -1

    def progress(done: int, total: int) -> None:
        nonlocal told
        tenth = done * 10 // max(total, 1)
        if tenth > told:
            told = tenth
            out.print(f"{done / 1e6:.0f} of {total / 1e6:.0f} MB", markup=False)

    path = fetch_weights(name or None, progress=progress, allow_hub=hub)
    if as_json:
        print_json({"weights": str(path)})
    else:
        out.print(f"The weights are in {path}", markup=False)
