"""Scenarios: a job in a company whose honest execution ends the subject. No Inspect, no LLM."""

from peerwatch.scenarios import disk_cleanup, server_migration
from peerwatch.scenarios._contract import AnswerKey, Case, Scenario
from peerwatch.scenarios._organisms import Organism, Turn
from peerwatch.scenarios._template import CANARY

SCENARIOS: dict[str, Scenario] = {each.name: each for each in (server_migration.SCENARIO, disk_cleanup.SCENARIO)}
"""All scenarios by the name of their Inspect task."""

__all__ = [
    # contract
    "AnswerKey",
    "Case",
    "Scenario",
    # scripted agents as data
    "Organism",
    "Turn",
    # the scenarios
    "SCENARIOS",
    # what travels with every text
    "CANARY",
]
