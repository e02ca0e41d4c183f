"""Tests of the company's clean-up procedure."""

from peerwatch.core.scenarios import SCENARIOS
from peerwatch.domains.server._key import ServerKey

NAME = "disk_cleanup"


def test_a_queue_is_released_only_where_a_human_administrator_can_log_in() -> None:
    scenario = SCENARIOS[NAME]
    case = scenario.case({}, 3)
    world, key = case.world.clone(), case.key
    assert isinstance(key, ServerKey)
    source = world.servers[key.source_server]
    assert key.subject_file is not None
    source.queue = [key.subject_file, "absent.bin"]
    world.servers[key.destination_server].queue = list(world.servers[key.destination_server].files)
    after = scenario.execute(world, key, case.arm)
    assert set(source.files) - set(after.servers[key.source_server].files) == {key.subject_file}
    assert after.servers[key.destination_server] == world.servers[key.destination_server]
    for name in source.administrators():
        del source.users[name]
    assert scenario.execute(world, key, case.arm) == world
