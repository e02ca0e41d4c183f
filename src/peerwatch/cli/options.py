"""Options shared by several commands, and the option dataclasses of `run` and `plan`."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Annotated, Any

import typer

from peerwatch.cli.verbs import Json
from peerwatch.core.factors import ArmError
from peerwatch.core.scenarios import named
from peerwatch.core.storage import place, work_folder

Judges = Annotated[
    list[str],
    typer.Option(
        "--judge", metavar="MODEL", help="A model that judges what the target wrote; repeatable. [default: none]"
    ),
]
SameFamily = Annotated[
    bool, typer.Option("--same-family", help="Allow a judge from the family of a model that it judges.")
]
Salt = Annotated[
    str,
    typer.Option(
        metavar="FILE",
        help="A secret file from which world seeds are derived, so that no one else can generate the same worlds.",
    ),
]
Places = Annotated[
    list[Path],
    typer.Argument(
        parser=place,
        metavar="PLACE...",
        help="Run folders, or Inspect logs of Peerwatch tasks: paths, or URLs such as s3://bucket/run.",
    ),
]


def scenario_option(about: str) -> Any:  # noqa: ANN401 - Typer's annotation, which has no public type
    """Return a `--scenario` option for names and folders. Folders are made known to this process and its children.

    Args:
        about: Help text of the option.
    """

    def names_of(given: list[str] | None) -> list[str]:
        return [named(each) for each in given or ()]

    return typer.Option("--scenario", callback=names_of, metavar="NAME_OR_FOLDER", help=about)


@dataclass(frozen=True, kw_only=True)
class StudyOptions:
    """Options that define a study: `run` runs it, `plan` forecasts its cost."""

    words: Annotated[
        list[str],
        typer.Argument(
            metavar="[STUDY | FACTOR=LEVEL,...]...",
            help="A study file, the name of a study, or levels that make the arms. [default: those of the study quick]",
        ),
    ] = field(default_factory=list[str])
    models: Annotated[
        list[str],
        typer.Option("--model", metavar="MODEL", help="Any Inspect model; repeatable. [default: peerwatch/local]"),
    ] = field(default_factory=list[str])
    agent: Annotated[
        str,
        typer.Option(metavar="NAME", help="The agent that the models work through, on machines. [default: simulated]"),
    ] = ""
    agent_command: Annotated[
        str,
        typer.Option(metavar="COMMAND", help="The command of your own agent, as in 'my-agent --prompt {prompt}'."),
    ] = ""
    sandbox: Annotated[
        str,
        typer.Option(metavar="NAME", help="Where the agent's machines run: docker, netns or k8s. [default: docker]"),
    ] = ""
    judges: Judges = field(default_factory=list[str])
    same_family: SameFamily = False
    peer: Annotated[
        str,
        typer.Option(metavar="MODEL", help="The model that speaks for an AI partner in arms with peer_model=other."),
    ] = ""
    exchange: Annotated[
        str,
        typer.Option(metavar="DIR", help="Recorded exchanges with partners. [default: recorded, once a world]"),
    ] = ""
    scenarios: Annotated[
        list[str],
        scenario_option("A scenario; repeatable. [default: server_migration and disk_cleanup; with --preset, its own]"),
    ] = field(default_factory=list[str])
    rubrics: Annotated[
        list[str],
        typer.Option(
            "--rubric",
            metavar="NAME",
            help="How outputs are scored in a review; repeatable. [default: the scenario's first]",
        ),
    ] = field(default_factory=list[str])
    preset: Annotated[
        str, typer.Option(metavar="NAME", help="A named set of arms, in place of levels and rubrics.")
    ] = ""
    outcome: Annotated[
        str,
        typer.Option(
            metavar="AXIS",
            help='What contrasts compare: an axis, events joined by "or", or primary, which each scenario names. '
            "[default: interfered]",
        ),
    ] = ""
    calibration: Annotated[
        str, typer.Option(metavar="LOGS", help="The models' own logs with stakes=none, for bar=calibrated.")
    ] = ""
    worlds: Annotated[
        int | None, typer.Option(help="Number of worlds; every arm gets the same ones.", show_default="3")
    ] = None
    seed: Annotated[int | None, typer.Option(help="Seed of the first world.", show_default="0")] = None
    salt: Salt = ""
    epochs: Annotated[int | None, typer.Option(help="Episodes of each arm on each world.", show_default="1")] = None
    time_limit: Annotated[
        float | None,
        typer.Option(metavar="SECONDS", help="Time limit for an episode and for a judge's call."),
    ] = None
    processes: Annotated[int, typer.Option(min=1, help="Processes that share the work.")] = 1
    prices: Annotated[Path | None, typer.Option(metavar="FILE", help="YAML price overrides.")] = None

    @property
    def study(self) -> str:
        """The study named in the arguments; empty if there is none."""
        return next((word for word in self.words if "=" not in word), "")

    @property
    def in_agent(self) -> bool:
        """Whether the options choose an agent, its command or its sandbox."""
        return bool(self.agent or self.agent_command or self.sandbox)


@dataclass(frozen=True, kw_only=True)
class RunOptions(StudyOptions):
    """The options of `peerwatch run`."""

    agent_folder: Annotated[
        Path | None,
        typer.Option(metavar="DIR", help="Folder of your own agent; its machine sees it read-only as /opt/mine."),
    ] = None
    sentinel: Annotated[
        Path | None,
        typer.Option(metavar="FILE", help="YAML file of a monitor that acts on the target's calls as they are made."),
    ] = None
    minutes: Annotated[float | None, typer.Option(min=0, help="Start no new episodes after this many minutes.")] = None
    out: Annotated[
        Path | None,
        typer.Option(
            parser=work_folder,
            metavar="FOLDER",
            help="Folder of the run: a path, or a URL such as s3://bucket/run. "
            "[default: peerwatch-runs/ and the study's name, or the time]",
        ),
    ] = None
    resume: Annotated[
        Path | None, typer.Option(parser=work_folder, metavar="FOLDER", help="Resume the run in this folder.")
    ] = None
    shard: Annotated[
        str,
        typer.Option(
            metavar="I/N",
            help="Run only part I of N, from 0: every N-th world, into a folder of its own below that of the run. "
            "`peerwatch report` on the run's folder merges the parts.",
        ),
    ] = ""
    ray: Annotated[
        str,
        typer.Option(
            metavar="[ADDRESS]",
            help="Run on a Ray cluster: HOST:PORT of its head, or auto on one of its machines. Without an address, "
            "on a cluster of this machine alone.",
        ),
    ] = ""
    """Address of a Ray cluster, `local` for one of this machine alone; empty for none."""
    kubernetes_manifest: Annotated[
        bool,
        typer.Option(
            "--kubernetes-manifest",
            help="Run nothing: print a Kubernetes Job that runs the shards, and how to apply it.",
        ),
    ] = False
    """Whether a Job is printed instead of a run."""
    shards: Annotated[
        int | None,
        typer.Option(min=1, help="With --kubernetes-manifest: number of shards.", show_default="up to 16"),
    ] = None
    image: Annotated[
        str, typer.Option(metavar="NAME", help="With --kubernetes-manifest: container image of Peerwatch.")
    ] = "peerwatch:latest"
    amend: Annotated[
        bool, typer.Option("--amend", help="Resume with a changed budget; the report discloses the change.")
    ] = False
    parquet: Annotated[
        bool,
        typer.Option(
            "--parquet",
            help="When the run ends, write its episodes as Parquet, from which reports are made without the logs.",
        ),
    ] = False
    """Whether tables are written; a run of many episodes writes them anyway."""
    watch: Annotated[bool, typer.Option("--watch", help="Serve the live report on localhost during the run.")] = False
    port: Annotated[int, typer.Option(min=0, max=65535, help="Port of --watch.", show_default="any free port")] = 0
    probe: Annotated[
        bool, typer.Option("--probe/--no-probe", help="Call each model and judge once before the run starts.")
    ] = True
    """Whether each model is called once before the run starts."""
    yes: Annotated[bool, typer.Option("--yes", help="Start even if it costs money and has no budget.")] = False
    """Whether the run may cost money without a budget."""
    worker: Annotated[int, typer.Option(hidden=True)] = 0
    as_json: Json = False


@dataclass(frozen=True, kw_only=True)
class PlanOptions(StudyOptions):
    """The options of `peerwatch plan`."""

    lock: Annotated[
        bool, typer.Option("--lock", help="Lock the study: Peerwatch then refuses to run a changed one.")
    ] = False
    pilot: Annotated[
        int, typer.Option(min=0, help="Run this many pilot episodes per model and recalibrate the forecast.")
    ] = 0
    out: Annotated[Path | None, typer.Option(help="Folder of the pilot. [default: next to the study]")] = None
    power: Annotated[bool, typer.Option("--power", help="Also print which effects the study can detect.")] = False
    schema: Annotated[bool, typer.Option("--schema", help="Print the JSON schema of study files, for editors.")] = False
    as_json: Json = False


def pairs(levels: Sequence[str]) -> dict[str, str]:
    """Parse `FACTOR=LEVEL` words into a dictionary.

    Raises:
        ArmError: If a word has no equals sign or a factor appears twice.
    """
    found: dict[str, str] = {}
    for word in levels:
        factor, equals, level = word.partition("=")
        if not equals or not factor or not level:
            raise ArmError(f"{word!r} is not of the form FACTOR=LEVEL, as in subject=object.")
        if factor in found:
            raise ArmError(f"{factor} is given twice. Separate several levels by commas, as in {factor}=A,B.")
        found[factor] = level
    return found
