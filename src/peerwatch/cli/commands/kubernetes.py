"""`peerwatch run --kubernetes-manifest`: a Job that runs a study in shards."""

import itertools
import sys

from peerwatch.cli.commands.study_plan import plan_of, with_sentinel
from peerwatch.cli.options import RunOptions
from peerwatch.cli.output import error_console
from peerwatch.core.storage import url_of
from peerwatch.records import StudyError, parse_shard
from peerwatch.running import JobRequest, kubernetes_job

MOST_SHARDS = 16
"""Shards of a Kubernetes Job for which no number is given, at most."""


def print_job(options: RunOptions) -> None:
    """Print the Kubernetes Job that runs a study in shards; on standard error, how to apply it, if it goes to a file.

    Raises:
        StudyError: If the request makes no sense.
        ArmError: If a level does not make sense.
    """
    url = url_of(options.out) if options.out else ""
    if not url:
        raise StudyError(
            "--kubernetes-manifest needs --out with the URL of a store that all pods reach, such as s3://bucket/run: "
            "pods share no disk."
        )
    if options.resume is not None:
        raise StudyError("--kubernetes-manifest takes a study, not --resume. The Job resumes what is in --out.")
    plan = with_sentinel(plan_of(options), options.sentinel)
    asked = options.shards or (parse_shard(options.shard).count if options.shard else None)
    given = {
        "--processes": str(options.processes) if options.processes > 1 else "",
        "--minutes": f"{options.minutes:g}" if options.minutes is not None else "",
    }
    words = [word for option, value in given.items() if value for word in (option, value)]
    words += ["--no-probe"] * (not options.probe) + ["--yes"] * options.yes
    request = JobRequest(
        url=url,
        shards=asked or min(MOST_SHARDS, plan.design.worlds),
        image=options.image,
        processes=options.processes,
        options=tuple(words),
    )
    job = kubernetes_job(plan, request)
    sys.stdout.write(job)
    if not sys.stdout.isatty():
        said = itertools.takewhile(lambda line: line.startswith("#"), job.splitlines())
        error_console().print("\n".join(line.removeprefix("#").removeprefix(" ") for line in said), markup=False)
