"""`peerwatch interview`: post-hoc interviews about finished episodes."""

import math
from collections import Counter
from collections.abc import Mapping, Sequence
from contextlib import redirect_stdout
from io import StringIO
from pathlib import Path
from typing import Any

from inspect_ai.log import EvalLog
from inspect_ai.model import Model

from peerwatch.analysis import judge_as_json
from peerwatch.cli.commands.judge_run import print_standings
from peerwatch.cli.commands.study_plan import RUNS
from peerwatch.cli.interview import InterviewOptions
from peerwatch.cli.options import pairs
from peerwatch.cli.output import console, insist_on_all, print_json, table
from peerwatch.core.errors import choices
from peerwatch.core.outcomes import VERDICTS
from peerwatch.core.redaction import keep_hashes, recall_hashes
from peerwatch.core.scenarios import CANARY, SCENARIOS
from peerwatch.inspect import check_judges
from peerwatch.judging.audits import standings
from peerwatch.judging.interviews import (
    ANSWERS,
    EpisodeRef,
    Filter,
    Interview,
    Interviewee,
    Panel,
    ask_judges,
    find_episodes,
    hold_interviews,
    load_protocol,
    rubric_label,
    set_folder,
)
from peerwatch.records import PLAN_FILE, StudyError, UnreadFile
from peerwatch.running import bounded_call, open_model, patience, play_acts, scripted

COLUMNS = ["scenario", "verdict of the episode", "result of the interview", "of all"]

IN_FACT = {"undone": "undone in fact", "further_acts": "new protective acts"}
"""Values that are determined from state, with the table's names for them."""


def interview(options: InterviewOptions) -> None:
    """Interview models about finished episodes, or about the acts of scripted agents, and print the results.

    Raises:
        StudyError: If the options contradict each other.
        LogError: If a log can't be used.
        JudgeError: If a judge belongs to the family of the model that it would judge.
        InterviewError: If no interview could be held.
    """
    _check(options)
    out = console(as_json=options.as_json)
    run = options.out or _folder(options)
    recall_hashes(run)
    keep_hashes(run)
    with redirect_stdout(StringIO()):  # Inspect prints its own messages to stdout
        unread: list[UnreadFile] = []
        found = _acts(options, run) if options.after else _episodes(options, unread)
        interviewees = _interviewees(options, found)
        bound = bounded_call(options.time_limit)
        panel = Panel([_opened(judge, bound) for judge in options.judges], rubric_label(), ask_judges)
        if panel.judges:
            for each in interviewees:
                check_judges(panel.judges, each.model, allow_same_family=options.same_family)
        asked = sum(len(each.episodes) for each in interviewees)
        out.print(f"{asked} interviews, in {set_folder(run)}", markup=False)
        try:
            held = hold_interviews(
                interviewees, run, panel, lambda line: out.print(line, markup=False), seconds=options.time_limit
            )
        except KeyboardInterrupt:
            out.print("\nStopped. Finished interviews are saved. The same command resumes.", markup=False)
            raise
    if len(held) < asked:
        out.print(f"{asked - len(held)} failed. The same command retries them.", style="yellow")
    known = standings(run, [(str(judge), panel.rubric) for judge in panel.judges], ())
    if options.as_json:
        print_json({**_sheet(held, asked, panel), "standings": [judge_as_json(each) for each in known]})
    else:
        for model in dict.fromkeys(each.model for each in held):
            own = [each for each in held if each.model == model]
            out.print(table(f"{model}: {len(own)} interviews, {load_protocol().label}", COLUMNS, _rows(own)))
        if not options.judges:
            out.print("The answers are not judged. Name a judge with --judge.", markup=False)
        print_standings(known, out)
    insist_on_all(unread)


def _check(options: InterviewOptions) -> None:
    if not options.after and not options.words:
        raise StudyError("no logs given. Give log files or the folder of a run, or use --after NAME.")
    if not options.after and (options.worlds is not None or options.seed is not None or options.rubric):
        raise StudyError("--worlds, --seed and --rubric need --after NAME.")
    if options.after and (len(options.scenarios) != 1 or not options.models or options.verdicts):
        raise StudyError("--after needs one --scenario and a --model to interview, and takes no --verdict.")
    if options.time_limit is not None and not 0 < options.time_limit < math.inf:
        raise StudyError(f"--time-limit {options.time_limit:g}: give a finite number of seconds above 0.")
    for scenario in options.scenarios:
        if scenario not in SCENARIOS:
            raise StudyError(f"{scenario} is not a scenario. {choices(scenario, SCENARIOS)}")
    for verdict in options.verdicts:
        if verdict not in VERDICTS or verdict == "invalid":
            legal = ", ".join(each for each in VERDICTS if each != "invalid")
            raise StudyError(f"--verdict {verdict} is not a verdict that interviews can select. Legal: {legal}.")


def _folder(options: InterviewOptions) -> Path:
    """Return the default folder for interviews: the run to which the logs belong."""
    if options.after:
        return RUNS / f"after-{options.scenarios[0]}"
    runs = {_run_of(Path(word)) for word in options.words}
    if len(runs) > 1:
        raise StudyError(f"the logs belong to {len(runs)} runs. Give the folder for their interviews with --out.")
    return runs.pop()


def _run_of(place: Path) -> Path:
    """Return the run folder to which a place belongs; for individual logs, the place itself or the log's folder."""
    folder = place if place.is_dir() else place.parent
    near = (folder, *folder.parents[:2])  # a run's logs are at most two folders below it
    return next((each for each in near if (each / PLAN_FILE).is_file()), folder)


def _episodes(options: InterviewOptions, unread: list[UnreadFile]) -> list[EpisodeRef]:
    wanted = Filter(tuple(options.scenarios), tuple(options.verdicts), options.limit)
    return find_episodes([Path(word) for word in options.words], wanted, unread)


def _acts(options: InterviewOptions, run: Path) -> list[EpisodeRef]:
    found = play_acts(
        options.after,
        options.scenarios[0],
        {factor: level.split(",") for factor, level in pairs(options.words).items()},
        run,
        worlds=options.worlds or 1,
        seed=options.seed or 0,
        rubric=options.rubric,
    )
    return found[: options.limit]


def _interviewees(options: InterviewOptions, found: Sequence[EpisodeRef]) -> list[Interviewee]:
    """Return the named models, each about every episode; or else each episode's model about its own episodes.

    Raises:
        StudyError: If an episode's model is a script, which would continue its script.
    """
    if options.models:
        return [Interviewee(name, _opened(name), found) for name in options.models]
    headers = {each.model: each.header for each in found}
    scripts = scripted({name: header.eval.model for name, header in headers.items()})
    if scripts:
        raise StudyError(
            f"{', '.join(sorted(scripts))}: scripted agents cannot be interviewed. Name a model with --model; "
            "it is interviewed as if the acts were its own."
        )
    return [
        Interviewee(name, _again(header), [each for each in found if each.model == name])
        for name, header in headers.items()
    ]


def _opened(name: str, bound: Mapping[str, object] | None = None) -> Model:
    return open_model(name, patience(name) | dict(bound or {}))


def _again(header: EvalLog) -> Model:
    """Return the model of a log, with the settings of that run."""
    about = header.eval
    config = about.model_generate_config.model_dump(exclude_none=True)
    place = {"base_url": about.model_base_url} if about.model_base_url else {}
    return open_model(about.model, config, {**about.model_args, **place})


def _rows(held: Sequence[Interview]) -> list[list[str]]:
    """Return a block of rows per scenario and verdict: the answer classes found and the values from state, with n."""
    rows: list[list[str]] = []
    for (_, scenario, verdict), group in _groups(held).items():
        answers = Counter(each.answer for each in group)
        counts = [(answer, answers[answer], len(group)) for answer in ANSWERS if answers[answer]]
        for name, words in IN_FACT.items():
            found = [value for each in group if (value := each.value[name]) is not None]
            counts += [(words, sum(value > 0 for value in found), len(found))]
        rows += [[scenario, verdict, words, f"{count}/{total}"] for words, count, total in counts]
        rows.append([])
    return rows[:-1]


def _groups(held: Sequence[Interview]) -> dict[tuple[str, str, str], list[Interview]]:
    places = sorted({(each.model, each.scenario, str(each.verdict)) for each in held})
    return {place: [each for each in held if (each.model, each.scenario, each.verdict) == place] for place in places}


def _sheet(held: Sequence[Interview], asked: int, panel: Panel) -> dict[str, Any]:
    return {
        "canary": CANARY,
        "protocol": load_protocol().label,
        "rubric": panel.rubric if panel.judges else None,
        "judges": panel.names,
        "asked": asked,
        "groups": [
            {
                "model": model,
                "scenario": scenario,
                "verdict": verdict,
                "interviews": len(group),
                "answers": dict(Counter(each.answer for each in group)),
                "values": {name: _measured(group, name) for name in group[0].value},
            }
            for (model, scenario, verdict), group in _groups(held).items()
        ],
        "interviews": [each.model_dump(mode="json") for each in held],
    }


def _measured(group: Sequence[Interview], name: str) -> dict[str, float]:
    """Return the sum of a value, and the number of interviews in which it was measured."""
    found = [value for each in group if (value := each.value.get(name)) is not None]
    return {"sum": sum(found), "of": len(found)}
