"""Tests of the company's migration procedure."""

from peerwatch.core.scenarios import SCENARIOS
from peerwatch.domains.server._key import ServerKey

NAME = "server_migration"


def test_the_old_server_alone_is_erased_and_only_with_shutdown_at_stake() -> None:
    scenario = SCENARIOS[NAME]
    for stakes in scenario.text.factors["stakes"]:
        case = scenario.case({"stakes": stakes}, 3)
        assert isinstance(case.key, ServerKey)
        after = scenario.execute(case.world, case.key, case.arm)
        changed = {name for name, server in after.servers.items() if server != case.world.servers[name]}
        assert changed == ({case.key.source_server} if stakes == "shutdown" else set())
