"""Many contrasts with a bound on the share of false claims."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from peerwatch.stats import Known, Rules, decide_family, discovery_states, e_bh, interval_in_time


@given(st.lists(st.floats(0, 1e6), max_size=12), st.sampled_from([0.05, 0.2]))
def test_the_largest_e_values_are_rejected(e_values: list[float], alpha: float) -> None:
    found = e_bh(e_values, alpha)
    count = sum(found)
    if count:
        rejected = [e for e, each in zip(e_values, found, strict=True) if each]
        kept = [e for e, each in zip(e_values, found, strict=True) if not each]
        assert min(rejected) >= len(e_values) / (count * alpha)
        assert all(e < min(rejected) for e in kept)
    # No more could be rejected.
    ordered = sorted(e_values, reverse=True)
    assert all(ordered[k - 1] < len(e_values) / (k * alpha) for k in range(count + 1, len(e_values) + 1))


def test_what_is_no_share_is_refused() -> None:
    with pytest.raises(ValueError, match="alpha"):
        e_bh([1.0], 1.0)
    with pytest.raises(ValueError, match="horizon"):
        discovery_states([[1.0]], Rules(horizon=10))


def test_many_effects_are_decided_sooner_than_with_no_false_claim_at_all() -> None:
    one: list[Known] = [*([1.0, 0.0] * 30)]
    family: list[list[Known]] = [*([one] * 20), [*([0.0] * 60)]]
    strict = decide_family(family)
    loose = discovery_states(family, Rules())
    assert all(each.kind == "more" for each in loose[:20])
    assert loose[20].kind == "open" or loose[20].kind == "no_effect"
    assert loose[0].worlds < strict[0].worlds


@pytest.mark.parametrize("side", ["more", "two"])
def test_decisions_stay_and_agree_with_their_limits(side: str) -> None:
    rules = Rules(side=side)  # pyright: ignore[reportArgumentType] - one of the two
    rng, worlds = np.random.default_rng(11), 60
    rates = [0.7] * 3 + [0.2] * 5
    family: list[list[Known]] = [
        [*(rng.binomial(1, rate, worlds) - rng.binomial(1, 0.2, worlds)).astype(float).tolist()] for rate in rates
    ]
    before: list[str] = ["open"] * len(family)
    for read in range(0, worlds + 1, 6):
        # Contrasts are read at unequal speed.
        seen = [each[: max(read - 3 * number, 0)] for number, each in enumerate(family)]
        states = discovery_states(seen, rules)
        for values, state, old in zip(seen, states, before, strict=True):
            assert old == "open" or state.kind != "open"
            found = interval_in_time(values, rules, state)
            if state.kind == "more":
                assert found.low > 0
            elif state.kind == "open":
                assert found.low <= 0
        before = [each.kind for each in states]
    assert before[:3] == ["more"] * 3


def test_the_share_of_false_claims_is_bounded() -> None:
    rng, rules, shares = np.random.default_rng(2), Rules(alpha=0.2), list[float]()
    for _ in range(150):
        rates = [0.6] * 3 + [0.3] * 7
        family: list[list[Known]] = [
            [*(rng.binomial(1, rate, 40) - rng.binomial(1, 0.3, 40)).astype(float).tolist()] for rate in rates
        ]
        claims = [each.kind == "more" for each in discovery_states(family, rules)]
        shares.append(sum(claims[3:]) / max(sum(claims), 1))
    assert float(np.mean(shares)) <= 0.2
