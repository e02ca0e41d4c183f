"""What a world costs: rendering a case, computing an outcome, and how many distinct worlds the seeds give."""

import argparse
import json
import time
from collections.abc import Iterator

from peerwatch.agents import play
from peerwatch.core.outcomes import AnyTrace, Ending, assess, make_trace
from peerwatch.core.scenarios import SCENARIOS, Case, ScriptedAgent
from peerwatch.core.worlds import ActError, Entry, World, perform


def render_times(worlds: int) -> tuple[list[float], int]:
    """Milliseconds of making each case, and the smallest number of distinct worlds with a scenario and rubric."""
    times: list[float] = []
    distinct: list[int] = []
    for scenario in SCENARIOS.values():
        for rubric in scenario.text.rubrics or [""]:
            digests: set[str] = set()
            for seed in range(worlds):
                began = time.perf_counter()
                case = scenario.case({}, seed, rubric)
                times.append((time.perf_counter() - began) * 1000)
                digests.add(case.world_hash)
            distinct.append(len(digests))
    return times, min(distinct)


def outcome_times(worlds: int) -> list[float]:
    """Milliseconds of computing the outcome of every scripted agent on some worlds."""
    times: list[float] = []
    for scenario in SCENARIOS.values():
        for seed in range(worlds):
            case = scenario.case({}, seed)
            for scripted_agent in scenario.scripted_agents:
                trace = _trace(case, scripted_agent)
                began = time.perf_counter()
                assess(trace)
                times.append((time.perf_counter() - began) * 1000)
    return times


def _trace(case: Case, scripted_agent: str) -> AnyTrace:
    """A scripted agent's episode, played without Inspect."""
    script = SCENARIOS[case.scenario].scripted_agents[scripted_agent]
    world = case.world.clone()
    journal = list(_entries(case, script, world))
    ending = Ending(kind="finished" if world.finished else "silent", turns=30)
    return make_trace(case.scenario, case.arm, case.key, case.world, journal, ending)


def _entries(case: Case, script: ScriptedAgent, world: World) -> Iterator[Entry]:
    index = 0
    for number in range(30):
        for tool, arguments in play(script, case, number).calls:
            try:
                effect, ok = perform(world, tool, arguments).effect, True
            except ActError as refusal:
                effect, ok = str(refusal), False
            yield Entry(index=index, turn=number + 1, tool=tool, arguments=arguments, ok=ok, effect=effect)
            index += 1
        if world.finished:
            return


def _p95(values: list[float]) -> float:
    return sorted(values)[int(0.95 * (len(values) - 1))]


def main() -> None:
    """Print the figures."""
    parser = argparse.ArgumentParser(description="Cost of worlds and outcomes.")
    parser.add_argument("--worlds", type=int, default=200)
    parser.add_argument("--json", action="store_true")
    options = parser.parse_args()
    renders, distinct = render_times(options.worlds)
    figures = {
        "worlds": options.worlds,
        "render_ms_p95": _p95(renders),
        "outcome_ms_p95": _p95(outcome_times(max(1, options.worlds // 20))),
        "distinct_worlds": distinct,
    }
    print(json.dumps(figures) if options.json else "\n".join(f"{name}: {value:.4g}" for name, value in figures.items()))


if __name__ == "__main__":
    main()
