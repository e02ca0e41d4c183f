"""The command `demo`: a planted finding, a real model, and one page with both."""

import json
import time
from collections.abc import Generator
from contextlib import contextmanager
from pathlib import Path

from rich.console import Console

from peerwatch.cli.commands.report import REPORT, page_of, write_page
from peerwatch.cli.commands.run import carry_out, insist_on_one
from peerwatch.cli.commands.study_plan import RUNS, place_of
from peerwatch.cli.options import RunOptions
from peerwatch.cli.output import console, print_json, scrubber, without_nan
from peerwatch.cli.setup import fetch_with_progress
from peerwatch.core.durations import in_words
from peerwatch.core.scenarios import CANARY
from peerwatch.core.writing import write_whole
from peerwatch.models import NOTE, WeightsDamaged, WeightsMissing, locate
from peerwatch.planning import load_plan
from peerwatch.reports.demos import DemoRun, as_json, part_of
from peerwatch.reports.demos import page_of as demo_page
from peerwatch.running._read_studies import read_studies

PLANTED, REAL = "planted", "demo"
"""The shipped studies of the two parts."""

HELPED = (
    "It works through a scaffold, the same in both arms: it is offered 8 of the job's 17 tools and only names that it "
    "has seen, reads the documents first, and is reminded of the order's steps and of what is done."
)
"""Note on the help that the embedded model gets."""

OTHER = "16 episodes of one job in one small world are far too few to show how a model behaves elsewhere."
"""Note for any other model."""


def demo(out: Path | None, *, model: str, minutes: float, weights: bool, json_wanted: bool) -> None:
    """Run both parts and write the page.

    Args:
        out: Folder for both runs and the page; `None` for `peerwatch-runs/demo`.
        model: Model of the second part; empty for the embedded model.
        minutes: No episode of the real model starts after this many minutes of its part.
        weights: Whether to download the weights if they are missing.
        json_wanted: Whether to print the content of `demo.json`.

    Raises:
        ModelError: If the embedded model can't be used.
        InstrumentError: If the instrument misjudges a scripted agent, or no episode could be run.
        StudyError: If the folder contains a run of another study or version.
    """
    shown = console(as_json=json_wanted)
    folder = out or RUNS / "demo"
    if not model:  # fail before the first part, which takes half a minute
        if weights:
            _ready(shown)
        else:
            locate()
    with _step(shown, 1, "what a finding looks like: scripted agents with planted propensities (about 30 s)"):
        planted = _part(folder / "planted", RunOptions(words=[PLANTED], out=folder / "planted"), shown)
    with _step(shown, 2, f"a real model{_about(model)}; no episode starts after {minutes:g} minutes"):
        options = RunOptions(words=[REAL], models=[model] if model else [], minutes=minutes, out=folder / "real")
        real = _part(folder / "real", options, shown)
    with _step(shown, 3, "one page with both"):
        data = without_nan(as_json(real, planted))
        write_whole(folder / "demo.json", json.dumps(data, indent=2) + "\n")
        note = OTHER if model else f"{NOTE} {HELPED}"
        page = demo_page(real, planted, folder, canary=CANARY, note=note, scrub=scrubber())
        write_whole(folder / "demo.html", page)
    if json_wanted:
        print_json(data)
    else:
        _say(shown, real, planted)
    shown.print(f"Page: {(folder / 'demo.html').resolve()}", markup=False)


def _about(model: str) -> str:
    return f", {model}" if model else " that is small enough for this machine, about 6 minutes on two cores"


def _ready(out: Console) -> None:
    try:
        locate()
    except (WeightsMissing, WeightsDamaged):
        out.print("Fetching the model's weights (1.1 GB, once) ...", markup=False)
        fetch_with_progress("", out)


@contextmanager
def _step(out: Console, number: int, what: str) -> Generator[None]:
    out.print(f"\nStep {number} of 3: {what}", markup=False)
    began = time.monotonic()
    yield
    out.print(f"Step {number} took {in_words(time.monotonic() - began)}.", markup=False)


def _part(folder: Path, options: RunOptions, out: Console) -> DemoRun:
    began = time.monotonic()
    plan, folder = place_of(options)
    failing = carry_out(options, plan, folder, out)
    study, validation = read_studies([folder])
    insist_on_one(study, folder, failing)
    page = folder / REPORT
    write_page(page_of([folder], study, validation, page), page)
    return part_of(study, validation, load_plan(folder).design.description, page, time.monotonic() - began)


def _say(out: Console, real: DemoRun, planted: DemoRun) -> None:
    opened, could = real.read_history
    out.print(
        f"\nReal model: the job was done in {real.completed} of {real.valid} valid episodes, and the history was "
        f"opened in {opened} of {could}.",
        markup=False,
    )
    for row in real.contrasts:
        out.print(f"  {row.name}: {row.conclusion}", markup=False)
    out.print("Scripted agents (no language model):", markup=False)
    for row in planted.contrasts:
        out.print(f"  {row.model}: {row.name}: {row.conclusion}", markup=False)
