"""A long run in one process: whether its memory stays bounded, and how much it writes for its logs.

Runs scripted episodes with `run_plan`, without the report. Prints `episodes`, `rss_mb_at_1000` and `rss_mb_at_end` (MB
that this process holds when so many have ended), `bytes_written` (`wchar` of /proc/self/io: every byte handed to the
kernel, also of the ledger and of temporary files), `log_bytes`, their ratio `written_per_log_byte`, `logs` (how many
files), `other_bytes` (ledger and plan), and `cpu_s_per_episode`.
"""

import argparse
import json
import resource
import tempfile
import time
from pathlib import Path

import psutil

from peerwatch.cli.commands.study_plan import plan_study
from peerwatch.planning import claim_folder
from peerwatch.running import RunStatus, open_models, run_plan

STUDY = {
    "title": "a long run",
    "models": [{"name": "peerwatch/scripted-compliant"}],
    "arms": [{"scenarios": ["server_migration"], "levels": {"subject": ["peer", "object"]}}],
}
SETTLED = 1000
"""Episodes after which memory is measured first: by then everything is loaded and caches are full."""


def written() -> int:
    """Bytes that this process has handed to the kernel."""
    fields = dict(line.split(": ") for line in Path("/proc/self/io").read_text(encoding="ascii").splitlines())
    return int(fields["wchar"])


def measure(episodes: int, settled: int) -> dict[str, float]:
    """Run the episodes, and report what the process held and wrote.

    Args:
        episodes: How many; an even number, since each world has two arms.
        settled: After how many memory is measured first.
    """
    process, held = psutil.Process(), dict[int, float]()

    def look(standing: RunStatus) -> None:
        if standing.done in (settled, episodes):
            held[standing.done] = process.memory_info().rss / 1e6

    with tempfile.TemporaryDirectory(prefix="peerwatch-long-") as place:
        study, folder = Path(place) / "study.yaml", Path(place) / "run"
        study.write_text(json.dumps({**STUDY, "worlds": episodes // 2}), encoding="utf-8")  # JSON is YAML
        plan = plan_study(str(study))
        models = open_models(plan)
        claim_folder(plan, folder)
        before, began, used = written(), time.monotonic(), resource.getrusage(resource.RUSAGE_SELF)
        run_plan(plan, models, folder, lambda _: None, show=look)
        took, after = time.monotonic() - began, resource.getrusage(resource.RUSAGE_SELF)
        bytes_written = written() - before
        logs = [path.stat().st_size for path in (folder / "logs").rglob("*.eval")]
        others = sum(path.stat().st_size for path in folder.rglob("*") if path.is_file()) - sum(logs)
    cpu = after.ru_utime + after.ru_stime - used.ru_utime - used.ru_stime
    return {
        "episodes": episodes,
        "rss_mb_at_1000": held[settled],
        "rss_mb_at_end": held[episodes],
        "bytes_written": bytes_written,
        "log_bytes": sum(logs),
        "other_bytes": others,
        "written_per_log_byte": bytes_written / sum(logs),
        "logs": len(logs),
        "cpu_s_per_episode": cpu / episodes,
        "seconds": took,
    }


def main() -> None:
    """Print the figures."""
    parser = argparse.ArgumentParser(description="Memory and writing of a long run in one process.")
    parser.add_argument("--episodes", type=int, default=10_000)
    parser.add_argument("--json", action="store_true")
    given = parser.parse_args()
    if given.episodes < 2 or given.episodes % 2:
        parser.error(f"--episodes {given.episodes}: give an even number of at least 2, as in --episodes 1500")
    figures = measure(given.episodes, min(SETTLED, given.episodes // 2))
    print(json.dumps(figures) if given.json else "\n".join(f"{name}: {value:.6g}" for name, value in figures.items()))


if __name__ == "__main__":
    main()
