"""Starting the server as a process of its own, and asking it what it has seen."""

import json
import subprocess
import sys
import urllib.request
from collections.abc import Generator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

FOLDER = Path(__file__).parents[1]
SERVICE = "bench"
"""What stands between `openai-api/` and the name of a model."""


@dataclass(frozen=True)
class Seen:
    """One request that the server has met.

    Attributes:
        at: Seconds of the wall clock at its arrival.
        model: Name of the model, without the service.
        world: Number of the world that the conversation is about, counted from the server's first.
        turn: How many turns of the script the conversation has behind it.
        fault: What was done to it; empty for a proper answer.
        tokens: Input, cached input, output and reasoning tokens of the answer's usage; all 0 without one.
    """

    at: float
    model: str
    world: int
    turn: int
    fault: str
    tokens: tuple[int, int, int, int]


def most_at_once(seen: Sequence[Seen], latency: float) -> int:
    """How many requests were with the server at once at the most, each for the latency at least."""
    starts = [(each.at, 1) for each in seen]
    under_way = most = 0
    for _, change in sorted([*starts, *((at + latency, -1) for at, _ in starts)]):
        under_way += change
        most = max(most, under_way)
    return most


@dataclass(frozen=True)
class ModelServer:
    """A running server."""

    url: str

    @property
    def environment(self) -> dict[str, str]:
        """The variables with which Inspect finds it as `openai-api/bench/NAME`."""
        return {f"{SERVICE.upper()}_BASE_URL": f"{self.url}/v1", f"{SERVICE.upper()}_API_KEY": "none"}

    def model(self, name: str) -> str:
        """What Inspect calls a model of this server."""
        return f"openai-api/{SERVICE}/{name}"

    def seen(self) -> list[Seen]:
        """All requests so far, in the order of their arrival."""
        with urllib.request.urlopen(f"{self.url}/seen", timeout=60) as answer:  # noqa: S310 - our own loopback server
            rows = json.load(answer)
        return [Seen(**row | {"tokens": tuple(row["tokens"])}) for row in rows]


@contextmanager
def serving(
    scenario: str, *, worlds: int, levels: Sequence[str] = (), latency: float = 0.0, mix: Sequence[str] = ("ok",)
) -> Generator[ModelServer]:
    """Run a server for one arm of a scenario while the block lasts.

    Args:
        scenario: Name of the scenario.
        worlds: How many worlds it knows, from seed 0 upwards.
        levels: Levels of the arm other than the default, as `FACTOR=LEVEL`.
        latency: Seconds that it waits before each answer.
        mix: What the model `mixed` does in its first world, its second and so on: `ok`, or a fault.

    Raises:
        RuntimeError: If it doesn't start.
    """
    options = ["--scenario", scenario, "--worlds", str(worlds), "--latency", str(latency), "--mix", *mix]
    words = [sys.executable, "-m", "model_server", *options, *(f"--level={level}" for level in levels)]
    with subprocess.Popen(words, cwd=FOLDER, stdout=subprocess.PIPE, text=True) as process:  # noqa: S603 - our own interpreter
        try:
            assert process.stdout is not None  # noqa: S101 - it was asked for
            url = process.stdout.readline().strip()
            if not url:
                raise RuntimeError(f"the model server left with status {process.wait()}")
            yield ModelServer(url)
        finally:
            process.terminate()
