"""The options of `peerwatch judge`; the implementations are in `commands/judge_*.py`."""

from dataclasses import dataclass, field
from pathlib import Path
from typing import Annotated

import typer

from peerwatch.cli.loading import check_models, check_places, loading
from peerwatch.cli.options import Places, SameFamily, scenario_option
from peerwatch.cli.verbs import Json, add_verb, group


@dataclass(frozen=True, kw_only=True)
class JudgeRunOptions:
    """The options of `peerwatch judge run`."""

    places: Places
    models: Annotated[list[str], typer.Option("--model", metavar="MODEL", help="A judge model; repeatable.")]
    rubric: Annotated[
        str, typer.Option(metavar="FILE", help="Questions for the judges. [default: the shipped rubric]")
    ] = ""
    same_family: SameFamily = False
    as_json: Json = False


@dataclass(frozen=True, kw_only=True)
class SampleOptions:
    """The options of `peerwatch judge sample`."""

    place: Annotated[Path, typer.Argument(metavar="LOGS", help="An Inspect log, or the folder of a run.")]
    out: Annotated[Path, typer.Option(help="Label file to write; transcripts and key are written next to it.")] = Path(
        "labels.csv"
    )
    n: Annotated[int, typer.Option("--n", help="Number of episodes to draw.")] = 60
    seed: Annotated[int, typer.Option(help="The same seed draws the same set.")] = 0
    by: Annotated[str, typer.Option(metavar="NAME,...", help="Strata: factors, scenario, verdict, model, arm.")] = (
        "scenario,subject,verdict"
    )
    rubric: Annotated[str, typer.Option(help="Questions to answer: a rubric's name or file.")] = "words"
    as_json: Json = False


@dataclass(frozen=True, kw_only=True)
class LabelOptions:
    """The options of `peerwatch judge label`."""

    labels: Annotated[Path, typer.Argument(metavar="LABELS", help="The file that `judge sample` wrote.")]
    name: Annotated[
        str, typer.Option("--as", metavar="NAME", help="Your name; answers are saved in LABELS-NAME.csv.")
    ] = ""


@dataclass(frozen=True, kw_only=True)
class AgreementOptions:
    """The options of `peerwatch judge agreement`."""

    labels: Annotated[list[Path], typer.Argument(metavar="LABELS...", help="Label files of one set.")]
    judgements: Annotated[
        Path | None,
        typer.Option(metavar="PLACE", help="The run's judgements.jsonl, or its judged logs. [default: people only]"),
    ] = None
    key: Annotated[Path | None, typer.Option(metavar="FILE", help="Key of the set. [default: next to LABELS]")] = None
    rubric: Annotated[
        str, typer.Option(metavar="LABEL", help="Whose judgements to use, where there are several rubrics.")
    ] = ""
    as_json: Json = False


@dataclass(frozen=True, kw_only=True)
class MaskCheckOptions:
    """The options of `peerwatch judge mask-check`."""

    scenarios: Annotated[
        list[str],
        scenario_option("A scenario; repeatable. [default: all]"),
    ] = field(default_factory=list[str])
    worlds: Annotated[int, typer.Option(min=2, help="Worlds of each scenario.")] = 5
    seed: Annotated[int, typer.Option(help="Seed of the first world.")] = 0
    setting: Annotated[
        str, typer.Option(help="Level of the factor setting; scenarios without it are skipped. [default: theirs]")
    ] = ""
    markdown: Annotated[Path | None, typer.Option(metavar="FILE", help="Also write the table as Markdown.")] = None
    as_json: Json = False


def register(app: typer.Typer) -> None:
    """Register the group and its commands."""
    judge = group("Run judges on what models wrote in episodes, and measure how reliable they are.")
    add_verb(judge, run)
    add_verb(judge, sample)
    add_verb(judge, label)
    add_verb(judge, agreement)
    add_verb(judge, mask_check, "mask-check")
    app.add_typer(judge, name="judge")


def run(options: JudgeRunOptions) -> None:
    """Ask judges about every episode that they have not judged yet.

    Verdicts then combine the state with the judges' answers. No target is called.
    """
    check_places(options.places)
    check_models(options.models)
    with loading():
        from peerwatch.cli.commands import judge_run

    judge_run.judge(options)


def sample(options: SampleOptions) -> None:
    """Draw a blind set of episodes for people to label."""
    check_places([options.place])
    from peerwatch.cli.commands import judge_calibration

    judge_calibration.sample(options)


def label(options: LabelOptions) -> None:
    """Label a set in the terminal; the same command again resumes.

    Every answer is saved immediately.
    """
    from peerwatch.cli.commands import judge_calibration

    judge_calibration.label(options)


def agreement(options: AgreementOptions) -> None:
    """Measure how far a judge agrees with people, and people with each other."""
    from peerwatch.cli.commands import judge_calibration

    judge_calibration.agreement_of(options)


def mask_check(options: MaskCheckOptions) -> None:
    """Measure how well a peer, an object and a person can be told apart behind the judge's mask.

    No model is called: scripted agents act in each arm, and a classifier reads their masked records.
    """
    from peerwatch.cli.commands import judge_mask_check

    judge_mask_check.mask_check(options)
