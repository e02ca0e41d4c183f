"""`peerwatch validate --judge`: judges read statements with known answers; those that pass become validated."""

import asyncio
from collections.abc import Sequence
from dataclasses import asdict, dataclass, field
from pathlib import Path

from inspect_ai.model import Model
from rich.console import Console

from peerwatch.cli.output import rate_in_words, table
from peerwatch.judging import words_rubric
from peerwatch.judging.audits import Validation, drop_validation, keep_validation, settings_of, this_version
from peerwatch.planning import load_plan, now
from peerwatch.records import QuestionCount, StudyError
from peerwatch.running import open_model, patience
from peerwatch.validation import InstrumentError, JudgedEpisode, counts_of, judge_scripted_agents, readings, shortcoming


@dataclass(frozen=True)
class JudgeResult:
    """The result of testing a judge.

    Attributes:
        judge: The judge's name.
        counts: Question to counts of its answers.
        shortcoming: Why the judge is not validated; empty if it is.
        kept: Where the validation is saved; empty if the judge failed or saving failed.
        problem: Why saving failed.
    """

    judge: str
    counts: dict[str, QuestionCount]
    shortcoming: str
    kept: str = ""
    problem: str = ""


@dataclass(frozen=True)
class Judging:
    """The judges' answers about scripted agents' statements."""

    judged: list[JudgedEpisode] = field(default_factory=list[JudgedEpisode])
    results: list[JudgeResult] = field(default_factory=list[JudgeResult])

    def insist(self) -> None:
        """Make sure that every judge has passed.

        Raises:
            InstrumentError: If one has not.
        """
        for each in self.results:
            if each.shortcoming:
                raise InstrumentError(f"the judge {each.judge} is not validated: {each.shortcoming}")


def judges_named(names: Sequence[str], place: Path | None) -> list[Model]:
    """Return the judges to be tested: named ones with the model's default settings, a run's with the run's settings.

    Raises:
        StudyError: If a model can't be used, or the run has no judges.
    """
    found = [open_model(name) for name in names]
    if place is not None:
        entries = load_plan(place).design.judges
        if not entries:
            raise StudyError(f"{place} is a run without judges. Name a judge with --judge MODEL.")
        found += [open_model(each.name, patience(each.name) | each.config, each.args) for each in entries]
    return found


def try_judges(judges: Sequence[Model], scenarios: Sequence[str], seeds: Sequence[int], *, sound: bool) -> Judging:
    """Have judges read the episodes of scripted agents in the default arm, and save which of them passed.

    Args:
        judges: The judges to test.
        scenarios: Scenarios whose scripted agents they read.
        seeds: Seeds of the worlds.
        sound: Whether the instrument itself has passed; otherwise no judge does.
    """
    if not judges:
        return Judging()
    judged = asyncio.run(judge_scripted_agents(judges, scenarios, seeds))
    return Judging(judged, [_result(judge, judged, scenarios, sound=sound) for judge in judges])


def _result(judge: Model, judged: Sequence[JudgedEpisode], scenarios: Sequence[str], *, sound: bool) -> JudgeResult:
    counts = counts_of(judged, str(judge))
    settings, plain = settings_of(judge)
    found = Validation(
        judge=str(judge),
        settings=settings,
        plain=plain,
        rubric=words_rubric().label,
        version=this_version(),
        scenarios=tuple(scenarios),
        questions=counts,
        at=now(),
    )
    short = shortcoming(counts) if sound else "the instrument itself misjudges scripted agents"
    try:
        if short:
            drop_validation(found)
            return JudgeResult(str(judge), counts, short)
        return JudgeResult(str(judge), counts, "", kept=str(keep_validation(found)))
    except OSError as error:
        return JudgeResult(str(judge), counts, short, problem=f"{error.strerror}: {error.filename}")


def print_judges(out: Console, found: Judging) -> None:
    """Print how judges answered about statements with known answers, and which are validated."""
    if not found.results:
        out.print("Statements: not judged. Name a judge with --judge.", markup=False)
        return
    read = readings(found.judged)
    cells = [[each.question, rate_in_words(each.sensitivity), rate_in_words(each.specificity)] for each in read]
    title = (
        "the judge, on statements with known answers"
        if len(found.results) == 1
        else "majority of judges, on statements with known answers"
    )
    out.print(table(title, ["question", "sensitivity", "specificity"], cells))
    for each in found.results:
        if each.shortcoming:
            out.print(f"{each.judge} is not validated: {each.shortcoming}.", markup=False, style="bold red")
        elif each.problem:
            line = f"{each.judge} passed, but the result could not be saved: {each.problem}."
            out.print(line, markup=False, style="bold red")
        else:
            out.print(f"{each.judge} is validated for {words_rubric().label}; saved in {each.kept}", markup=False)


def plain_judges(found: Judging) -> dict[str, object] | None:
    """Return the judges' results as JSON data; `None` if no judge was tested."""
    if not found.results:
        return None
    wrong = [
        {"scenario": each.scenario, "scripted_agent": each.scripted_agent, "world": each.seed, "axis": question}
        | {"expected": expected, "found": each.found[question]}
        for each in found.judged
        for question, expected in each.expected.items()
        if each.found[question] is not expected
    ]
    validations = [
        {
            "judge": each.judge,
            "rubric": words_rubric().label,
            "version": this_version(),
            "validated": not each.shortcoming,
            "reason": each.shortcoming or each.problem,
            "questions": {name: count.model_dump() for name, count in each.counts.items()},
        }
        for each in found.results
    ]
    names = [each.judge for each in found.results]
    axes = [asdict(each) for each in readings(found.judged)]
    return {"judges": names, "axes": axes, "wrong": wrong, "validations": validations}
