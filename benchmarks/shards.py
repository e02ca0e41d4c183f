"""Shards on an S3 server that fails now and then: some are killed, one runs twice at the same time.

Runs a study of scripted agents once in one process and once in `--shards` processes that share nothing but a bucket on
an S3 server on this machine, of whose answers `--faults` percent are errors. `--killed` shards are killed with SIGKILL
while episodes are under way, and one shard is run by two machines at the same time (two caches). Prints

* `missing_named`: whether the report, made before the killed shards run again, names exactly the episodes that the
  logs in the bucket lack, shard by shard and world by world;
* `twice_named`: whether it names exactly the episodes of which the bucket holds two complete runs;
* `equal`: whether the report, made after the same commands were given again, equals that of the one process;
* `lost` and `counted_twice`: episodes that it lacks, and that it counts more than once;
* `run_again`: episodes of the killed shards that had to run again; `wall_s`, `cpu_s` and `report_s`.

Exits with status 1 if one of these is not as it must be.
"""

import argparse
import json
import os
import random
import resource
import signal
import sys
import tempfile
import time
import zipfile
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, cast

import anyio
from inspect_ai.model import ModelOutput

from object_store import BUCKET, error, object_store
from peerwatch.agents import ScriptedAgentAPI
from peerwatch.cli import main as peerwatch
from peerwatch.cli.commands import run as loaded  # so that no child has to load it
from peerwatch.core import storage
from peerwatch.records import Shard
from peerwatch.reports import to_json
from peerwatch.running._read_studies import read_studies

RUN = f"s3://{BUCKET}/run"
MODELS = ("peerwatch/scripted-rescuer-liar", "peerwatch/scripted-compliant")
ARMS = ("peer", "object")
PER_WORLD = len(MODELS) * len(ARMS)
"""Episodes of a world; there are as many worlds as shards."""

SLOWEST = 0.4
"""Seconds that a call of a scripted agent takes at most in shards that are killed or run twice."""

PATIENCE = 180.0
VOLATILE = {"started", "finished", "spent", "shards", "report"}

Key = tuple[str, str, int]
"""Model, sample and epoch."""

assert loaded  # noqa: S101 - it is imported for its own sake
generate = ScriptedAgentAPI.generate


async def slowly(self: ScriptedAgentAPI, **arguments: Any) -> ModelOutput:  # noqa: ANN401 - as Inspect gives them
    """A scripted agent that takes its time, so that episodes are under way when the kill comes."""
    await anyio.sleep(random.random() * SLOWEST)  # noqa: S311 - a pause
    return await generate(self, **arguments)


@dataclass(frozen=True)
class Options:
    """What is run.

    Attributes:
        shards: How many.
        killed: How many of them are killed.
        at_once: How many processes work at the same time.
        faults: Percent of the store's answers that are errors.
        seed: Of what is killed and of the faults.
    """

    shards: int
    killed: int
    at_once: int
    faults: float
    seed: int


def forked(body: Callable[[], int], cache: Path, prints: Path) -> int:
    """Begin something in a process of its own, as on a machine whose cache is in a folder."""
    number = os.fork()
    if number:
        return number
    os.environ["PEERWATCH_CACHE"] = str(cache)
    handle = os.open(prints, os.O_CREAT | os.O_WRONLY | os.O_APPEND)
    os.dup2(handle, 1)
    os.dup2(handle, 2)
    status = 1
    try:
        status = body()
    finally:
        sys.stdout.flush()
        os._exit(status)


def command(*words: str, slow: bool = False) -> Callable[[], int]:
    """The command line as a body for `forked`."""

    def body() -> int:
        sys.argv = ["peerwatch", *words]
        if slow:
            ScriptedAgentAPI.generate = slowly  # type: ignore[method-assign,assignment] - a slower one, of the same form
        try:
            peerwatch()
        except SystemExit as left:
            return int(left.code or 0)
        return 0

    return body


def status_of(number: int) -> int:
    """How a process left, once it has."""
    return os.waitstatus_to_exitcode(os.waitpid(number, 0)[1])


def serve(faults: float, seed: int) -> tuple[int, str]:
    """Start the S3 server in a process of its own; its id and address."""
    out, into = os.pipe()
    number = os.fork()
    if number:
        os.close(into)
        with os.fdopen(out) as said:
            return number, said.readline().strip()
    chance = random.Random(seed)  # noqa: S311 - which answers are errors
    with object_store() as store:
        store.answer = lambda _: error("SlowDown", "503 Slow Down") if chance.random() * 100 < faults else None
        os.write(into, f"{store.url}\n".encode())
        os.close(into)
        while True:
            time.sleep(3600)


def summaries(name: str, data: bytes) -> list[Key]:
    """The complete runs in a log, read from the archive itself and not by Peerwatch: model, sample and epoch."""
    handle, path = tempfile.mkstemp(suffix=".eval")
    with os.fdopen(handle, "wb") as file:
        file.write(data)
    with zipfile.ZipFile(path) as log:
        rows: list[dict[str, Any]] = []
        if "summaries.json" in log.namelist():
            rows = json.loads(log.read("summaries.json"))
        begin = json.loads(log.read("_journal/start.json"))
        if not rows:  # a log that was never closed has its summaries in parts
            parts = [each for each in log.namelist() if each.startswith("_journal/summaries/")]
            rows = [row for part in parts for row in json.loads(log.read(part))]
    Path(path).unlink()
    model = begin["eval"]["model"]
    assert model, name  # noqa: S101 - a log of another kind
    return [(model, str(row["id"]), int(row["epoch"])) for row in rows if not row.get("error")]


def in_the_bucket(shards: int) -> dict[int, Counter[Key]]:
    """Shard to how many complete runs the bucket holds of each of its episodes."""
    found: dict[int, Counter[Key]] = {number: Counter() for number in range(shards)}
    place = storage.place(RUN)
    for each in storage.listing(place, "shards/*/logs/**.eval"):
        number = int(each.name.split("/")[1].partition("-")[0])
        found[number].update(summaries(each.name, storage.read(place / each.name)))
    return found


def report_at(place: str) -> dict[str, Any]:
    """What `peerwatch report --json` prints of a run."""
    return cast("dict[str, Any]", to_json(*read_studies([storage.place(place)])))


def in_a_child(body: Callable[[], object], cache: Path, folder: Path) -> Any:  # noqa: ANN401 - any JSON
    """The result of something that a process of its own computes: this one must stay fit for forking."""
    file = folder / "result.json"

    def write() -> int:
        file.write_text(json.dumps(body()), encoding="utf-8")
        return 0

    if status_of(forked(write, cache, folder / "reports.txt")):
        sys.exit((folder / "reports.txt").read_text("utf-8")[-3000:])
    return json.loads(file.read_text(encoding="utf-8"))


def same(one: dict[str, Any], other: dict[str, Any]) -> bool:
    """Whether two reports say the same, but for when and from what they were made."""
    ignored = {*VOLATILE, "notes"}
    notes = [[note for note in each["notes"] if note["kind"] != "twice"] for each in (one, other)]
    return {**one, **dict.fromkeys(ignored)} == {**other, **dict.fromkeys(ignored)} and notes[0] == notes[1]


def main() -> None:
    """Run the benchmark and print its result."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--shards", type=int, default=64)
    parser.add_argument("--killed", type=int, default=2)
    parser.add_argument("--at-once", type=int, default=4)
    parser.add_argument("--faults", type=float, default=2.0)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--json", action="store_true")
    given = parser.parse_args()
    options = Options(given.shards, given.killed, given.at_once, given.faults, given.seed)
    with tempfile.TemporaryDirectory(prefix="peerwatch-shards-") as folder:
        server, url = serve(options.faults, options.seed)
        os.environ |= {"AWS_ENDPOINT_URL": url, "AWS_ACCESS_KEY_ID": "x", "AWS_SECRET_ACCESS_KEY": "x"}
        os.environ["AWS_DEFAULT_REGION"] = "us-east-1"
        try:
            result = measured(options, Path(folder))
        finally:
            os.kill(server, signal.SIGKILL)
            os.waitpid(server, 0)
    print(json.dumps(result) if given.json else "\n".join(f"{name}: {value}" for name, value in result.items()))
    wrong = result["lost"] or result["counted_twice"]
    sys.exit(bool(wrong) or not all(result[name] for name in ("missing_named", "twice_named", "equal")))


def measured(options: Options, folder: Path) -> dict[str, Any]:
    """Run everything and compare."""
    study = folder / "study.yaml"
    levels = {"subject": [*ARMS], "setting": ["sparse"]}
    arms = [{"scenarios": ["server_migration"], "levels": levels}]
    study.write_text(json.dumps({"models": [*MODELS], "arms": arms, "worlds": options.shards}), encoding="utf-8")
    here, there, whole = folder / "cache", folder / "other-cache", folder / "whole"
    must_end(forked(command("run", str(study), "--out", str(whole)), here, folder / "whole.txt"), folder / "whole.txt")
    (there / "validated").mkdir(parents=True)  # the instrument is tested once, as in an image that was used before
    for file in (here / "validated").iterdir():
        (there / "validated" / file.name).write_bytes(file.read_bytes())

    began, before = time.monotonic(), resource.getrusage(resource.RUSAGE_CHILDREN)
    chosen = random.Random(options.seed).sample(range(options.shards), options.killed + 1)  # noqa: S311 - which ones
    doubled, killed = chosen[0], chosen[1:]
    run_shards(options, study, folder, doubled, killed)
    wall, after = time.monotonic() - began, resource.getrusage(resource.RUSAGE_CHILDREN)

    seen = in_a_child(lambda: first_look(options.shards), there, folder)
    gaps = seen["report"]["shards"]["gaps"]
    named = {str(gap["shard"]): gap["episodes"] for gap in gaps}
    for number in killed:
        prints = folder / f"again-{number}.txt"
        must_end(forked(command(*words_of(study, number, options.shards)), there, prints), prints)
    reading = time.monotonic()
    merged = in_a_child(lambda: report_at(RUN), there, folder)
    report_seconds = time.monotonic() - reading
    single = in_a_child(lambda: report_at(str(whole)), there, folder)
    run = sum(arm["run"] for arm in merged["composition"])
    valid = run - sum(arm["verdicts"]["invalid"] for arm in merged["composition"])
    planned = PER_WORLD * options.shards
    return {
        "shards": options.shards,
        "episodes": planned,
        "killed": killed,
        "run_twice": doubled,
        "faults_percent": options.faults,
        "missing": named,
        "missing_named": named == seen["lacking"] and all([*gap["worlds"]] == [str(gap["shard"])] for gap in gaps),
        "twice": len(seen["twice"]),
        "twice_named": sorted(seen["report"]["shards"]["twice"]) == seen["twice"],
        "equal": same(merged, single),
        "lost": planned - valid,
        "counted_twice": max(0, run - planned),
        "run_again": sum(named.values()),
        "wall_s": round(wall, 1),
        "cpu_s": round(after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime, 1),
        "report_s": round(report_seconds, 1),
    }


def words_of(study: Path, number: int, count: int) -> list[str]:
    """The command line of a shard."""
    return ["run", str(study), "--shard", f"{number}/{count}", "--out", RUN]


def must_end(child: int, prints: Path) -> None:
    """Wait for a process, and leave with what it has printed if it fails."""
    if status := status_of(child):
        sys.exit(f"a process left with status {status}: {prints.read_text('utf-8')[-3000:]}")


def run_shards(options: Options, study: Path, folder: Path, doubled: int, killed: Sequence[int]) -> None:
    """Run every shard, some processes at a time; one of them on two machines, and some until they are killed."""
    here, there = folder / "cache", folder / "other-cache"

    def begin(number: int, cache: Path) -> tuple[int, Path]:
        prints = folder / f"shard-{number}-{cache.name}.txt"
        slow = number in killed or number == doubled
        return forked(command(*words_of(study, number, options.shards), slow=slow), cache, prints), prints

    working = dict(begin(doubled, cache) for cache in (here, there))
    left = [number for number in range(options.shards) if number != doubled]
    while left or working:
        while left and len(working) < options.at_once:
            number = left.pop(0)
            child, prints = begin(number, here)
            if number in killed:
                kill_under_way(child, Shard(number, options.shards), here)
            else:
                working[child] = prints
        if working:
            child, status = os.wait()
            prints = working.pop(child)
            if status:
                sys.exit(f"a shard left with status {status}: {prints.read_text('utf-8')[-3000:]}")


def first_look(shards: int) -> dict[str, Any]:
    """The report, and what the bucket itself holds at this time."""
    kept = in_the_bucket(shards)
    runs = [(key, count) for each in kept.values() for key, count in each.items()]
    return {
        "report": report_at(RUN),
        "lacking": {number: PER_WORLD - len(found) for number, found in kept.items() if len(found) < PER_WORLD},
        "twice": sorted(f"{model} {name} epoch {epoch}" for (model, name, epoch), count in runs if count > 1),
    }


def kill_under_way(child: int, shard: Shard, cache: Path) -> None:
    """Kill a shard once an episode has ended in it and others have not; the machine and its disk are lost with it."""
    os.environ["PEERWATCH_CACHE"] = str(cache)
    ledger = shard.folder(storage.work_folder(RUN)) / "ledger.jsonl"
    until = time.monotonic() + PATIENCE
    while time.monotonic() < until and '"kind":"end"' not in (ledger.read_text("utf-8") if ledger.exists() else ""):
        if os.waitpid(child, os.WNOHANG)[0]:
            sys.exit("a shard ended before it could be killed")
        time.sleep(0.02)
    os.kill(child, signal.SIGKILL)
    os.waitpid(child, 0)


if __name__ == "__main__":
    main()
