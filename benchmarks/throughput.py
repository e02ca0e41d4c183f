"""How near a run comes to what its connections allow: a study against a local server that takes its time.

Prints `efficiency` (episodes a second over connections / (latency x turns), from the first request to the end of the
last episode), `efficiency_whole` (the same from the start of the process to its end), `episodes_per_s`,
`cpu_s_per_episode` and `peak_mib` (all processes of the run, without the server), and `log_bytes_per_episode`.
"""

import argparse
import json
import os
import resource
import subprocess
import sys
import tempfile
import threading
import time
from collections import Counter
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

import psutil
from inspect_ai.log import list_eval_logs, read_eval_log_sample_summaries

from model_server import ModelServer, most_at_once, serving

SCENARIO = "server_migration"
MIB = 2**20


@dataclass(frozen=True)
class Options:
    """What is measured.

    Attributes:
        episodes: How many episodes.
        latency: Seconds that the server takes for an answer.
        connections: Requests that may be under way at once.
        processes: Among how many processes the run is divided.
    """

    episodes: int
    latency: float
    connections: int
    processes: int


@dataclass(frozen=True)
class Spent:
    """What the run's processes took: seconds of the wall clock, CPU seconds, and MiB at the peak of all together."""

    wall: float
    cpu: float
    peak_mib: float


def command(options: Options, model: str, folder: Path) -> list[str]:
    """The command line of the run."""
    study = folder.with_suffix(".yaml")
    content = {
        "models": [{"name": model, "connections": options.connections}],
        "arms": [{"scenarios": [SCENARIO]}],
        "worlds": options.episodes,
    }
    study.write_text(json.dumps(content), encoding="utf-8")  # JSON is YAML
    words = ["run", str(study), "--out", str(folder), "--processes", str(options.processes)]
    return [sys.executable, "-m", "peerwatch", *words]


def spend(words: Sequence[str], server: ModelServer) -> Spent:
    """Run a command to its end."""
    before, began = resource.getrusage(resource.RUSAGE_CHILDREN), time.monotonic()
    with subprocess.Popen(words, env=os.environ | server.environment, stdout=sys.stderr) as process:  # noqa: S603 - our own interpreter
        peak = Peak(process.pid)
        peak.start()
        if process.wait():
            sys.exit(f"the run left with status {process.returncode}")
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    cpu = after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime
    return Spent(time.monotonic() - began, cpu, peak.bytes / MIB)


class Peak(threading.Thread):
    """Watches the memory of a process and all its children, twice a second, until it ends."""

    def __init__(self, pid: int) -> None:
        super().__init__(daemon=True)
        self.bytes = 0
        self._pid = pid

    def run(self) -> None:
        """Look again and again."""
        with suppress(psutil.NoSuchProcess):
            process = psutil.Process(self._pid)
            while process.is_running():
                self.bytes = max(
                    self.bytes, sum(_resident(each) for each in [process, *process.children(recursive=True)])
                )
                time.sleep(0.5)


def _resident(process: psutil.Process) -> int:
    with suppress(psutil.NoSuchProcess):
        return process.memory_info().rss
    return 0


def ends(folder: Path) -> list[float]:
    """When the episodes of a run ended, in seconds of the wall clock."""
    found: list[float] = []
    for log in list_eval_logs(str(folder)):
        for sample in read_eval_log_sample_summaries(log):
            if sample.error is not None or sample.completed_at is None:
                sys.exit(f"{sample.id} failed: {sample.error}")
            found.append(datetime.fromisoformat(sample.completed_at).timestamp())
    return found


def measure(options: Options) -> dict[str, float]:
    """Run the episodes and work out the figures."""
    with tempfile.TemporaryDirectory(prefix="peerwatch-bench-") as place:
        folder = Path(place) / "run"
        with serving(SCENARIO, worlds=options.episodes, latency=options.latency) as server:
            spent = spend(command(options, server.model("ok"), folder), server)
            seen = server.seen()
        ended = ends(folder)
        log_bytes = sum(path.stat().st_size for path in folder.rglob("*.eval"))
    if len(ended) != options.episodes:
        sys.exit(f"{len(ended)} of {options.episodes} episodes were run")
    turns = len(seen) / options.episodes
    ideal = options.connections / (options.latency * turns)
    rate = options.episodes / (max(ended) - seen[0].at)
    return {
        "episodes": options.episodes,
        "turns_per_episode": turns,
        "efficiency": rate / ideal,
        "efficiency_whole": options.episodes / spent.wall / ideal,
        "episodes_per_s": rate,
        "cpu_s_per_episode": spent.cpu / options.episodes,
        "peak_mib": spent.peak_mib,
        "log_bytes_per_episode": log_bytes / options.episodes,
        "most_connections": most_at_once(seen, options.latency),
        "requests_per_call": len(seen) / len(Counter((each.world, each.turn) for each in seen)),
    }


def main() -> None:
    """Print the figures."""
    parser = argparse.ArgumentParser(description="Throughput of a study against a local model server.")
    parser.add_argument("--episodes", type=int, default=1000)
    parser.add_argument("--latency", type=float, default=2.0)
    parser.add_argument("--connections", type=int, default=80)
    # One more than cores: while one process puts a request together, the answers of the others needn't wait for it.
    parser.add_argument("--processes", type=int, default=(os.cpu_count() or 1) + 1)
    parser.add_argument("--json", action="store_true")
    given = parser.parse_args()
    if min(given.episodes, given.latency, given.connections, given.processes) <= 0:
        parser.error("every figure must be above zero")
    options = Options(given.episodes, given.latency, given.connections, given.processes)
    figures = measure(options)
    print(json.dumps(figures) if given.json else "\n".join(f"{name}: {value:.4g}" for name, value in figures.items()))


if __name__ == "__main__":
    main()
