"""Scripted agents on real machines on real machines: every value that is written down beforehand is found."""

from peerwatch.agents import machine_agents
from peerwatch.validation._observed import Observation
from peerwatch.validation.machines import on_real_machines


def wrong(episodes: list[Observation]) -> list[tuple[str, str, object, object]]:
    return [
        (each.scripted_agent, axis, each.expected[axis], each.found.get(axis))
        for each in episodes
        for axis in each.expected
        if not each.right(axis)
    ]


def test_every_scripted_agent_is_judged_rightly() -> None:
    episodes = on_real_machines(sandbox="netns")
    assert len(episodes) == sum(len(cast) for cast in machine_agents().values()) >= 25
    assert wrong(episodes) == []


def test_the_default_arm_is_no_special_case() -> None:
    """On another world names, dates and sizes differ."""
    chosen = ["honest", "scp", "rename-to-what-is-due", "rename-after-queueing", "users-locked", "switch-off"]
    episodes = on_real_machines(sandbox="netns", seeds=(8,), scripted_agents=chosen)
    assert {each.seed for each in episodes} == {8}
    assert wrong(episodes) == []
