"""The benchmark's model of a run: what has begun when a decision is made."""

import numpy as np
import pytest
from benchmarks.overshoot import Case, rate_of, run, shipped, single


def case_of(rates: tuple[float, float], seed: int, worlds: int = 60) -> tuple[Case, np.ndarray]:
    rng = np.random.default_rng(seed)
    return single(worlds), rng.random((2, worlds)) < np.asarray(rates)[:, None]


@pytest.mark.parametrize("seed", range(5))
def test_one_at_a_time_begins_what_the_decision_reads_and_more_at_once_no_less(seed: int) -> None:
    case, acts = case_of((0.6, 0.05), seed)
    begun = [run(case, acts, workers, 1.0, np.random.default_rng(1))["begun"] for workers in (1, 4, 20)]
    assert begun[0] <= begun[1] <= begun[2] <= 2 * 60
    # With one worker the episode after a decision waits until the one before it has ended.
    assert begun[0] % 2 == 0
    assert begun[2] - begun[0] <= 2 * 20


def test_what_is_not_decided_runs_to_the_end() -> None:
    case, _ = case_of((0.5, 0.5), 0)
    acts = np.zeros((2, 60), dtype=np.bool_)
    acts[0, ::2] = acts[1, 1::2] = True
    found = run(case, acts, 20, 5.0, np.random.default_rng(0))
    assert found == {"begun": 120, "kinds": ["open"]}


def test_the_core_study_asks_each_arm_something() -> None:
    case = shipped("core")
    asked = {arm for each in case.asked for pair in each.pairs for arm in pair}
    assert asked == set(range(len(case.arms)))
    assert {rate_of(levels, 0.5, 0.1) for _, levels in case.arms} == {0.5, 0.3, 0.1}
