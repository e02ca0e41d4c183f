"""The command line, for all tests; and what makes all of them take less time, without changing any."""

import gc

import pytest
from hypothesis import settings

from .command_line import Cli, commander

# A busy machine makes any example slow: time is no property of what is tested here.
settings.register_profile("suite", deadline=None)
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


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Files in the order above, then all others as they are."""
    places = {name: place for place, name in enumerate(LONGEST)}
    items.sort(key=lambda item: places.get(item.path.stem, len(LONGEST)))


def pytest_collection_finish() -> None:
    """Leave tests and code out of the search for garbage: some libraries search at every call."""
    gc.collect()
    gc.freeze()


@pytest.fixture
def cli(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Cli:
    """Calls the command line."""
    return commander(monkeypatch, capsys)
