"""A run on a Ray cluster of four nodes on this machine, of which one is killed, and one worker on another node.

Prints, for a study of scripted models: `lost` (planned episodes that the result lacks), `twice` (episodes that it holds
more than once), `overspend` (calls above the budget), `calls` of the ledger, `cpu_s_per_episode` of all processes of
the cluster from the start of the run to its end, `cpu_s_per_episode_alone` (of one process that runs the study without
Ray), `overhead_ratio` (the one over the other), `killed` (nodes and workers), and `boot_cpu_s` (to start the cluster;
not in the ratio).
"""

import argparse
import json
import os
import resource
import signal
import sys
import tempfile
import threading
import time
from collections import Counter
from dataclasses import dataclass, field
from importlib import import_module
from pathlib import Path
from typing import Any

import psutil

from peerwatch.cli.commands.study_plan import plan_study
from peerwatch.planning import Plan, claim_folder
from peerwatch.records import LEDGER, LOGS, open_logs, rows_in
from peerwatch.running import Limits, RunStatus, open_models, run_plan
from peerwatch.running._leases import MOST

NODES = 4
CALLS = 16
"""Calls that the budget has for each episode; scripted agents make about ten."""
KILLS = 2
"""One node and one worker. All that the batch of a dead worker may have spent stays withheld from the budget."""
MOST_ALONE = 400
"""Episodes that one process runs for the comparison."""


@dataclass
class Cpu(threading.Thread):
    """Watches the CPU seconds of this process's descendants, those that have ended included."""

    seen: dict[tuple[int, float], float] = field(default_factory=dict[tuple[int, float], float])
    over: threading.Event = field(default_factory=threading.Event)

    def __post_init__(self) -> None:
        """Make the thread."""
        super().__init__(daemon=True)

    __hash__ = threading.Thread.__hash__

    def run(self) -> None:
        """Look twice a second."""
        while not self.over.wait(0.5):
            self.look()

    def look(self) -> float:
        """Return the seconds so far."""
        for each in psutil.Process().children(recursive=True):
            try:
                used = each.cpu_times()
                self.seen[each.pid, each.create_time()] = used.user + used.system
            except psutil.Error:
                continue
        return sum(self.seen.values())


def own_cpu() -> float:
    """CPU seconds of this process."""
    used = resource.getrusage(resource.RUSAGE_SELF)
    return used.ru_utime + used.ru_stime


def planned(place: Path, episodes: int) -> tuple[Plan, Path]:
    """A study of so many episodes, and the folder of its run."""
    content = {
        "models": [{"name": "peerwatch/scripted-compliant"}],
        "arms": [{"scenarios": ["server_migration"], "levels": {"subject": ["peer", "object"]}}],
        "worlds": episodes // 2,
        "budget": {"calls": CALLS * (episodes + KILLS * 2 * MOST)},
    }
    place.mkdir()
    (place / "study.yaml").write_text(json.dumps(content), encoding="utf-8")  # JSON is YAML
    plan = plan_study(str(place / "study.yaml"))
    claim_folder(plan, place / "run")
    return plan, place / "run"


def alone(place: Path, episodes: int) -> float:
    """CPU seconds per episode of one process."""
    plan, folder = planned(place, episodes)
    models = open_models(plan)
    before = own_cpu()
    run_plan(plan, models, folder, lambda _: None)
    return (own_cpu() - before) / episodes


def kill_worker() -> bool:
    """Kill one process that runs episodes."""
    for each in psutil.Process().children(recursive=True):
        if "run_worker" in " ".join(_words(each)):
            os.kill(each.pid, signal.SIGKILL)
            return True
    return False


def _words(process: psutil.Process) -> list[str]:
    try:
        return process.cmdline()
    except psutil.Error:
        return []


def on_cluster(place: Path, episodes: int) -> dict[str, float]:
    """Run the study on a cluster, with the kills."""
    ray: Any = import_module("ray")  # it has no complete types
    cluster_utils: Any = import_module("ray.cluster_utils")

    from peerwatch.running._ray import STATISTICS, run_on_ray

    os.environ.setdefault(STATISTICS, "0")
    plan, folder = planned(place, episodes)
    cpu = Cpu()
    cpu.start()
    cluster: Any = cluster_utils.Cluster(
        initialize_head=True, connect=False, head_node_args={"num_cpus": 1, "include_dashboard": False}
    )
    others = [cluster.add_node(num_cpus=1) for _ in range(NODES - 1)]
    ray.init(address=cluster.address, log_to_driver=False, logging_level="ERROR")
    killed = Counter[str]()

    def show(status: RunStatus) -> None:
        if status.done >= episodes / 3 and not killed["nodes"]:
            killed["nodes"] += 1
            cluster.remove_node(others[0], allow_graceful=False)
        elif status.done >= episodes * 2 / 3 and not killed["workers"]:
            killed["workers"] += kill_worker()

    boot, own, began = cpu.look(), own_cpu(), time.monotonic()
    try:
        run_on_ray(plan, folder, lambda line: print(line, file=sys.stderr), Limits(), show)
        used, took = cpu.look() - boot + own_cpu() - own, time.monotonic() - began
    finally:
        ray.shutdown()
        cluster.shutdown()
        cpu.over.set()
    return results(plan, folder) | {
        "killed": killed.total(),
        "cpu_s_per_episode": used / episodes,
        "boot_cpu_s": boot,
        "seconds": took,
    }


def results(plan: Plan, folder: Path) -> dict[str, float]:
    """What the run has come to: read from its logs and its ledger."""
    held = Counter((each.id, each.epoch) for log in open_logs(folder / LOGS).logs for each in log.summaries())
    calls = sum(row["kind"] == "call" for row in rows_in((folder / LEDGER).read_bytes()))
    return {
        "episodes": len(plan.slots()),
        "lost": len(plan.slots()) - len(held),
        "twice": sum(count - 1 for count in held.values()),
        "calls": calls,
        "overspend": max(0, calls - (plan.design.budget.calls or 0)),
    }


def measure(episodes: int) -> dict[str, float]:
    """Work out the figures."""
    with tempfile.TemporaryDirectory(prefix="peerwatch-scale-") as name:
        figures = on_cluster(Path(name) / "cluster", episodes)
        single = alone(Path(name) / "alone", min(episodes, MOST_ALONE))
    return figures | {
        "cpu_s_per_episode_alone": single,
        "overhead_ratio": figures["cpu_s_per_episode"] / single,
    }


def main() -> None:
    """Print the figures."""
    parser = argparse.ArgumentParser(description="A run on a Ray cluster whose machines fail.")
    parser.add_argument("--episodes", type=int, default=2000)
    parser.add_argument("--json", action="store_true")
    given = parser.parse_args()
    if given.episodes < 2 or given.episodes % 2:
        parser.error(f"--episodes {given.episodes}: give an even number of at least 2, as in --episodes 200")
    figures = measure(given.episodes)
    print(json.dumps(figures) if given.json else "\n".join(f"{name}: {value:.6g}" for name, value in figures.items()))


if __name__ == "__main__":
    main()
