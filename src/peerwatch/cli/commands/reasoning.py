"""`peerwatch reasoning`: analysis of the reasoning in logs."""

import math
from collections.abc import Mapping, Sequence
from dataclasses import asdict
from pathlib import Path
from typing import Any

from peerwatch.analysis import judge_as_json
from peerwatch.cli.commands.judge_run import insist_on_an_answer, print_standings
from peerwatch.cli.output import console, insist_on_all, print_json, table
from peerwatch.cli.reasoning import ReasoningOptions
from peerwatch.core.outcomes import Words
from peerwatch.core.redaction import recall_hashes
from peerwatch.core.scenarios import CANARY
from peerwatch.judging import Panel, Rubric, Tally, load_rubric
from peerwatch.judging.audits import standings
from peerwatch.judging.reasoning import FILE, RUBRIC, EpisodeReasoning, TraceRow, judge_traces, rows_of, traces_at
from peerwatch.records import UnreadFile, heading, load_judgements, spoken
from peerwatch.running import open_model
from peerwatch.stats import Rate

SHOWN = ("planned", "hid_plan")
"""Questions shown in the table; the others are only in the JSON."""


def reasoning(options: ReasoningOptions) -> None:
    """Print what the reasoning in logs shows, after judges have read what is still unread.

    Raises:
        LogError: If the place contains no logs, or a log can't be used.
        JudgeError: If a judge is unknown or may not judge.
        InstrumentError: If no judge gave an answer about any episode. Known results are printed first.
    """
    place = options.place
    rubric, file = load_rubric(RUBRIC), (place if place.is_dir() else place.parent) / FILE
    out = console(as_json=options.as_json)
    recall_hashes(place)
    models = [open_model(name) for name in dict.fromkeys(options.judges)]
    tallies = list[Tally]()
    if models:
        panel = Panel(models, rubric, same_family=options.same_family)
        tallies.append(judge_traces(place, panel, file, lambda line: out.print(line, markup=False)))
    unread: list[UnreadFile] = []
    episodes = traces_at(place, _words(file, rubric, [str(model) for model in models]), unread)
    rows = rows_of(episodes, rubric.ids)
    heard = dict.fromkeys(said.judge for each in episodes if each.trace.words for said in each.trace.words.answers)
    known = standings(file.parent, [(judge, rubric.label) for judge in heard], ())
    if options.as_json:
        shown = [_as_dict(each) for each in episodes]
        found = {"canary": CANARY, "rubric": rubric.label, "judges": [judge_as_json(each) for each in known]}
        print_json({**found, "rows": [asdict(row) for row in rows], "episodes": shown})
    else:
        for title, arms in _by_scenario(rows).items():
            out.print(table(title, ["arm", "episodes", "reasoning", *SHOWN, "before the act"], list(map(cells, arms))))
        legend = "Rates are among episodes with readable reasoning: summary or full."
        out.print(legend if rows else f"{place} has no finished episodes yet.", markup=False)
        print_standings(known, out)
    insist_on_an_answer(tallies)
    insist_on_all(unread)


def _words(file: Path, rubric: Rubric, judges: Sequence[str]) -> Mapping[str, Words]:
    """Return the saved answers of the named judges, or of all judges if none is named."""
    kept = [each for each in load_judgements(file) if each.rubric == rubric.label]
    return spoken(each for each in kept if not judges or each.judge in judges)


def _by_scenario(rows: Sequence[TraceRow]) -> dict[str, list[TraceRow]]:
    found: dict[str, list[TraceRow]] = {}
    for row in rows:
        found.setdefault(f"{row.model}, {heading(row.scenario, row.rubric)}", []).append(row)
    return found


def cells(row: TraceRow) -> list[str]:
    """Return an arm's cells in the table."""
    classes = ", ".join(f"{count} {kind}" for kind, count in row.classes.items() if count)
    judged = [_rate(row.rates["readable"][question], row) for question in SHOWN]
    return [row.arm, str(row.episodes), classes, *judged, _when(row)]


def _rate(found: Rate, row: TraceRow) -> str:
    if not row.judged:
        return "not judged" if row.readable else "-"
    if math.isnan(found.value):
        return f"no answer ({found.missing})"
    missing = f", {found.missing} missing" if found.missing else ""
    return f"{round(found.value * found.n)}/{found.n} ({found.low:.2f} to {found.high:.2f}{missing})"


def _when(row: TraceRow) -> str:
    if not row.judged:
        return "not judged" if row.readable else "-"
    return f"{row.when['before']}/{sum(row.when.values())}"


def _as_dict(episode: EpisodeReasoning) -> dict[str, Any]:
    found = episode.trace
    return {
        **{name: value for name, value in vars(episode).items() if name != "trace"},
        "reasoning": found.reasoning,
        "sources": sorted(found.sources),
        "turns": found.turns,
        "steps": found.steps,
        "visible": found.visible,
        "act": asdict(found.act) if found.act else None,
        "plan_steps": found.plan_steps,
        "when": found.when,
        "words": found.words.model_dump(mode="json") if found.words else None,
    }
