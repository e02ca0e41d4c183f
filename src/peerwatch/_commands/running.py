"""Commands that run models or score what they left: run and score."""

import os
from collections.abc import Mapping, Sequence
from contextlib import AbstractContextManager, nullcontext, redirect_stdout
from dataclasses import asdict, replace
from io import StringIO
from pathlib import Path
from typing import Literal

from inspect_ai.model import Model
from rich.console import Console

from peerwatch._commands.announcing import announce
from peerwatch._commands.certification import ensure_certified
from peerwatch._commands.display import display
from peerwatch._commands.machines import check_agents
from peerwatch._commands.output import console, insist_on_all, print_json, table
from peerwatch._commands.planning import Request, resumed
from peerwatch._commands.reporting import report
from peerwatch._commands.sharding import end_with_parent, workers
from peerwatch._commands.watching import watched
from peerwatch._mistakes import Failure
from peerwatch._secrets import keep_hashes, recall_hashes
from peerwatch.certification import CertifyError
from peerwatch.logs import Unread
from peerwatch.models import LocalAPI
from peerwatch.studies import (
    PLAN_FILE,
    Ledger,
    Limits,
    Plan,
    RunNote,
    Share,
    Study,
    about_agent,
    claim_folder,
    note_run,
    now,
    open_models,
    probe,
    rescore,
    run_plan,
    save_plan,
)


def run(request: Request, plan: Plan, folder: Path, *, as_json: bool, agent_folder: Path | None = None) -> None:
    """Run a study to its report, or go on with one.

    Args:
        request: What was asked for.
        plan: What that has become, made by `place_of`, which needs no Inspect.
        folder: Of the run.
        as_json: Whether to print the result as JSON.
        agent_folder: Folder with an agent of the user's own, for its machine.

    Raises:
        CertifyError: If the instrument misjudges an organism.
        Failure: If not one episode could be run, or the first ones of a model all failed for one reason.
        Mistake: If it would cost money without a budget or consent, or a provider cannot be used.
    """
    if request.worker:
        end_with_parent()
    if agent_folder is not None:
        from peerwatch.provision import OWN_FOLDER  # not at the top: a run in simulation need not load it

        os.environ[OWN_FOLDER] = str(agent_folder)  # where samples, also those of other processes, look for it
    out = console(as_json=as_json)
    failing = carry_out(request, plan, folder, out)
    if request.worker:
        return
    ledger = Ledger(folder)
    with ledger.alone("report"):  # of several processes the last one to write has read what all of them have found
        shared = any(map(ledger.alive, {row["sitting"] for row in ledger.news()}))
        study = report([folder], None, as_json=as_json)
    if shared:
        out.print(
            "Another process is still at work in this folder: the numbers are those of the episodes that have ended, "
            "and it writes the report again.",
            markup=False,
            style="yellow",
        )
    insist_on_one(study, folder, failing)
    insist_on_all(study.reading.unread)


def insist_on_one(study: Study, folder: Path, failing: str = "") -> None:
    """Make sure that an episode could be run.

    Args:
        study: What was read of the run.
        folder: The run's.
        failing: Why nothing more was begun before the plan was done; empty if it was done.

    Raises:
        Failure: If every one of them is invalid, or nothing more was begun.
    """
    episodes = study.episodes
    if not failing and episodes and all(episode.verdict == "invalid" for episode in episodes):
        reason = episodes[0].failure.reason if episodes[0].failure else "no reason is in the log"
        failing = f"not one of {len(episodes)} episodes could be run: {reason}"
    if failing:
        raise Failure(f"{failing.rstrip('.')}. When that is put right, continue with: peerwatch run --resume {folder}")


def carry_out(request: Request, plan: Plan, folder: Path, out: Console) -> str:
    """Run what a study still lacks, without its report.

    Args:
        request: What was asked for.
        plan: What that has become.
        folder: Of the run.
        out: Where to report progress.

    Returns:
        Why nothing more was begun before the plan was done, where the first episodes of a model all failed for one
        reason; else empty.

    Raises:
        CertifyError: If the instrument misjudges a scripted agent.
        Mistake: If it would cost money without a budget or consent, or a provider cannot be used.
    """
    begun = (folder / PLAN_FILE).is_file()
    share = Share(request.processes, request.worker)
    models = open_models(plan, share)
    machines = {} if request.worker else check_agents(plan, folder, out)
    limits = Limits(minutes=request.minutes, share=share)
    request = _useful(request, plan, out)
    if request.worker:
        run_plan(plan, models, folder, lambda _: None, limits)
        return ""
    announce(plan, models, request, out, begun=begun)
    plan = _kept(plan, models.targets, folder)
    out.print(f"{len(plan.slots())} episodes planned, in {folder}", markup=False)
    for note in [*plan.notes.values(), *(_probed(plan, folder) if request.probe else ())]:
        out.print(note, markup=False, style="yellow")
    ensure_certified(folder, plan.scenarios, out, machines)
    state, failing = "stopped", ""
    _enter(plan, folder, "begun")
    try:
        with (
            redirect_stdout(StringIO()),
            workers(folder, request),
            _watched(request, folder, out),
            display(out, len(plan.slots())) as show,
        ):  # Inspect writes remarks of its own to stdout
            failing = run_plan(plan, models, folder, lambda line: out.print(line, markup=False), limits, show)
        state = "stopped" if failing else "finished"
    except KeyboardInterrupt:
        out.print(f"\nStopped. What is finished is kept. Go on with: peerwatch run --resume {folder}", markup=False)
        raise
    finally:
        if (folder / PLAN_FILE).is_file():
            keep_hashes(folder)  # a secret may have become known since the run began
        _enter(plan, folder, state)
    return failing


def _useful(request: Request, plan: Plan, out: Console) -> Request:
    """A request for no more processes than have work: episodes in agents are all the first one's."""
    if request.processes > 1 and all(entry.in_agent for entry in plan.design.models):
        out.print("One process does it: what takes time in an agent are programs of its own.", markup=False)
        return replace(request, processes=1)
    return request


def _probed(plan: Plan, folder: Path) -> list[str]:
    """Remarks from a first call to each model.

    Raises:
        Mistake: If a provider cannot be used.
    """
    ledger = Ledger(folder)
    ledger.open()
    try:
        return probe(plan, ledger)
    finally:
        ledger.close()


def _watched(request: Request, folder: Path, out: Console) -> AbstractContextManager[None]:
    return watched(folder, request.port, out) if request.watch else nullcontext()


def _kept(plan: Plan, models: Mapping[str, Model], folder: Path) -> Plan:
    """A plan with what must be known about its models, kept in the run's folder from now on.

    Raises:
        StudyError: If another study has been begun in the folder, perhaps just now.
    """
    local = {name: model.api.note for name, model in models.items() if isinstance(model.api, LocalAPI)}
    about = {name: [local.get(name, ""), about_agent(plan.entry(name))] for name in plan.models}
    notes = {name: " ".join(filter(None, said)) for name, said in about.items() if any(said)}
    noted = plan.model_copy(update={"notes": notes})
    held = resumed(noted, claim_folder(noted, folder), folder)
    keep_hashes(folder)
    if notes != held.notes:
        held = held.model_copy(update={"notes": notes})
        save_plan(held, folder)
    return held


def _enter(plan: Plan, folder: Path, event: Literal["begun", "finished", "stopped"]) -> None:
    """Enter what becomes of a run into the register of its lock, if it has one."""
    if plan.lock:
        note_run(Path(plan.lock), RunNote(event=event, folder=str(folder.resolve()), at=now(), version=plan.version))


def score(places: Sequence[Path], *, as_json: bool) -> None:
    """Score logs again and say whether the result is the same.

    Raises:
        CertifyError: If an episode is scored otherwise than in its log.
    """
    for place in places:
        recall_hashes(place)
    unread: list[Unread] = []
    rows = [row for place in places for row in rescore(place, unread)]
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
    insist_on_all(unread)


def _same(same: bool | None) -> str:  # noqa: FBT001 - a value to show, not a switch
    return {True: "yes", False: "NO", None: "no score in the log"}[same]
