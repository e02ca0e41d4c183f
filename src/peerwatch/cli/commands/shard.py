"""`peerwatch run --shard`: one part of a study, and what has become of it."""

from pathlib import Path

from rich.console import Console

from peerwatch.cli.commands.run import carry_out, prepare
from peerwatch.cli.options import RunOptions
from peerwatch.cli.output import console, print_json, scrubber
from peerwatch.core.errors import MachineryError
from peerwatch.core.log_places import ARCHIVE
from peerwatch.core.storage import StorageError
from peerwatch.planning import Plan
from peerwatch.records import (
    LOGS,
    MANIFEST_FILE,
    SCALE,
    Manifest,
    Shard,
    StudyError,
    can_read_tables,
    parse_shard,
    read_manifest,
    so_far,
)
from peerwatch.reports import write_parquet
from peerwatch.running import RunUpload, end_shard, is_finished

STOPPED = "by its user or by an error"
CUT_SHORT = "because its budget or time was spent, or episodes failed"
"""Why a shard has stopped without all of its episodes."""


def shard_of(options: RunOptions, folder: Path) -> Shard | None:
    """The shard that a folder holds, or that the command names; `None` for a run without shards.

    Raises:
        StudyError: If they differ, or the folder's manifest is damaged.
    """
    named = parse_shard(options.shard) if options.shard else None
    held = read_manifest(folder)
    found = Shard(held.shard, held.shards) if held is not None else named
    if named is not None and found != named:
        raise StudyError(f"{folder} holds another shard than {options.shard}. Give each run a folder of its own.")
    return found


def run_shard(options: RunOptions, plan: Plan, shard: Shard, folder: Path) -> None:
    """Run one shard of a study, and write what has become of it.

    Args:
        options: The command's.
        plan: What they make.
        shard: Which part of it.
        folder: Of the shard.

    Raises:
        MachineryError: If not one episode could be run, or the first ones of a model all failed for one reason.
        StorageError: If its logs cannot be kept where they belong.
        UserError: As for `run`.
    """
    prepare(options)
    out, upload, failing = console(as_json=options.as_json), RunUpload(folder), ""
    if options.worker:
        carry_out(options, plan, folder, out, shard)
        return
    try:
        if not is_finished(plan, shard, folder):
            failing = carry_out(options, plan, folder, out, shard, upload)
    except StorageError:
        raise  # what could not be uploaded cannot be read back
    except BaseException:
        if (folder / MANIFEST_FILE).is_file():
            end_shard(plan, shard, upload, STOPPED)
        raise
    write_shard_tables(folder, out)
    manifest = end_shard(plan, shard, upload, failing or CUT_SHORT)
    if options.as_json:
        print_json(manifest.model_dump(mode="json") | {"folder": str(folder.absolute())})
    _tell(manifest, folder, out)
    if failing:
        raise MachineryError(f"{failing.rstrip('.')}. Fix that, then give the same command again.")
    if manifest.ended and not any_valid(folder):
        raise MachineryError(f"all {manifest.ended} episodes of the shard are invalid: peerwatch report {folder}")


def write_shard_tables(folder: Path, out: Console) -> None:
    """Write the tables of a shard that has ended; without the extra, tell what a report of many shards will lack."""
    if not any((folder / LOGS).rglob(f"*{ARCHIVE}")):
        return
    if can_read_tables():
        write_parquet(folder, scrubber())
    else:
        out.print(
            f"No tables were written, so a report has to read every log. With `{SCALE}` it needs none.", markup=False
        )


def _tell(manifest: Manifest, folder: Path, out: Console) -> None:
    name = f"Shard {manifest.shard}/{manifest.shards}"
    if not manifest.worlds:
        out.print(f"{name} has no worlds: the study has fewer worlds than shards.", markup=False)
    said = f"{manifest.ended} of {manifest.planned} episodes of {len(manifest.worlds)} worlds have ended"
    out.print(f"{name}: {said}; it is {manifest.state}.", markup=False)
    lacking = manifest.planned - manifest.ended
    if lacking and manifest.state == "running":
        out.print("Another process is still running its other episodes.", markup=False, style="yellow")
    elif lacking:
        out.print(f"{lacking} episodes are missing. The same command runs them.", markup=False, style="yellow")
    out.print(f"When all shards have finished: peerwatch report {folder.parents[1]}", markup=False)


def any_valid(folder: Path) -> bool:
    """Whether an episode in a run's folder is valid."""
    return any(each.verdict != "invalid" for each in so_far(folder / LOGS).ended.values())
