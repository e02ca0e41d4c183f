"""Shards of a run: each one's worlds, budget and manifest, and the gaps that are found when they are merged."""

from collections import Counter
from collections.abc import Collection, Iterable, Mapping
from pathlib import Path

from peerwatch.core.storage import LARGE, fetch
from peerwatch.planning import Budget, Plan, Spend, Stopping, changes, load_plan, now
from peerwatch.records import (
    LOGS,
    MANIFEST_FILE,
    PLAN_FILE,
    SHARDS,
    WHOLE_RUN,
    Key,
    Ledger,
    Manifest,
    Shard,
    ShardGap,
    ShardState,
    Slot,
    StudyError,
    all_rows,
    read_manifest,
    shards_at,
    slot_key,
    so_far,
)
from peerwatch.running._schedule import shard_queues
from peerwatch.running._uploads import RunUpload


def shard_plan(plan: Plan, shard: Shard | None) -> Plan:
    """Return a study as one of its shards runs it: with its part of the budget, and every planned world.

    A shard sees its own worlds only, so it decides no contrast; a stopping rule is applied when the shards are merged.

    Args:
        plan: The study.
        shard: The shard; `None` for a run without shards, which runs the study as it is.

    Raises:
        StudyError: If a cap of the budget is too small to be split.
    """
    if shard is None:
        return plan
    design = plan.design
    places = range(design.worlds)
    here = sum(map(shard.holds, places))
    # Worlds of all shards with a lower number; `_part` gives this shard the next stretch of the cap.
    before = sum(world % shard.count < shard.number for world in places)
    caps = {name: _part(cap, before, here, design.worlds) for name, cap in design.budget.caps.items()}
    if here and (small := [name for name, cap in caps.items() if not cap]):
        raise StudyError(
            f"budget.{small[0]}={design.budget.caps[small[0]]:g} cannot be split into {shard.count} shards. Raise it, "
            "or give fewer shards."
        )
    budget = Budget(reserve=design.budget.reserve) if not here else design.budget.model_copy(update=caps)
    changed = design.model_copy(update={"budget": budget, "stopping": Stopping()})
    return plan.model_copy(update={"design": changed})


def _part(cap: float, before: int, here: int, worlds: int) -> float:
    """A shard's part of a cap, by its number of worlds; the parts of whole numbers add up to the cap."""
    if isinstance(cap, int):
        # Differences of rounded cumulative sums: 10 calls over 3 equal shards are 3 + 3 + 4, never 9.
        return cap * (before + here) // worlds - cap * before // worlds
    return cap * here / worlds


def shard_slots(plan: Plan, shard: Shard | None) -> list[Slot]:
    """Return every planned episode of a shard, or of a run without shards, model by model."""
    if shard is None:
        return [*plan.slots()]
    return [slot for queue in shard_queues(shard_plan(plan, shard), shard).values() for slot in queue]


def shard_worlds(plan: Plan, shard: Shard | None) -> tuple[int, ...]:
    """Return the seeds of the worlds of a shard, or of a run without shards."""
    first, part = plan.design.seed, shard or WHOLE_RUN
    return tuple(first + world for world in range(plan.design.worlds) if part.holds(world))


def begin_shard(plan: Plan, shard: Shard, upload: RunUpload) -> None:
    """Write a shard's manifest as `running` before anything is spent, so that an unwritable store fails early.

    Raises:
        StorageError: If the store does not answer, or refuses.
    """
    upload.write(MANIFEST_FILE, _manifest(plan, shard, upload.folder, "running").model_dump_json(indent=2) + "\n")


def end_shard(plan: Plan, shard: Shard, upload: RunUpload, why: str) -> Manifest:
    """Upload a shard's files, read its logs back, and then write its final state to the manifest.

    Args:
        plan: The study.
        shard: The shard.
        upload: Its folder.
        why: Why it has stopped, if it lacks episodes.

    Returns:
        What was written: `finished` if every episode has ended and every log could be read back, `running` if another
        process of this machine is still at work on it.

    Raises:
        StorageError: If the store does not answer, or a log cannot be read back.
    """
    # Two processes of one shard on this machine may end at once; the second must see what the first uploaded.
    with upload.alone("ending"):
        upload.push()
        upload.pull()
        logs = upload.verified_logs()
        found = _manifest(plan, shard, upload.folder, "stopped")
        ledger = Ledger(upload.folder)
        others = any(map(ledger.alive, {row["session"] for row in ledger.news()}))
        state = "finished" if found.ended == found.planned else "running" if others else "stopped"
        reason = why if state == "stopped" else ""
        found = found.model_copy(update={"logs": logs, "state": state, "why": reason, "at": now()})
        upload.write(MANIFEST_FILE, found.model_dump_json(indent=2) + "\n")
    return found


def is_finished(plan: Plan, shard: Shard, folder: Path) -> bool:
    """Return whether a shard has already finished and still has all of its episodes."""
    manifest = read_manifest(folder)
    if manifest is None or manifest.state != "finished":
        return False
    ended = so_far(folder / LOGS).ended
    return all(slot_key(slot) in ended for slot in shard_slots(plan, shard))


def _manifest(plan: Plan, shard: Shard, folder: Path, state: ShardState) -> Manifest:
    slots = shard_slots(plan, shard)
    ended = so_far(folder / LOGS).ended
    spend = Spend({model: plan.price(model) for model in plan.charged})
    spend.feed(all_rows(folder))
    total = spend.total()
    before = read_manifest(folder)
    return Manifest(
        plan=plan.design.digest(),
        version=plan.version,
        shard=shard.number,
        shards=shard.count,
        worlds=shard_worlds(plan, shard),
        planned=len(slots),
        ended=sum(slot_key(slot) in ended for slot in slots),
        spent={"calls": total.calls, "tokens": total.tokens, "dollars": spend.dollars, "hours": spend.hours},
        state=state,
        begun=before.begun if before else now(),
        at=now(),
    )


def shards_of_run(run: Path) -> Mapping[Shard, Path]:
    """Return the shards of a run, with their plans and manifests on this machine; empty for a run without any.

    Raises:
        StudyError: If they are shards of different counts.
        StorageError: If a store does not answer.
    """
    fetch(run, wanted=lambda name: name.startswith(f"{SHARDS}/") and name.endswith((MANIFEST_FILE, PLAN_FILE)))
    return shards_at(run)


def fetch_logs(run: Path, shards: Mapping[Shard, Path], without: Collection[Path] = ()) -> None:
    """Download the logs of all shards, and the files that belong to them.

    Logs that a manifest names are read by name, so that a listing that lags hides none of them.

    Args:
        run: The run's folder.
        shards: Its shards.
        without: Shards whose logs are not needed.

    Raises:
        StudyError: If a manifest is damaged.
        StorageError: If a store does not answer, or a log that a manifest names is not there.
    """
    names = [
        f"{folder.relative_to(run).as_posix()}/{log}"
        for folder in shards.values()
        if folder not in without and (manifest := read_manifest(folder)) is not None
        for log in manifest.logs
    ]
    spared = tuple(f"{folder.relative_to(run).as_posix()}/{LOGS}/" for folder in without)
    fetch(run, also=names, wanted=lambda name: not name.endswith(LARGE) and not name.startswith(spared))


def plan_of_shards(run: Path, shards: Mapping[Shard, Path]) -> Plan:
    """Return the plan that all shards of a run share.

    Raises:
        StudyError: If they do not share one, or none has begun.
    """
    plans = {shard: load_plan(folder) for shard, folder in shards.items() if (folder / PLAN_FILE).is_file()}
    if (run / PLAN_FILE).is_file():
        raise StudyError(f"{run} holds a run without shards and shards beside it. Give each a folder of its own.")
    if not plans:
        raise StudyError(f"{run} holds shards, and none of them has begun. Run them, then report.")
    (first, plan), *others = plans.items()
    for shard, other in others:
        if differing := changes(plan.design, other.design):
            raise StudyError(
                f"{run} holds shards of different plans: from shard {first.number} to shard {shard.number}, "
                f"{differing[0]}. Give each study a folder of its own."
            )
        if other.bars != plan.bars:
            raise StudyError(
                f"{run} holds shards whose bars were calibrated differently (shards {first.number} "
                f"and {shard.number}). Calibrate once, and give each calibration a folder of its own."
            )
        if other.version != plan.version:
            raise StudyError(
                f"{run} holds shards that were run with Peerwatch {plan.version} (shard {first.number}) and "
                f"{other.version} (shard {shard.number}). Give each version a folder of its own."
            )
    for shard, folder in shards.items():
        manifest = read_manifest(folder)
        if manifest is not None and manifest.plan != plan.design.digest():
            raise StudyError(
                f"{run} holds shards of different plans: shard {first.number} has the study {plan.design.digest()}, "
                f"shard {shard.number} has {manifest.plan}. Give each study a folder of its own."
            )
    return plan


def check_beside(run: Path, shard: Shard | None, plan: Plan) -> None:
    """Refuse to run a study, or a shard of it, in a folder with shards of another study, plan or count.

    What other machines have put into a store since is left to the report.

    Args:
        run: The run's folder.
        shard: The shard to run; `None` for a run without shards.
        plan: The study.

    Raises:
        StudyError: If the folder holds shards of another count or plan, or a run without shards beside them.
    """
    held = shards_at(run)
    if shard is None:
        if held:
            count = next(iter(held)).count
            raise StudyError(
                f"{run} holds shards of a run. Give --shard I/{count} to run one of them, or another folder with --out."
            )
        return
    if (run / PLAN_FILE).is_file():
        raise StudyError(f"{run} holds a run without shards. Give its shards another folder with --out.")
    for other in held:
        if other.count != shard.count:
            raise StudyError(
                f"{run} holds shards of {other.count}, which overlap with shards of {shard.count}. "
                f"Give --shard I/{other.count}, or another folder with --out."
            )
    begun = next((each for other, each in held.items() if other != shard and (each / PLAN_FILE).is_file()), None)
    if begun is not None and (differing := changes(load_plan(begun).design, plan.design)):
        raise StudyError(
            f"{run} holds shards of another plan: in {begun.name}, {differing[0]}. Revert it, or choose another "
            "folder with --out."
        )


def gaps(
    plan: Plan, shards: Mapping[Shard, Path], planned: Iterable[Slot], found: Collection[Key]
) -> tuple[ShardGap, ...]:
    """Return the missing worlds and episodes of each shard.

    Args:
        plan: The study.
        shards: The shards that there are.
        planned: The episodes that its rule requires.
        found: The episodes that there are.
    """
    count = next(iter(shards)).count
    lacking: dict[int, Counter[int]] = {}
    for slot in planned:
        if slot_key(slot) not in found:
            # Shard I runs every N-th world from the I-th on; see `Shard.holds`.
            number = (slot.world_seed - plan.design.seed) % count
            lacking.setdefault(number, Counter())[slot.world_seed] += 1
    return tuple(_gap(Shard(number, count), shards, dict(worlds)) for number, worlds in sorted(lacking.items()))


def _gap(shard: Shard, shards: Mapping[Shard, Path], worlds: dict[int, int]) -> ShardGap:
    manifest = read_manifest(shards[shard]) if shard in shards else None
    if manifest is None:
        return ShardGap(shard=shard.number, shards=shard.count, state="missing", worlds=worlds)
    return ShardGap(
        shard=shard.number,
        shards=shard.count,
        state=manifest.state,
        why=manifest.why,
        at=manifest.at,
        worlds=worlds,
    )
