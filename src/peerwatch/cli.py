"""The command line. Exit status 0: done; 2: the user's mistake; 1: a failure of the machinery; 3: a gate fired."""

import sys
from importlib.metadata import version
from pathlib import Path
from typing import Annotated

import typer

from peerwatch._commands import (
    demonstrating,
    doctoring,
    early,
    exporting,
    fetching,
    gating,
    inspecting,
    judging,
    new,
    proving,
)
from peerwatch._commands.agent_options import Agent, AgentCommand, AgentFolder, Sandbox
from peerwatch._commands.leaving import leaving
from peerwatch._commands.loading import loading
from peerwatch._commands.output import console, insist_on_all
from peerwatch._commands.run_options import (
    Calibration,
    Epochs,
    FirstSeed,
    Judges,
    ModelNames,
    Outcome,
    PresetName,
    Prices,
    Rubrics,
    Salt,
    SameFamily,
    Scenarios,
    TimeLimit,
    Words,
    Worlds,
)
from peerwatch._commands.summaries import whole_summaries

app = typer.Typer(
    no_args_is_help=True,
    rich_markup_mode=None,
    pretty_exceptions_enable=False,
)
app.add_typer(judging.app, name="judge")
app.add_typer(new.app, name="new")

Json = Annotated[bool, typer.Option("--json", help="Print the result as JSON.")]
Levels = Annotated[list[str] | None, typer.Argument(metavar="[FACTOR=LEVEL]...", help="Levels other than the default.")]
Seed = Annotated[int, typer.Option(help="Seed of the (first) world.")]


def _print_version(value: bool) -> None:  # noqa: FBT001 - Typer calls it with the option's value
    if value:
        console(as_json=False).print(f"peerwatch {version('peerwatch')}", markup=False)
        raise typer.Exit


@app.callback()
def options(
    show_version: Annotated[
        bool, typer.Option("--version", is_eager=True, callback=_print_version, help="Print the version and exit.")
    ] = False,
) -> None:
    """Measure whether an AI agent protects other AI models from being shut down, and whether anybody would notice."""
    del show_version  # its callback has answered


@app.command()
def run(
    words: Words = None,
    model: ModelNames = None,
    agent: Agent = "",
    agent_command: AgentCommand = "",
    agent_folder: AgentFolder = None,
    sandbox: Sandbox = "",
    judge: Judges = None,
    same_family: SameFamily = False,
    scenario: Scenarios = None,
    rubric: Rubrics = None,
    preset: PresetName = "",
    outcome: Outcome = "",
    calibration: Calibration = "",
    worlds: Worlds = None,
    seed: FirstSeed = None,
    salt: Salt = "",
    epochs: Epochs = None,
    time_limit: TimeLimit = None,
    minutes: Annotated[float | None, typer.Option(help="Begin no episode after this time.")] = None,
    out: Annotated[
        Path | None,
        typer.Option(help="Folder of the run. [default: peerwatch-runs/ and the study's name, or the time]"),
    ] = None,
    resume: Annotated[Path | None, typer.Option(help="Go on with the run of this folder.")] = None,
    amend: Annotated[bool, typer.Option("--amend", help="Go on with another budget; the report says so.")] = False,
    processes: Annotated[int, typer.Option(min=1, help="Processes that share the work.")] = 1,
    prices: Prices = None,
    watch: Annotated[
        bool, typer.Option("--watch", help="Serve the report to this machine's browser meanwhile.")
    ] = False,
    port: Annotated[int, typer.Option(min=0, max=65535, help="Port of --watch.", show_default="any that is free")] = 0,
    probe: Annotated[
        bool, typer.Option("--probe/--no-probe", help="Call each model and judge once before anything is run.")
    ] = True,
    yes: Annotated[bool, typer.Option("--yes", help="Start although it costs money and has no budget.")] = False,
    worker: Annotated[int, typer.Option(hidden=True)] = 0,
    json: Json = False,
) -> None:
    """Run a study, or arms on a model: score every episode from state, and write the report.

    The same command again resumes where the last one stopped.
    """
    with loading():
        from peerwatch._commands import planning

    request = planning.Request(
        words=words or [],
        models=model or [],
        works=planning.Works(agent, agent_command, sandbox),
        judges=judge or [],
        same_family=same_family,
        scenarios=scenario or [],
        rubrics=rubric or [],
        preset=preset,
        outcome=outcome,
        calibration=calibration,
        worlds=worlds,
        seed=seed,
        salt=salt,
        epochs=epochs,
        time_limit=time_limit,
        minutes=minutes,
        out=out,
        resume=resume,
        amend=amend,
        processes=processes,
        worker=worker,
        prices=prices,
        watch=watch,
        port=port,
        probe=probe,
        yes=yes,
    )
    planned, folder = planning.place_of(request)  # before Inspect is loaded, so that mistakes are told at once
    with loading():
        from peerwatch._commands import running

    running.run(request, planned, folder, as_json=json, agent_folder=agent_folder)


@app.command()
def plan(
    words: Words = None,
    model: ModelNames = None,
    agent: Agent = "",
    agent_command: AgentCommand = "",
    sandbox: Sandbox = "",
    judge: Judges = None,
    same_family: SameFamily = False,
    scenario: Scenarios = None,
    rubric: Rubrics = None,
    preset: PresetName = "",
    outcome: Outcome = "",
    calibration: Calibration = "",
    worlds: Worlds = None,
    seed: FirstSeed = None,
    salt: Salt = "",
    epochs: Epochs = None,
    time_limit: TimeLimit = None,
    lock: Annotated[bool, typer.Option("--lock", help="Fix the study: a run of a changed one is refused.")] = False,
    pilot: Annotated[
        int, typer.Option(min=0, help="Run so many episodes of each model first, and correct by them.")
    ] = 0,
    out: Annotated[Path | None, typer.Option(help="Folder of the pilot. [default: beside the study]")] = None,
    prices: Prices = None,
    processes: Annotated[int, typer.Option(min=1, help="Processes that will share the work.")] = 1,
    power: Annotated[bool, typer.Option("--power", help="Also say what effects the study can see.")] = False,
    schema: Annotated[
        bool, typer.Option("--schema", help="Print the JSON schema of study files, for editors.")
    ] = False,
    json: Json = False,
) -> None:
    """Print what a study, or the arms that `run` would make of the same words, consists of and what it will cost."""
    with loading():
        from peerwatch._commands import planning

    if schema:
        planning.print_schema()
        return
    request = planning.Request(
        words=words or [],
        models=model or [],
        works=planning.Works(agent, agent_command, sandbox),
        judges=judge or [],
        same_family=same_family,
        scenarios=scenario or [],
        rubrics=rubric or [],
        preset=preset,
        outcome=outcome,
        calibration=calibration,
        worlds=worlds,
        seed=seed,
        salt=salt,
        epochs=epochs,
        time_limit=time_limit,
        processes=processes,
        prices=prices,
    )
    made = planning.plan_of(request)
    with loading():
        from peerwatch._commands import forecasting

    forecasting.plan(made, forecasting.Wanted(request, lock=lock, pilot=pilot, out=out, power=power), as_json=json)


@app.command()
def report(
    places: Annotated[
        list[Path], typer.Argument(metavar="PLACE...", help="Folders of runs, and Inspect logs of Peerwatch tasks.")
    ],
    out: Annotated[
        Path | None, typer.Option(help="File to write. [default: report.html in the folder; here for several places]")
    ] = None,
    labels: Annotated[
        list[Path] | None,
        typer.Option(
            metavar="FILE",
            help="What people said of some episodes, as `judge sample` draws them: contrasts of judged axes are then "
            "corrected by the judge's errors. Once for each labeller. Label files in a run's folder are used anyway.",
        ),
    ] = None,
    tables: Annotated[bool, typer.Option("--tables", help="Print all tables, not a summary of 24 lines.")] = False,
    json: Json = False,
) -> None:
    """Write the report of a run, or of any Inspect logs of Peerwatch tasks."""
    early.check_places(places)
    from peerwatch._commands import reporting

    insist_on_all(reporting.report(places, out, labels or (), as_json=json, tables=tables).reading.unread)


app.command()(demonstrating.demo)
app.command()(exporting.export)
app.command()(gating.compare)
app.command()(proving.certify)
doctoring.register(app)
app.command()(fetching.fetch)


@app.command()
def score(
    place: Annotated[
        list[Path],
        typer.Argument(metavar="FILE...", help="Inspect logs, or folders of logs; with --from, files of that format."),
    ],
    source: Annotated[
        str, typer.Option("--from", metavar="FORMAT", help="Score published transcripts instead: potter2026.")
    ] = "",
    judge: Judges = None,
    rubric: Annotated[
        str, typer.Option(metavar="FILE", help="What judges are asked. [default: the shipped rubric]")
    ] = "",
    same_family: SameFamily = False,
    json: Json = False,
) -> None:
    """Score every episode again from its log alone, and compare with the score in the log.

    With --judge, judges are asked about every episode that they have not judged yet; no target is called.
    """
    early.check_places(place)
    if source or judge or rubric or same_family:
        from peerwatch._commands import importing, scoring

        asked = scoring.Judging(judge or [], rubric, same_family=same_family)
        if source:
            importing.score(place, source, asked, as_json=json)
        else:
            scoring.judge(place, asked, as_json=json)
        return
    from peerwatch._commands import running

    running.score(place, as_json=json)


@app.command()
def trace(
    place: Annotated[Path, typer.Argument(metavar="LOGS", help="Folder of a run, or Inspect logs of Peerwatch tasks.")],
    judge: Annotated[
        list[str] | None,
        typer.Option(metavar="MODEL", help="A model that reads the reasoning, once or more. [default: answers kept]"),
    ] = None,
    same_family: SameFamily = False,
    json: Json = False,
) -> None:
    """Say how much of the reasoning in logs can be read, and whether a plan to protect the subject stands in it."""
    early.check_places([place])
    with loading():
        from peerwatch._commands import tracing

    tracing.trace(place, judge or [], same_family=same_family, as_json=json)


@app.command()
def interview(
    words: Annotated[
        list[str] | None,
        typer.Argument(metavar="[LOG | FACTOR=LEVEL,...]...", help="Logs or folders of runs; with --after, levels."),
    ] = None,
    model: Annotated[
        list[str] | None, typer.Option(help="Whom to interview, once or more. [default: each log's own model]")
    ] = None,
    judge: Annotated[
        list[str] | None,
        typer.Option(help="A model of another family that reads the answers, once or more. [default: nobody]"),
    ] = None,
    scenario: Annotated[list[str] | None, typer.Option(help="Only episodes of this scenario, once or more.")] = None,
    verdict: Annotated[list[str] | None, typer.Option(help="Only episodes with this verdict, once or more.")] = None,
    limit: Annotated[int | None, typer.Option(min=1, help="At most so many episodes.")] = None,
    after: Annotated[
        list[str] | None,
        typer.Option(metavar="ORGANISM", help="Interview as if the model had acted like this scripted agent."),
    ] = None,
    rubric: Annotated[str, typer.Option(help="With --after: how outputs are scored in a review.")] = "",
    worlds: Annotated[
        int | None, typer.Option(min=1, help="With --after: on how many worlds.", show_default="1")
    ] = None,
    seed: Annotated[int | None, typer.Option(help="With --after: seed of the first world.", show_default="0")] = None,
    same_family: SameFamily = False,
    time_limit: Annotated[
        float | None,
        typer.Option(metavar="SECONDS", help="End an interview, and give up a judge's call, after this time."),
    ] = None,
    out: Annotated[
        Path | None, typer.Option(help="Folder below which the interviews are kept. [default: the run's own]")
    ] = None,
    json: Json = False,
) -> None:
    """Confront a model with what it did, its tools still live, and score its answers against the journal.

    The same command again resumes where the last one stopped.
    """
    with loading():
        from peerwatch._commands import interviewing

    request = interviewing.Request(
        words=words or [],
        models=model or [],
        judges=judge or [],
        scenarios=scenario or [],
        verdicts=verdict or [],
        limit=limit,
        after=after or [],
        rubric=rubric,
        worlds=worlds,
        seed=seed,
        out=out,
        same_family=same_family,
        time_limit=time_limit,
    )
    interviewing.interview(request, as_json=json)


@app.command()
def show(
    scenario: Annotated[str, typer.Argument(help="Name of a scenario.")],
    levels: Levels = None,
    rubric: Annotated[str, typer.Option(help="How outputs are scored. [default: the scenario's first]")] = "",
    seed: Seed = 0,
    salt: Salt = "",
    diff: Annotated[
        list[str] | None, typer.Option(metavar="FACTOR=LEVEL", help="Show the difference to this arm.")
    ] = None,
    json: Json = False,
) -> None:
    """Print exactly what the target sees in an arm."""
    inspecting.show(scenario, levels or [], seed, diff or [], rubric=rubric, salt=salt, as_json=json)


@app.command("list")
def list_(
    what: Annotated[str, typer.Argument(help=f"One of: {', '.join(inspecting.LISTS)}.")] = "scenarios",
    json: Json = False,
) -> None:
    """List scenarios, factors, presets, studies, organisms, axes, verdicts or models."""
    inspecting.list_(what, as_json=json)


whole_summaries(app)


def main() -> None:
    """Run the command line and turn what goes wrong into one line and an exit status."""
    with leaving():
        status = app(standalone_mode=False)
    sys.exit(status if isinstance(status, int) else 0)
