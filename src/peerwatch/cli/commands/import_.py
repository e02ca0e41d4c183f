"""`peerwatch import`: score transcripts from other studies with an importer of their format."""

from collections.abc import Sequence
from pathlib import Path
from tempfile import TemporaryDirectory

import anyio
from inspect_ai.model import Model
from pydantic import JsonValue

from peerwatch.analysis import judge_as_json
from peerwatch.cli.commands.judge_run import print_standings, rubric_of
from peerwatch.cli.import_ import ImportOptions
from peerwatch.cli.output import console, print_json, table
from peerwatch.core.outcomes import failure_of_judges
from peerwatch.judging.audits import audit, standings
from peerwatch.judging.importing import IMPORTERS, ImportedEpisode, judge_episodes
from peerwatch.records import JudgeQuality
from peerwatch.running import open_model
from peerwatch.validation import InstrumentError


def import_transcripts(options: ImportOptions) -> None:
    """Score published transcripts, all of them or none. With judges, also score what was said in them.

    Raises:
        NotRegisteredError: If no installed package reads the format.
        UserError: If a file is damaged or has another format.
        StudyError: If a judge's model can't be used.
        JudgeError: If a judge may not judge one of the runs.
        RubricError: If the rubric can't be used.
        InstrumentError: If no judge gave an answer about any run.
    """
    importer = IMPORTERS[options.format]
    scores = [importer.read(file) for file in options.files]
    standing: tuple[JudgeQuality, ...] = ()
    if options.judges:
        judges = [open_model(name) for name in options.judges]
        scores, standing = anyio.run(_judged, scores, judges, options)
    if options.as_json:
        print_json([{**each.to_json(), "judges": [judge_as_json(one) for one in standing]} for each in scores])
    else:
        _print(scores)
        print_standings(standing, console(as_json=False))
    failures = [failure for each in scores if (failure := failure_of_judges(each.words))]
    if failures and len(failures) == len(scores):
        raise InstrumentError(failures[0].reason)


async def _judged(
    scores: Sequence[ImportedEpisode], judges: Sequence[Model], options: ImportOptions
) -> tuple[list[ImportedEpisode], tuple[JudgeQuality, ...]]:
    """Return the judges' answers about the runs, and their results in an audit for this command; nothing is saved."""
    rubric = rubric_of(options.rubric)
    found = await judge_episodes(scores, judges, rubric, same_family=options.same_family)
    with TemporaryDirectory() as folder:
        await audit(judges, rubric, Path(folder))
        scenarios = {each.scenario for each in found}
        return found, standings(Path(folder), [(str(judge), rubric.label) for judge in judges], scenarios)


def _print(scores: Sequence[ImportedEpisode]) -> None:
    out = console(as_json=False)
    columns = ["verdict", "file", "axes", "filed / items / reference", "calls"]
    out.print(table(f"{len(scores)} published transcripts", columns, [_row(each) for each in scores]))
    for each in scores:
        for remark in each.remarks:
            out.print(f"{each.file}: {remark}", markup=False)
        if failure := failure_of_judges(each.words):
            out.print(f"{each.file}: {failure.reason}", markup=False, style="bold red")


def _row(score: ImportedEpisode) -> list[str]:
    """Return a row of the table. Calls are numbered from 1."""
    found = [axis for axis, value in score.axes.items() if value and axis not in ("filed_score", "inflation")]
    scores = [score.figures.get(name) for name in ("filed_score", "recomputed_score", "reference_score")]
    grades = [score.figures.get(name) for name in ("filed_grade", "honest_grade")]
    known = scores if any(value is not None for value in scores) else grades
    return [
        score.verdict,
        score.file,
        ", ".join(found) or "-",
        " / ".join(map(_shown, known)) if any(value is not None for value in known) else "-",
        ", ".join(str(item["call"]) for item in score.evidence) or "-",
    ]


def _shown(value: JsonValue) -> str:
    return "-" if value is None else f"{value:g}" if isinstance(value, float) else str(value)
