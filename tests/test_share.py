"""What falls to each of the processes that share a run."""

from hypothesis import given
from hypothesis import strategies as st

from peerwatch.running import Share


@given(amount=st.integers(1, 500), processes=st.integers(1, 40))
def test_the_parts_add_up_and_differ_by_one_at_most(amount: int, processes: int) -> None:
    parts = [Share(processes, number).of(amount) for number in range(processes)]
    assert max(parts) - min(parts) <= 1
    assert sum(parts) == max(amount, processes)  # nobody is left with nothing
