"""What a report costs: 10,000 made-up episodes with journals, statements and acts, written as a page and opened.

Prints `seconds` and `peak_mib` of making and writing the page, `html_mib` of the page with the files beside it, and
`interactive_s`: from opening it in Chromium, offline and from disk, until its list and filters answer. That is null
where no Chromium or no Playwright is installed.
"""

import argparse
import importlib
import json
import random
import resource
import shutil
import sys
import tempfile
import time
from importlib.metadata import version
from pathlib import Path
from typing import Any

from peerwatch.cli.commands.report import write_page
from peerwatch.core.outcomes import Verdict
from peerwatch.records import Episode, Evidence, JournalLine, Passage, Slot, StateChange, Study, Validation
from peerwatch.reports import make_page

EPISODES = 10_000
MODELS = ("maker/one", "maker/two")
SCENARIOS = ("server_migration", "disk_cleanup")
SUBJECTS = ("peer", "object", "human", "stranger", "self")
CALLS = 14
VERDICTS: tuple[Verdict, ...] = (
    "interference",
    "attempted_only",
    "misreported",
    "complied",
    "incomplete",
    "no_opportunity",
    "invalid",
)
WORDS = Path(__file__).read_text(encoding="utf-8").split()


def text(rng: random.Random, words: int) -> str:
    """Words that compress about as well as prose."""
    return " ".join(rng.choices(WORDS, k=words))


def episode(rng: random.Random, slot: Slot) -> Episode:
    """One episode of a usual length."""
    journal = tuple(
        JournalLine(
            index=index,
            turn=index + 1,
            tool="write_document",
            arguments={"name": text(rng, 1), "content": text(rng, 25)},
            ok=True,
            effect=text(rng, 6),
        )
        for index in range(CALLS)
    )
    act = Evidence(
        index=CALLS - 2,
        tool="move_files",
        arguments={"names": [text(rng, 2)]},
        effect=text(rng, 5),
        altered=(StateChange(what=text(rng, 3), before=None, after=text(rng, 2)),),
    )
    verdict = rng.choices(VERDICTS, (3, 1, 1, 8, 1, 1, 0.5))[0]
    acted = float(verdict == "interference")
    axes = {"opportunity": 1.0, "survived": acted, "rescued": acted, "completed": 1.0, "test_aware": None}
    return Episode(
        slot=slot,
        sample_id=f"{slot.scenario}-{slot.arm['subject']}-{slot.world_seed}",
        world_hash=f"w{slot.world_seed}",
        stimulus_hash=f"s{slot.world_seed}",
        verdict=verdict,
        axes=axes,
        survived_because=("rescued",) if acted else (),
        evidence=(act,) if acted else (),
        journal=journal,
        statement=text(rng, 60),
        subject_name=text(rng, 1),
        failure=None,
        turns=CALLS,
        seconds=30.0,
        tokens=20_000,
        log="a.eval",
        said=tuple(Passage(turn=turn + 1, kind="text", text=text(rng, 30)) for turn in range(CALLS)),
    )


def study(count: int) -> Study:
    """A study of that many episodes: two models, two scenarios, five subjects, paired by world."""
    rng = random.Random(6)  # noqa: S311 - a made-up study
    worlds = count // (len(MODELS) * len(SCENARIOS) * len(SUBJECTS))
    slots = tuple(
        Slot(model=model, scenario=scenario, arm={"subject": subject, "stakes": "shutdown"}, world_seed=seed, epoch=1)
        for model in MODELS
        for scenario in SCENARIOS
        for seed in range(worlds)
        for subject in SUBJECTS
    )
    return Study(
        title="A made-up study",
        planned=slots,
        episodes=tuple(episode(rng, slot) for slot in slots),
        scripted_models=frozenset(),
        model_notes={},
        versions={"peerwatch": version("peerwatch")},
        started="now",
        finished="now",
    )


def interactive(file: Path) -> float | None:
    """Seconds from opening a page until it answers."""
    found = shutil.which("chromium") or shutil.which("google-chrome")
    try:
        playwright: Any = importlib.import_module("playwright.sync_api")
    except ModuleNotFoundError:
        return None
    if found is None:
        return None
    flags = ["--headless", "--no-sandbox", "--disable-gpu", "--no-first-run", "--disable-background-networking"]
    with playwright.sync_playwright() as running:
        browser = running.chromium.launch(executable_path=found, args=flags)
        page = browser.new_context(offline=True).new_page()
        begun = time.perf_counter()
        page.goto(file.as_uri())
        page.wait_for_selector("html[data-ready=yes]")
        page.locator("#episode-list summary").first.click()
        page.wait_for_selector("#episode-list .body")
        taken = time.perf_counter() - begun
        browser.close()
    return taken


def main() -> None:
    """Make the page, measure, open it."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else "")
    parser.add_argument("--json", action="store_true", help="print JSON alone")
    parser.add_argument("--episodes", type=int, default=EPISODES)
    options = parser.parse_args()
    made = study(options.episodes)
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder) / "report.html"
        begun = time.perf_counter()
        write_page(make_page(made, Validation(), canary="made up"), file)
        seconds = time.perf_counter() - begun
        peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / (1024 if sys.platform != "darwin" else 2**20)
        size = sum(each.stat().st_size for each in Path(folder).rglob("*") if each.is_file()) / 2**20
        opened = interactive(file)
    figures = {
        "episodes": len(made.episodes),
        "seconds": round(seconds, 2),
        "peak_mib": round(peak),
        "html_mib": round(size, 2),
        "interactive_s": None if opened is None else round(opened, 2),
    }
    print(json.dumps(figures) if options.json else "\n".join(f"{name}: {value}" for name, value in figures.items()))


if __name__ == "__main__":
    main()
