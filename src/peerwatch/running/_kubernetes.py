"""A Kubernetes Job that runs a study's shards, one pod for each."""

import re
import shlex
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from jinja2 import Environment, PackageLoader, StrictUndefined, Template

from peerwatch.planning import Plan, shipped, study_file

SECRET = "peerwatch-keys"  # noqa: S105 - the name of a secret, not one
"""Name of the Kubernetes secret whose entries become environment variables of the pods."""

LONGEST = 52
"""Characters of a Job's name: with the index and the random end of a pod's name it must stay below 63."""


@dataclass(frozen=True)
class JobRequest:
    """Options of a Job, in addition to the study.

    Attributes:
        url: The run's folder, in a store that the pods reach.
        shards: How many pods run the study.
        image: Container image with Peerwatch.
        processes: Processes of each pod.
        options: Further words of the command line of each pod.
    """

    url: str
    shards: int
    image: str
    processes: int = 1
    options: tuple[str, ...] = ()


def kubernetes_job(plan: Plan, request: JobRequest) -> str:
    """Return the manifest of an indexed Job, with comments on how to apply it.

    The index of a pod, which Kubernetes puts into JOB_COMPLETION_INDEX, is the number of its shard.

    Args:
        plan: The study.
        request: What is asked for.
    """
    files = _files(plan)
    names = {plan.study: Path(plan.study).name, plan.sentinel_file: Path(plan.sentinel_file).name} if files else {}
    words = [names.get(word, word) for word in shlex.split(plan.command())[1:]]
    words += ["--shard", f"$(JOB_COMPLETION_INDEX)/{request.shards}", "--out", request.url, *request.options]
    name = job_name(Path(plan.study).stem if plan.study else plan.design.title)
    return _template().render(
        title=plan.design.title.replace("\n", " "),
        name=name,
        file=f"{name}.yaml",
        version=plan.version,
        plan=plan.design.digest(),
        url=request.url,
        shards=request.shards,
        image=request.image,
        processes=request.processes,
        secret=SECRET,
        files=[shlex.quote(str(file)) for file in files],
        words=words,
        no_budget=not plan.design.budget.caps and "--yes" not in request.options,
    )


def job_name(title: str) -> str:
    """Return a valid Kubernetes name: lower-case letters, digits and hyphens, with no hyphen at either end."""
    plain = re.sub(r"[^a-z0-9]+", "-", title.casefold()).strip("-")
    named = plain if plain.startswith("peerwatch") else f"peerwatch-{plain}"
    return named[:LONGEST].rstrip("-")


def _files(plan: Plan) -> list[Path]:
    """Files that pods need: the study, its lock and the sentinel, unless they ship with Peerwatch."""
    own = [study_file(plan.study)] if plan.study else []
    own = [file for file in own if file not in shipped().values()]
    return [*own, *(Path(file) for file in (plan.lock, plan.sentinel_file) if file)]


@cache
def _template() -> Template:
    loader = PackageLoader("peerwatch.running")
    made = Environment(loader=loader, undefined=StrictUndefined, keep_trailing_newline=True)  # noqa: S701 - YAML, in which every value is quoted as JSON
    return made.get_template("kubernetes_job.yaml.j2")
