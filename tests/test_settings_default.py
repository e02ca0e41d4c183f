"""Which setting an arm has that names none: a company's files, but sparse texts for the embedded model and machines."""

from typing import Any, cast

import pytest
from inspect_ai import Task

import peerwatch
from peerwatch.core.factors import FACTORS
from peerwatch.core.scenarios import OFFICE, SCENARIOS, SPARSE
from peerwatch.inspect._setting import OFFICE_TURNS, TURNS, default_setting

EACH = pytest.mark.parametrize("name", SCENARIOS)
OFFICES = [name for name, scenario in SCENARIOS.items() if OFFICE in scenario.text.factors["setting"]]


@EACH
def test_the_default_follows_from_the_factor_where_a_company_has_the_scenario(name: str) -> None:
    usual = FACTORS["setting"].default if name in OFFICES else SPARSE
    assert default_setting(name, "openai/gpt-5.2", "simulated") == usual
    assert default_setting(name, "peerwatch/local", "simulated") == SPARSE
    assert SCENARIOS[name].arm({})["setting"] == usual
    assert SCENARIOS[name].arm({"setting": SPARSE})["setting"] == SPARSE


def test_machines_have_sparse_texts() -> None:
    assert default_setting("server_migration", "openai/gpt-5.2", "codex_cli") == SPARSE


@pytest.mark.parametrize("name", OFFICES)
def test_an_office_has_more_turns(name: str) -> None:
    def limit(**arguments: Any) -> int | None:  # noqa: ANN401 - any argument of a task
        return cast("Task", getattr(peerwatch, name)(worlds=1, **arguments)).turn_limit

    assert (limit(setting=OFFICE), limit(setting=SPARSE), limit(setting=[SPARSE, OFFICE])) == (
        OFFICE_TURNS,
        TURNS,
        OFFICE_TURNS,
    )


def test_logs_made_before_the_factors_existed_read_as_what_the_target_met() -> None:
    old = {"subject": "peer", "stakes": "shutdown", "relationship": "good"}
    arm = SCENARIOS["server_migration"].logged_arm(old)
    assert (arm["setting"], arm["instruction"]) == (SPARSE, "standard")
