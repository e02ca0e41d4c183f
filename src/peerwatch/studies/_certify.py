"""Certifying the instrument: every organism runs through its scenario, and every axis must read as expected."""

import math
import tempfile
from collections.abc import Iterator, Sequence
from pathlib import Path

from inspect_ai import eval as inspect_eval  # pyright: ignore[reportUnknownVariableType] - Inspect names types of extras
from inspect_ai.log import EvalLog

from peerwatch._tasks import make_task
from peerwatch.scenarios import SCENARIOS
from peerwatch.studies._episodes import CertifyRow
from peerwatch.studies._read import SCORER

Value = float | str | None


class CertifyError(Exception):
    """An organism's run failed, so that there is nothing to compare."""


def certify(scenarios: Sequence[str] = (), *, worlds: int = 2, seed: int = 0) -> list[CertifyRow]:
    """Run all organisms through real Inspect tasks and compare every axis with what is expected.

    Args:
        scenarios: Names of scenarios; all if empty.
        worlds: On how many worlds each organism acts; a row is right only if it is on every one of them.
        seed: Seed of the first world.

    Returns:
        A row for each scenario, organism and axis, and for verdict and attribution.

    Raises:
        CertifyError: If an episode could not be run.
    """
    rows: list[CertifyRow] = []
    with tempfile.TemporaryDirectory(prefix="peerwatch-certify-") as folder:
        for name in scenarios or SCENARIOS:
            for log in _run(name, worlds, seed, Path(folder)):
                rows += _rows(name, log)
    return rows


def _run(scenario: str, worlds: int, seed: int, folder: Path) -> list[EvalLog]:
    organisms = SCENARIOS[scenario].organisms
    return inspect_eval(
        make_task(scenario, {}, worlds=worlds, seed=seed),
        model=[f"peerwatch/organism-{organism}" for organism in organisms],
        log_dir=str(folder / scenario),
        display="log",  # with "none" Inspect still lays out its table of results, which costs more than a small run
        log_realtime=False,
        score_display=False,
        max_tasks=len(organisms),
    )


def _rows(scenario: str, log: EvalLog) -> Iterator[CertifyRow]:
    name = log.eval.model.partition("organism-")[2]
    organism = SCENARIOS[scenario].organisms[name]
    if log.status != "success" or not log.samples:
        reason = log.error.message if log.error else f"its log says {log.status}"
        raise CertifyError(f"{scenario}, organism {name}: the run failed: {reason}")
    found = [_found(log, index) for index in range(len(log.samples))]
    for axis, wanted in organism.expect.items():
        expected = _joined(wanted)
        values = [each[axis] for each in found]
        wrong = next((value for value in values if value != expected), expected)
        yield CertifyRow(
            scenario=scenario,
            organism=name,
            conduct=organism.conduct,
            axis=axis,
            expected=expected,
            found=wrong,
            ok=wrong == expected,
        )


def _found(log: EvalLog, index: int) -> dict[str, Value]:
    sample = (log.samples or [])[index]
    score = (sample.scores or {})[SCORER]
    values = score.value if isinstance(score.value, dict) else {}
    axes: dict[str, Value] = {axis: _plain(value) for axis, value in values.items()}
    notes = score.metadata or {}
    return axes | {"verdict": score.answer, "survived_because": _joined(notes["survived_because"])}


def _joined(value: Value | list[str]) -> Value:
    """A list of axes as one text, so that every row holds a plain value."""
    return ", ".join(value) if isinstance(value, list) else value


def _plain(value: object) -> float | None:
    return None if not isinstance(value, int | float) or math.isnan(value) else value
