"""`peerwatch plan`: show what a study consists of and costs, and lock it before it is run."""

from contextlib import redirect_stdout
from dataclasses import dataclass
from io import StringIO
from pathlib import Path
from typing import Any

from rich.console import Console

from peerwatch.cli.commands.announcement import about_preset
from peerwatch.cli.commands.futility import futile
from peerwatch.cli.commands.plan_sheet import cost_table, print_study, room, spent_line, study_sheet
from peerwatch.cli.commands.power import power_rows, print_power
from peerwatch.cli.options import PlanOptions
from peerwatch.cli.output import console, print_json
from peerwatch.planning import (
    EpisodeUsage,
    Forecast,
    Plan,
    begin_pilot,
    check_pilot,
    forecast,
    lock_for,
    lock_of,
    measured,
    pilot_of,
    pilot_spend,
    shipped,
    study_file,
    write_lock,
)
from peerwatch.records import PLAN_FILE, StudyError
from peerwatch.running import open_models, run_plan

PILOT_SUFFIX = ".pilot"


def _study_file(options: PlanOptions) -> Path | None:
    """Return the study's file; `None` if the study is made from command-line options."""
    return study_file(options.study) if options.study else None


def plan(made: Plan, options: PlanOptions) -> None:
    """Print what a study consists of and what it will cost. On request, lock it and run its pilot.

    Args:
        made: The plan made from the options.
        options: The command's options.

    Raises:
        StudyError: If the study is inconsistent, or differs from its lock or its pilot.
    """
    out = console(as_json=options.as_json)
    locked = _locked(made, options)
    pilot = _pilot(made, options, out)
    cost = forecast(made, pilot=pilot.episodes, processes=options.processes)
    power = power_rows(made) if options.power else None
    if options.as_json:
        sheet = study_sheet(made, cost, _lock_file(made, options), pilot=pilot.sheet(made))
        print_json(sheet | {"futile": futile(made)} | ({"power": power} if power is not None else {}))
        return
    if note := about_preset(options.preset):
        out.print(note, markup=False, style="yellow")
    print_study(made, cost, out, lock=_lock_file(made, options))
    _print_cost(made, cost, pilot, out)
    for line in futile(made):
        out.print(line, markup=False, style="bold red")
    if power is not None:
        print_power(made, power, out)
    if locked:
        out.print(locked, markup=False)


def _lock_file(made: Plan, options: PlanOptions) -> Path | None:
    """Return the path of the study's lock; `None` if it is not locked."""
    file = _study_file(options)
    return lock_of(file) if file and (made.lock or options.lock) else None


def _locked(made: Plan, options: PlanOptions) -> str:
    """Lock a study if requested, and return a message about it.

    Raises:
        StudyError: If another version of the study is locked.
    """
    if not options.lock:
        return ""
    study = _study_file(options)
    if study is None:
        raise StudyError("--lock needs a study file. Write your plan to one (YAML), or name a shipped study.")
    file = lock_of(study)
    if made.lock:
        return f"Already locked, in {file}."
    write_lock(lock_for(made), file)
    return f"Locked in {file}. Publish the hash before the first run: Peerwatch refuses to run a changed study."


@dataclass(frozen=True)
class _Pilot:
    """The pilot of a study, if there is one."""

    folder: Path
    episodes: list[EpisodeUsage]
    note: str = ""

    def sheet(self, made: Plan) -> dict[str, Any] | None:
        """Return the pilot as JSON data; `None` if there is none."""
        if not self.episodes:
            return None
        spend = pilot_spend(self.folder, made)
        total = spend.total()
        spent = {"calls": total.calls, "tokens": total.tokens, "dollars": spend.dollars, "hours": spend.hours}
        return {"folder": str(self.folder), "episodes": len(self.episodes), "spent": spent}


def _pilot(made: Plan, options: PlanOptions, out: Console) -> _Pilot:
    """Return the study's pilot, run now or earlier.

    Raises:
        StudyError: If a pilot is requested, and the folder contains another one.
    """
    file = _study_file(options) or Path("peerwatch.yaml")
    beside = Path(file.name) if file in shipped().values() else file
    folder = options.out or beside.with_suffix(PILOT_SUFFIX)
    if options.pilot:
        _run_pilot(pilot_of(made, options.pilot), folder, out)
    elif not (folder / PLAN_FILE).is_file():
        return _Pilot(folder, [])
    elif other := check_pilot(pilot_of(made, 1), folder):
        return _Pilot(folder, [], f"The pilot in {folder} used other settings and is ignored: {other}.")
    return _Pilot(folder, measured(folder, made))


def _run_pilot(pilot: Plan, folder: Path, out: Console) -> None:
    models = open_models(pilot)
    begin_pilot(pilot, folder)
    there = len(measured(folder, pilot))
    number = len(pilot.cells(pilot.models[0])) * pilot.design.worlds
    out.print(f"Pilot: {number} episodes per model, {there} finished, in {folder}", markup=False)
    out.print(cost_table("Forecast of the whole pilot", forecast(pilot)))
    with redirect_stdout(StringIO()):  # Inspect prints its own messages to stdout
        run_plan(pilot, models, folder, lambda line: out.print(line, markup=False))


def _print_cost(made: Plan, cost: Forecast, pilot: _Pilot, out: Console) -> None:
    out.print(cost_table("Forecast", cost))
    for line in _remarks(made, cost):
        out.print(line, markup=False)
    if pilot.note:
        out.print(pilot.note, markup=False, style="yellow")
    if pilot.episodes:
        out.print(f"Pilot spending: {spent_line(pilot_spend(pilot.folder, made))}.", markup=False)
    for line, warns in room(made.design.budget, cost):
        out.print(line, markup=False, style="bold red" if warns else "")


def _remarks(made: Plan, cost: Forecast) -> list[str]:
    reasons = {each.why: [one.model for one in cost.models if one.why == each.why] for each in cost.models}
    said = [f"{', '.join(models)}: {why}." for why, models in reasons.items()]
    said.append("Estimated at four characters per token, from every arm rendered on the first world.")
    if cost.unpriced:
        said.append(
            f"No price is known for {', '.join(cost.unpriced)}, so dollars are missing. Give it with --prices FILE."
        )
    if cost.at_most:
        said.append(
            "The study may stop early: expected values assume that nothing stops early, lower bounds that every "
            "planned contrast is decided on its first world."
        )
    if not made.design.budget.caps:
        said.append("The study has no budget, so its spending is not capped.")
    return said
