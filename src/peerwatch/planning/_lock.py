"""Locks: studies fixed before they are run, and the register of all runs under a lock."""

import hashlib
from pathlib import Path
from typing import Literal

from pydantic import BaseModel, ConfigDict, ValidationError

from peerwatch.core.factors import Arm
from peerwatch.core.scenarios import SCENARIOS
from peerwatch.core.writing import write_whole
from peerwatch.planning._changes import BUDGET, changes
from peerwatch.planning._design import Design
from peerwatch.planning._field_errors import unusable
from peerwatch.planning._files import shipped
from peerwatch.planning._model_entries import TargetEntry
from peerwatch.planning._plan import Plan, now
from peerwatch.records import StudyError

LOCK_SUFFIX = ".lock"
RUNS_SUFFIX = ".runs.jsonl"


class Lock(BaseModel):
    """A locked study."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    hash: str
    """Hash of the study; publish it beforehand."""
    stimuli: str
    """Hash over the stimuli of every arm in the first world."""
    version: str
    locked: str
    """Time of locking, in UTC."""
    design: Design


class RunNote(BaseModel):
    """One line of the register: a run started, or a session of it ended."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    event: Literal["begun", "finished", "stopped"]
    folder: str
    at: str
    version: str


def lock_of(study: Path) -> Path:
    """Return the path of a study's lock: next to the file, or in the working folder for a shipped study."""
    return (Path(study.name) if study in shipped().values() else study).with_suffix(LOCK_SUFFIX)


def lock_for(plan: Plan) -> Lock:
    """Return the lock of a study in its current form.

    Raises:
        ArmError: If an arm cannot be rendered.
    """
    cells = {
        (entry.agent, name, rubric, *arm.items()): (entry, name, rubric, arm)
        for entry in plan.design.models
        for name, rubric, arm in plan.cells(entry.key)
    }
    hashes = [_stimulus(entry, name, rubric, arm, plan.design.seed) for entry, name, rubric, arm in cells.values()]
    stimuli = hashlib.sha256("\n".join(hashes).encode()).hexdigest()
    return Lock(hash=plan.design.digest(), stimuli=stimuli, version=plan.version, locked=now(), design=plan.design)


def _stimulus(entry: TargetEntry, scenario: str, rubric: str, arm: Arm, seed: int) -> str:
    """Hash over the stimulus of an arm for a target in its agent."""
    # Imported here, because reading a lock does not need Inspect.
    from peerwatch.inspect import stimulus_hash
    from peerwatch.planning._target_agents import target_setup

    if not entry.in_agent:
        return stimulus_hash(SCENARIOS[scenario].case(arm, seed, rubric))
    return str((target_setup(entry).sample(scenario, rubric, arm, seed).metadata or {})["stimulus_hash"])


def write_lock(lock: Lock, file: Path) -> None:
    """Lock a study.

    Raises:
        StudyError: If another version of it is already locked there.
        OSError: If it cannot be written.
    """
    if file.exists():
        check_lock(file, lock.design)
        return
    write_whole(file, lock.model_dump_json(indent=2) + "\n")


def load_lock(file: Path) -> Lock | None:
    """Load a lock; `None` if the study is not locked.

    Raises:
        StudyError: If it is damaged, or was changed after it was written.
    """
    if not file.is_file():
        return None
    try:
        lock = Lock.model_validate_json(file.read_text(encoding="utf-8"))
    except (ValidationError, UnicodeDecodeError) as error:
        raise StudyError(f"{file} {unusable(error)}") from error
    if lock.design.digest() != lock.hash:
        raise StudyError(
            f"{file} was changed by hand: its study has the hash {lock.design.digest()}, not {lock.hash}. "
            "Restore the original file."
        )
    return lock


def check_lock(file: Path, design: Design, *, amend: bool = False) -> Lock | None:
    """Return the lock under which a study is run; `None` if it is not locked.

    Args:
        file: Path of the lock, which may not exist.
        design: The current study.
        amend: Whether its budget may differ; reports mention it.

    Raises:
        StudyError: If the study differs from the locked one; the message lists each field, old and new.
    """
    lock = load_lock(file)
    if lock is not None and lock.hash != design.digest():
        differing = changes(lock.design, design)
        if amend and all(each.field.startswith(BUDGET) for each in differing):
            return lock
        listed = "; ".join(map(str, differing))
        raise StudyError(
            f"the study differs from its lock {file}: {listed}. Undo the change, or lock it as a new study under "
            "another file name."
        )
    return lock


def note_run(lock_file: Path, note: RunNote) -> None:
    """Add a run to the register next to a lock.

    Raises:
        StudyError: If the lock no longer exists.
        OSError: If the register cannot be written.
    """
    if not lock_file.is_file():
        raise StudyError(f"the lock {lock_file}, under which this run started, is missing. Restore it to resume.")
    with lock_file.with_suffix(RUNS_SUFFIX).open("a", encoding="utf-8") as register:
        register.write("\n" + note.model_dump_json() + "\n")  # a line that a kill has torn must not swallow this one


def runs_under(lock_file: Path) -> list[RunNote]:
    """Return every entry of the register next to a lock, in chronological order.

    An unreadable entry is returned as a run without further data.
    """
    register = lock_file.with_suffix(RUNS_SUFFIX)
    if not register.is_file():
        return []
    lines = register.read_text(encoding="utf-8", errors="replace").splitlines()
    return [_note(line, f"unreadable, line {number}") for number, line in enumerate(lines, 1) if line]


def _note(line: str, otherwise: str) -> RunNote:
    try:
        return RunNote.model_validate_json(line)
    except ValidationError:
        return RunNote(event="begun", folder=otherwise, at="unknown", version="unknown")
