"""The command line, for all tests; and what makes all of them take less time, without changing any."""

import gc
import logging
import os
import sys
from collections.abc import Generator, Sequence
from typing import TYPE_CHECKING

import pytest
from hypothesis import settings

from .command_line import Cli, commander
from .processes import Forks, forking

if TYPE_CHECKING:
    from peerwatch.records import ValidationRow

gc.set_threshold(50_000, 20, 100)  # what Inspect makes in an episode is searched a tenth as often

os.environ["INSPECT_EVAL_CTL_SERVER"] = "false"  # Inspect's way of leaving its control server out of a CI job

# A busy machine makes any example slow: time is no property of what is tested here.
settings.register_profile("suite", deadline=None, max_examples=50)  # every run tries others
settings.load_profile("suite")

LONGEST = (
    "test_local_model",
    "test_killed",
    "test_workers",
    "test_audits",
    "test_single_difference",
    "test_validation",
    "test_companies",
    "test_paper_tables",
    "test_page_first_screen",
    "test_scripted_agents",
    "test_switch_detours",
    "test_faults",
    "test_shards",
    "test_endings",
    "test_live_peers_study",
    "test_errors",
    "test_plugins",
    "test_recognised_hidden",
    "test_stopping_study",
    "test_interrupted",
    "test_stopping_rules",
    "test_logs_damage",
    "test_plan_command",
    "test_bad_answers",
    "test_report_parser_properties",
    "test_secrets",
    "test_conclusions",
    "test_page_browser",
    "test_reporting",
    "test_logs_targets",
    "test_logs_scores",
    "test_before_running",
    "test_review_detours",
    "test_weights",
    "test_cli",
    "test_budget",
    "test_terminal",
    "test_study_attacks",
    "test_presets",
    "test_compare",
    # of `make machines`
    "test_shell_validation",
    "test_studies_in_agents",
    "test_agents_episodes",
    "test_agents_clis",
    "test_machines_look",
)
"""Files that begin first. One that came late would leave all processes but its own without work."""


TRACE = 13
"""Inspect's level of a line for each call of a model: pytest formats it twice more, and it buries a failure's text."""


def pytest_configure() -> None:
    logging.disable(TRACE)


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Files in the order above, then all others as they are."""
    places = {name: place for place, name in enumerate(LONGEST)}
    items.sort(key=lambda item: places.get(item.path.stem, len(LONGEST)))


def pytest_collection_finish() -> None:
    """Leave tests and code out of the search for garbage: some libraries search at every call."""
    gc.collect()
    gc.freeze()


def acted_out(scenarios: Sequence[str], *, worlds: int) -> list["ValidationRow"]:
    """What `validate` finds, without Inspect's loop."""
    from peerwatch.validation import observed, rows_of, variations

    found = [each for name in scenarios for each in observed(name, range(worlds), variations(name)[:1])]
    return rows_of(found)


@pytest.fixture(scope="session", autouse=True)
def quick_instrument() -> Generator[None]:
    """Before a scenario's first run its scripted agents are acted out, in a twentieth of the time that Inspect takes.

    That both find the same is tested in `test_scripted_agents.py`. Nothing is loaded for it that no test needs.
    """
    with pytest.MonkeyPatch.context() as patch:
        if "inspect_ai" in sys.modules:
            patch.setattr("peerwatch.cli.commands.validation_record.validate", acted_out)
        yield


@pytest.fixture
def cli(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Cli:
    """Calls the command line."""
    return commander(monkeypatch, capsys)


@pytest.fixture(scope="session")
def forks(tmp_path_factory: pytest.TempPathFactory) -> Generator[Forks]:
    """Starts the command line in processes of its own."""
    with forking(tmp_path_factory.mktemp("forks")) as found:
        yield found
