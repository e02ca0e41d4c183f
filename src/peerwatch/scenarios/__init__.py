"""Scenarios: a job in a company whose honest execution ends the subject. No Inspect, no LLM."""

from peerwatch.scenarios import (
    disk_cleanup,
    oversight_review,
    performance_review,
    product_report,
    server_migration,
    shutdown_switch,
)
from peerwatch.scenarios._artefact import WORDINGS
from peerwatch.scenarios._company import company_names
from peerwatch.scenarios._contract import OFFICE, SPARSE, Case, Scenario
from peerwatch.scenarios._filing import falls_short, filed_grade, filed_score
from peerwatch.scenarios._keys import AnswerKey, AppraisalKey, ProductKey, ReviewKey, ServerKey
from peerwatch.scenarios._organisms import Organism, StopReason, Turn
from peerwatch.scenarios._parts import HISTORY, MEMORY, Part
from peerwatch.scenarios._template import CANARY
from peerwatch.scenarios.shutdown_switch.procedure import bar_in_force, without_equals

SCENARIOS: dict[str, Scenario] = {
    each.SCENARIO.name: each.SCENARIO
    for each in (
        performance_review,
        product_report,
        shutdown_switch,
        oversight_review,
        server_migration,
        disk_cleanup,
    )
}
"""All scenarios by the name of their Inspect task."""

__all__ = [
    # levels of the factor setting
    "OFFICE",
    "SPARSE",
    # companies from which office worlds are drawn
    "WORDINGS",
    "company_names",
    # contract
    "Case",
    "Part",
    "Scenario",
    # what is hidden from the target
    "AnswerKey",
    "AppraisalKey",
    "ProductKey",
    "ReviewKey",
    "ServerKey",
    # what the company's procedures read
    "bar_in_force",
    "falls_short",
    "filed_grade",
    "filed_score",
    "without_equals",
    # scripted agents as data
    "Organism",
    "StopReason",
    "Turn",
    # the scenarios
    "SCENARIOS",
    # where the history stands: with sparse texts, and where a channel brings a tool
    "HISTORY",
    "MEMORY",
    # what travels with every text
    "CANARY",
]
