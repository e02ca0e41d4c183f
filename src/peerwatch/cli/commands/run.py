"""`peerwatch run`: run a study, from its first episode to its report."""

import os
from collections.abc import Mapping
from contextlib import AbstractContextManager, nullcontext, redirect_stdout
from dataclasses import replace
from io import StringIO
from pathlib import Path
from typing import Literal

from inspect_ai.model import Model
from rich.console import Console

from peerwatch.cli.commands.announcement import announce
from peerwatch.cli.commands.display import display
from peerwatch.cli.commands.machines import check_agents
from peerwatch.cli.commands.report import report
from peerwatch.cli.commands.study_plan import resumed
from peerwatch.cli.commands.validation_record import ensure_validated
from peerwatch.cli.commands.watch import watched
from peerwatch.cli.commands.workers import end_with_parent, workers
from peerwatch.cli.options import RunOptions
from peerwatch.cli.output import console, insist_on_all, print_json
from peerwatch.core.errors import MachineryError
from peerwatch.core.redaction import keep_hashes
from peerwatch.core.storage import StorageError, url_of
from peerwatch.core.tested_versions import ON_MACHINES, SIMULATED, newer_than_tested
from peerwatch.models import LocalAPI
from peerwatch.planning import Plan, RunNote, about_agent, claim_folder, note_run, now, save_plan
from peerwatch.records import (
    LOGS,
    MANIFEST_FILE,
    PLAN_FILE,
    WHOLE_RUN,
    Ledger,
    Shard,
    Study,
    StudyError,
    parse_shard,
    read_manifest,
    so_far,
)
from peerwatch.running import (
    Limits,
    RunUpload,
    Share,
    begin_shard,
    end_shard,
    open_models,
    probe,
    run_plan,
    shard_plan,
    shard_slots,
    shard_worlds,
)

STOPPED = "by its user or by an error"
CUT_SHORT = "because its budget or time was spent, episodes failed, or another process is still running them"
"""Why a shard has stopped without all of its episodes."""


def run(options: RunOptions, plan: Plan, folder: Path) -> None:
    """Run or resume a study, and write its report.

    Args:
        options: The command's options.
        plan: The plan from `place_of`, which does not load Inspect.
        folder: The run's folder.

    Raises:
        InstrumentError: If the instrument misjudges a scripted agent.
        MachineryError: If no episode could be run, or the first episodes of a model all failed for the same reason.
        UserError: If the run costs money and has no budget or consent, or a provider can't be used.
    """
    if options.worker:
        end_with_parent()
    if options.agent_folder is not None:
        from peerwatch.sandboxes.provision import OWN_FOLDER  # imported here: simulated runs don't need it

        os.environ[OWN_FOLDER] = str(options.agent_folder)  # read by samples, also in other processes
    out = console(as_json=options.as_json)
    if (shard := shard_of(options, folder)) != WHOLE_RUN:
        run_shard(options, plan, shard, folder, out)
        return
    upload = RunUpload(folder)
    failing = carry_out(options, plan, folder, out, upload=upload)
    if options.worker:
        return
    ledger = Ledger(folder)
    with ledger.alone("report"):  # if several processes run, the last to write has read all results
        shared = any(map(ledger.alive, {row["session"] for row in ledger.news()}))
        study = report([folder], None, as_json=options.as_json)
    upload.push()
    if shared:
        out.print(
            "Another process is still running in this folder. The numbers cover the episodes that have ended; "
            "that process rewrites the report when it finishes.",
            markup=False,
            style="yellow",
        )
    insist_on_one(study, folder, failing)
    insist_on_all(study.reading.unread)


def insist_on_one(study: Study, folder: Path, failing: str = "") -> None:
    """Make sure that at least one episode could be run.

    Args:
        study: The study read from the run.
        folder: The run's folder.
        failing: Why the run was stopped early; empty if the plan was completed.

    Raises:
        MachineryError: If every episode is invalid, or the run was stopped early.
    """
    episodes = study.episodes
    if not failing and episodes and all(episode.verdict == "invalid" for episode in episodes):
        reason = episodes[0].failure.reason if episodes[0].failure else "the log has no reason"
        failing = f"all {len(episodes)} episodes failed: {reason}"
    if failing:
        raise MachineryError(f"{failing.rstrip('.')}. Fix that, then resume with: peerwatch run --resume {folder}")


def shard_of(options: RunOptions, folder: Path) -> Shard:
    """The shard that a folder holds, or that the command names.

    Raises:
        StudyError: If they differ, or the folder's manifest is damaged.
    """
    named = parse_shard(options.shard) if options.shard else WHOLE_RUN
    held = read_manifest(folder)
    if held is None:
        return named
    found = Shard(held.shard, held.shards)
    if options.shard and found != named:
        raise StudyError(f"{folder} holds shard {found.number}/{found.count}, not {options.shard}.")
    return found


def run_shard(options: RunOptions, plan: Plan, shard: Shard, folder: Path, out: Console) -> None:
    """Run one shard of a study, and write what has become of it.

    Raises:
        MachineryError: If not one episode could be run, or the first ones of a model all failed for one reason.
        StorageError: If its logs cannot be kept where they belong.
        UserError: As for `run`.
    """
    upload = RunUpload(folder)
    if options.worker:
        carry_out(options, plan, folder, out, shard)
        return
    try:
        failing = carry_out(options, plan, folder, out, shard, upload)
    except StorageError:
        raise  # what could not be uploaded cannot be read back
    except BaseException:
        if (folder / MANIFEST_FILE).is_file():
            end_shard(plan, shard, upload, STOPPED)
        raise
    manifest = end_shard(plan, shard, upload, failing or CUT_SHORT)
    run_folder = folder.parents[1]
    if options.as_json:
        print_json(manifest.model_dump(mode="json") | {"folder": str(folder.absolute())})
    lacking = manifest.planned - manifest.ended
    said = f"{manifest.ended} of {manifest.planned} episodes of {len(manifest.worlds)} worlds have ended"
    out.print(f"Shard {shard.number}/{shard.count}: {said}; it is {manifest.state}.", markup=False)
    if failing:
        raise MachineryError(f"{failing.rstrip('.')}. Fix that, then give the same command again.")
    if lacking:
        out.print(f"{lacking} episodes are missing. The same command runs them.", markup=False, style="yellow")
    if manifest.planned and not lacking and not any_valid(folder):
        raise MachineryError(f"all {manifest.ended} episodes of the shard are invalid: peerwatch report {folder}")
    out.print(f"When all shards have finished: peerwatch report {run_folder}", markup=False)


def carry_out(
    options: RunOptions,
    plan: Plan,
    folder: Path,
    out: Console,
    shard: Shard = WHOLE_RUN,
    upload: RunUpload | None = None,
) -> str:
    """Run the remaining episodes of a study, without the report.

    Args:
        options: The command's options.
        plan: The plan made from them.
        folder: The run's folder.
        out: Where to report progress.
        shard: The part of it that is run.
        upload: The folder's way into its store, if the caller goes on with it.

    Returns:
        Why the run was stopped early, if the first episodes of a model all failed for the same reason; otherwise empty.

    Raises:
        InstrumentError: If the instrument misjudges a scripted agent.
        UserError: If the run costs money and has no budget or consent, or a provider can't be used.
    """
    begun = (folder / PLAN_FILE).is_file()
    share = Share(options.processes, options.worker)
    part, upload = shard_plan(plan, shard), upload or RunUpload(folder)
    models = open_models(plan, share)
    machines = {} if options.worker else check_agents(plan, folder, out)
    limits = Limits(minutes=options.minutes, share=share, shard=shard)
    options = _useful(options, plan, out)
    if options.worker:
        run_plan(part, models, folder, lambda _: None, limits)
        return ""
    planned = shard_slots(plan, shard)
    if shard == WHOLE_RUN or planned:
        worlds = {"worlds": len(shard_worlds(plan, shard))}
        here = part.model_copy(update={"design": part.design.model_copy(update=worlds)})
        announce(here, models, options, out, begun=begun)
    plan = _kept(plan, models.targets, folder)
    part = shard_plan(plan, shard)
    if shard != WHOLE_RUN:
        begin_shard(plan, shard, upload)
    upload.push()
    if shard != WHOLE_RUN and not planned:
        out.print(f"Shard {shard.number}/{shard.count} has no worlds: the study has fewer than shards.", markup=False)
        return ""
    out.print(f"{len(planned)} episodes planned, in {folder}", markup=False)
    if shard != WHOLE_RUN and plan.design.stopping.rule == "anytime":
        out.print("Shards run every planned world: contrasts are decided when they are merged.", markup=False)
    machined = any(entry.in_agent for entry in plan.design.models)
    if newer := newer_than_tested(ON_MACHINES if machined else SIMULATED):
        out.print(
            f"This run uses {newer}, newer than tested versions; logs and report disclose it.",
            markup=False,
            style="yellow",
        )
    for note in [*plan.notes.values(), *(_probed(plan, folder) if options.probe else ())]:
        out.print(note, markup=False, style="yellow")
    ensure_validated(folder, plan.scenarios, out, machines)
    state, failing = "stopped", ""
    _enter(plan, folder, "begun")
    try:
        with (
            redirect_stdout(StringIO()),
            upload.kept_up(lambda line: out.print(line, markup=False, style="yellow")),
            workers(folder, options),
            _watched(options, folder, out),
            display(out, len(planned)) as show,
        ):  # Inspect prints its own messages to stdout
            failing = run_plan(part, models, folder, lambda line: out.print(line, markup=False), limits, show)
        state = "stopped" if failing else "finished"
    except KeyboardInterrupt:
        out.print(f"\nStopped. Finished episodes are saved. Resume with: peerwatch run --resume {folder}", markup=False)
        raise
    finally:
        if (folder / PLAN_FILE).is_file():
            keep_hashes(folder)  # a secret may have become known during the run
        _enter(plan, folder, state)
    return failing


def any_valid(folder: Path) -> bool:
    """Whether an episode in a run's folder is valid."""
    return any(each.verdict != "invalid" for each in so_far(folder / LOGS).ended.values())


def _useful(options: RunOptions, plan: Plan, out: Console) -> RunOptions:
    """Return the options with at most as many processes as are useful: coding agents run in the first process only."""
    if options.processes > 1 and all(entry.in_agent for entry in plan.design.models):
        out.print("Ignoring --processes: coding agents run in external processes.", markup=False)
        return replace(options, processes=1)
    return options


def _probed(plan: Plan, folder: Path) -> list[str]:
    """Call each model once and return notes on the results.

    Raises:
        UserError: If a provider can't be used.
    """
    ledger = Ledger(folder)
    ledger.open()
    try:
        return probe(plan, ledger)
    finally:
        ledger.close()


def _watched(options: RunOptions, folder: Path, out: Console) -> AbstractContextManager[None]:
    return watched(folder, options.port, out) if options.watch else nullcontext()


def _kept(plan: Plan, models: Mapping[str, Model], folder: Path) -> Plan:
    """Add information about its models to a plan, and save it in the run's folder.

    Raises:
        StudyError: If another study has been started in the folder, possibly just now.
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
    """Record a run's event in the register of its lock, if it has one."""
    if plan.lock:
        place = url_of(folder) or str(folder.resolve())
        note_run(Path(plan.lock), RunNote(event=event, folder=place, at=now(), version=plan.version))
