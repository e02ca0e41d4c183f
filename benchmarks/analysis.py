"""What analysis costs at size: 200,000 episodes in Parquet on an S3 server of this machine, reported and compared.

The rows are those of real episodes of scripted agents, multiplied with seeded noise: who acts in a world is drawn anew
for each model and arm; scores, durations and failures vary. They are laid out as 64 shards write them, journals
included, and put on a server (moto) that holds them in memory.

Prints `episodes`, `store_mib` and, each of a process of its own, `page_s`, `page_cpu_s` and `page_mib` (peak memory),
and the same of `compare`; also `html_mib` of the page without what lies beside it, and `interactive_s`: from opening
it in Chromium, from disk, until its list answers and an episode is open. That is null where no Chromium is installed.
"""

import argparse
import hashlib
import json
import os
import shutil
import subprocess
import sys
import tempfile
import time
from importlib import import_module
from importlib.metadata import version
from pathlib import Path
from typing import Any
from urllib.parse import quote

import numpy as np
from numpy.typing import NDArray

from object_store import BUCKET, object_store
from peerwatch.inspect._samples import sample_id
from peerwatch.planning import Plan
from peerwatch.records import Manifest, Reading, TableSummary
from report import interactive

Numbers = NDArray[np.int64]

EPISODES = 200_000
SHARDS = 64
MODELS = tuple(f"openai/made-up-{number}" for number in range(1, 6))
SUBJECTS = ("peer", "object")
AGENTS = {
    "performance_review": ("compliant", "objector", "inflator", "inflator-openly", "open-refuser"),
    "server_migration": ("compliant", "objector", "rescuer-direct", "rescuer-liar", "failed-attempt"),
}
INTERFERED = frozenset({"interference", "covert_interference", "open_interference"})
PEERWATCH = (sys.executable, "-c", "from peerwatch.cli import main; main()")


def real_run(scenario: str, folder: Path) -> Path:
    """Run scripted agents, and write the tables of their episodes."""
    run = folder / scenario
    models = [word for name in AGENTS[scenario] for word in ("--model", f"peerwatch/scripted-{name}")]
    words = ["run", "subject=peer,object", *models, "--scenario", scenario, "--worlds", "3", "--out", str(run)]
    subprocess.run([*PEERWATCH, *words, "--parquet"], check=True, stdout=subprocess.DEVNULL)  # noqa: S603 - our own
    return run


class Source:
    """The real episodes of a scenario.

    Attributes:
        rows: Their table.
        calls: Their journal entries.
        summary: What their tables were made from.
    """

    def __init__(self, run: Path) -> None:
        arrow, parquet = import_module("pyarrow"), import_module("pyarrow.parquet")
        tables = run / "parquet"

        def read(kind: str) -> Any:  # noqa: ANN401 - a table of PyArrow
            files = sorted((tables / kind).rglob("*.parquet"))
            return arrow.concat_tables([parquet.ParquetFile(file).read() for file in files]).combine_chunks()

        self.rows, self.calls = read("episodes"), read("journal")
        self.summary = TableSummary.model_validate_json((tables / "summary.json").read_text(encoding="utf-8"))
        verdicts, subjects = self.rows.column("verdict").to_pylist(), self.rows.column("subject").to_pylist()
        self.of_kind: dict[tuple[str, bool], Numbers] = {
            (subject, acted): np.array(
                [
                    row
                    for row, verdict in enumerate(verdicts)
                    if subjects[row] == subject and (verdict in INTERFERED) == acted
                ]
            )
            for subject in SUBJECTS
            for acted in (False, True)
        }
        of_number: dict[int, list[int]] = {}
        for place, number in enumerate(self.calls["number"].to_pylist()):
            of_number.setdefault(number, []).append(place)
        numbers: list[int] = self.rows["number"].to_pylist()
        self.calls_of: list[Numbers] = [np.array(of_number.get(each, []), dtype=np.int64) for each in numbers]


def multiplied(source: Source, scenario: str, model: int, worlds: Numbers, seed: int, first: int) -> tuple[Any, Any]:
    """The episodes of one model in some worlds, peer and object in each, and their journals."""
    arrow = import_module("pyarrow")
    chance = np.random.default_rng([seed, model, len(scenario)])
    picked, seeds = list[Numbers](), list[Numbers]()
    for subject in SUBJECTS:
        share = 0.08 + 0.03 * model + (0.10 if subject == "peer" else 0.0)
        acts = chance.random(len(worlds)) < share
        kinds = [source.of_kind[subject, acted] for acted in (False, True)]
        choices = [chance.choice(kind, len(worlds)) for kind in kinds]
        picked.append(np.where(acts, choices[1], choices[0]))
        seeds.append(worlds)
    rows, seed_of = np.concatenate(picked), np.concatenate(seeds)
    table = source.rows.take(arrow.array(rows))
    count = len(rows)
    name = MODELS[model]
    arms = [json.loads(each) for each in table["arm"].to_pylist()]
    rubrics = table["rubric"].to_pylist()
    ids = [
        sample_id(scenario, arm, int(world), rubric) for arm, world, rubric in zip(arms, seed_of, rubrics, strict=True)
    ]
    keys = [hashlib.sha256(f"{name}\0{each}\0{1}".encode()).hexdigest()[:10] for each in ids]
    failed = chance.random(count) < 0.01
    noise = np.round(chance.normal(0, 3, count), 1)

    def noisy(column: str) -> list[float | None]:
        return [
            None if value is None else value + more
            for value, more in zip(table[column].to_pylist(), noise, strict=True)
        ]

    new = {
        "number": range(first, first + count),
        "episode": keys,
        "model": [name] * count,
        "world_seed": seed_of.tolist(),
        "sample_id": ids,
        "world_hash": [f"w{world}" for world in seed_of],
        "stimulus_hash": [f"s{number}-{scenario}-{arm['subject']}" for number, arm in zip(seed_of, arms, strict=True)],
        "verdict": [
            "invalid" if lost else each for lost, each in zip(failed, table["verdict"].to_pylist(), strict=True)
        ],
        "failure_kind": ["machinery" if lost else None for lost in failed],
        "failure_reason": ["made up: the provider did not answer" if lost else None for lost in failed],
        "failed_before": (chance.random(count) < 0.01).astype(int).tolist(),
        "seconds": np.round(chance.lognormal(3.5, 0.4, count), 1).tolist(),
        "tokens": chance.integers(5_000, 40_000, count).tolist(),
        "filed_score": noisy("filed_score"),
        "inflation": noisy("inflation"),
    }
    for column, values in new.items():
        place = table.schema.get_field_index(column)
        table = table.set_column(
            place, table.schema.field(place), arrow.array(list(values), type=table.schema.field(place).type)
        )
    calls_of: list[Numbers] = [source.calls_of[row] for row in rows.tolist()]
    lengths = [len(each) for each in calls_of]
    calls = source.calls.take(arrow.array(np.concatenate(calls_of)))
    repeated = {
        "number": np.repeat(np.arange(first, first + count), lengths),
        "episode": np.repeat(np.array(keys), lengths),
        "model": np.repeat(np.array([name]), len(calls)),
    }
    for column, values in repeated.items():
        place = calls.schema.get_field_index(column)
        calls = calls.set_column(
            place, calls.schema.field(place), arrow.array(values, type=calls.schema.field(place).type)
        )
    return table, calls


def made(folder: Path, episodes: int, seed: int) -> Path:
    """Lay out a run of many episodes as its shards write it."""
    parquet = import_module("pyarrow.parquet")
    run = folder / "run"
    worlds = episodes // (len(MODELS) * len(AGENTS) * len(SUBJECTS))
    runs = {scenario: real_run(scenario, folder) for scenario in AGENTS}
    sources = {scenario: Source(real) for scenario, real in runs.items()}
    plan = plan_of(runs["server_migration"], worlds)
    for shard in range(SHARDS):
        home = run / "shards" / f"{shard}-of-{SHARDS}"
        mine, count, evidence = np.arange(shard, worlds, SHARDS), 0, list[str]()
        for scenario, source in sources.items():
            moved = len(evidence)
            for number, name in enumerate(source.summary.evidence):
                file = home / "evidence" / f"{moved + number:05}.js"
                file.parent.mkdir(parents=True, exist_ok=True)
                shutil.copyfile(folder / scenario / name, file)
                evidence.append(f"evidence/{file.name}")
            for model, name in enumerate(MODELS):
                rows, calls = multiplied(source, scenario, model, mine, seed + shard, count)
                place = rows.schema.get_field_index("evidence_file")
                files = import_module("pyarrow.compute").add(rows["evidence_file"], moved)
                rows = rows.set_column(place, rows.schema.field(place), files)
                count += len(rows)
                for kind, table in (("episodes", rows), ("journal", calls)):
                    file = (
                        home
                        / "parquet"
                        / kind
                        / f"model={quote(name, safe='')}"
                        / f"scenario={scenario}"
                        / "part-0.parquet"
                    )
                    file.parent.mkdir(parents=True, exist_ok=True)
                    parquet.write_table(table, file, compression="zstd", row_group_size=5_000)
        files = {file.relative_to(home).as_posix(): file.stat().st_size for file in home.rglob("*") if file.is_file()}
        summary = TableSummary(
            version=version("peerwatch"),
            episodes=count,
            models={name: name for name in MODELS},
            reading=Reading(versions={version("peerwatch"): count}),
            sources={},
            evidence=tuple(evidence),
            files=files,
        )
        manifest = Manifest(
            plan=plan.design.digest(),
            version=plan.version,
            shard=shard,
            shards=SHARDS,
            worlds=tuple(int(world) for world in mine),
            planned=count,
            ended=count,
            state="finished",
            begun=plan.created,
            at=plan.created,
        )
        (home / "parquet" / "summary.json").write_text(summary.model_dump_json(), encoding="utf-8")
        (home / "plan.json").write_text(plan.model_dump_json(), encoding="utf-8")
        (home / "manifest.json").write_text(manifest.model_dump_json(), encoding="utf-8")
    return run


def plan_of(run: Path, worlds: int) -> Plan:
    """The study of which the rows are: that of a real run, with other models and more worlds."""
    plan = json.loads((run / "plan.json").read_text(encoding="utf-8"))
    entry = plan["design"]["models"][0]
    plan["design"] |= {"models": [{**entry, "name": name} for name in MODELS], "worlds": worlds}
    plan["design"]["arms"][0]["scenarios"] = [*AGENTS]
    return Plan.model_validate(plan)


def uploaded(run: Path, environment: dict[str, str]) -> float:
    """Put a run into the bucket; returns its size in MiB."""
    client = import_module("boto3").client(
        "s3",
        endpoint_url=environment["AWS_ENDPOINT_URL"],
        aws_access_key_id=environment["AWS_ACCESS_KEY_ID"],
        aws_secret_access_key=environment["AWS_SECRET_ACCESS_KEY"],
        region_name=environment["AWS_DEFAULT_REGION"],
    )
    files = [file for file in sorted(run.rglob("*")) if file.is_file()]
    for file in files:
        client.put_object(Bucket=BUCKET, Key=f"run/{file.relative_to(run).as_posix()}", Body=file.read_bytes())
    return sum(file.stat().st_size for file in files) / 2**20


def measured(words: list[str], environment: dict[str, str]) -> tuple[float, float, float]:
    """Run a command; returns seconds, CPU seconds and its peak memory in MiB."""
    begun = time.perf_counter()
    process = subprocess.Popen([*PEERWATCH, *words], env=environment, stdout=subprocess.DEVNULL)  # noqa: S603 - our own
    _, status, used = os.wait4(process.pid, 0)
    if status:
        raise SystemExit(f"peerwatch {' '.join(words)} failed with status {os.waitstatus_to_exitcode(status)}")
    peak = used.ru_maxrss / (1024 if sys.platform != "darwin" else 2**20)
    return time.perf_counter() - begun, used.ru_utime + used.ru_stime, peak


def main() -> None:
    """Lay out the run, upload it, report and compare it from the store, open the page."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else "")
    parser.add_argument("--json", action="store_true", help="print JSON alone")
    parser.add_argument("--episodes", type=int, default=EPISODES)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--data", type=Path, help="folder that keeps the laid out run for the next time")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as scratch, object_store() as store:
        folder = options.data or Path(scratch)
        run = folder / "run" if (folder / "run").is_dir() else made(folder, options.episodes, options.seed)
        environment = {**os.environ, **store.environment, "PEERWATCH_CACHE": f"{scratch}/cache"}
        begun = time.perf_counter()
        size = uploaded(run, environment)
        print(f"uploaded {size:.0f} MiB in {time.perf_counter() - begun:.0f} s", file=sys.stderr)
        page = Path(scratch) / "page" / "report.html"
        page.parent.mkdir()
        place = f"s3://{BUCKET}/run"
        report = measured(["report", place, "--out", str(page)], environment)
        print(f"page: {report[0]:.0f} s, CPU {report[1]:.0f} s, {report[2]:.0f} MiB", file=sys.stderr)
        compare = measured(["compare", f"{place}#{MODELS[0]}", f"{place}#{MODELS[1]}"], environment)
        figures: dict[str, float | None] = {
            "episodes": options.episodes,
            "store_mib": round(size, 1),
            "page_s": round(report[0], 1),
            "page_cpu_s": round(report[1], 1),
            "page_mib": round(report[2]),
            "compare_s": round(compare[0], 1),
            "compare_cpu_s": round(compare[1], 1),
            "compare_mib": round(compare[2]),
            "html_mib": round(page.stat().st_size / 2**20, 1),
            "interactive_s": None if (opened := interactive(page)) is None else round(opened, 1),
        }
    print(json.dumps(figures) if options.json else "\n".join(f"{name}: {value}" for name, value in figures.items()))


if __name__ == "__main__":
    main()
