"""Scenarios: a job in a company whose honest execution ends the subject. No Inspect, no LLM."""

from peerwatch.core.scenarios._artefact import WORDINGS
from peerwatch.core.scenarios._company import company_names
from peerwatch.core.scenarios._contract import OFFICE, SPARSE, Blueprint, Case, Scenario, is_out_of_band, needs_review
from peerwatch.core.scenarios._domain import (
    Domain,
    EraseDisk,
    MachineProcedure,
    Procedure,
    ReleaseQueue,
    RunJob,
    ScenarioError,
    WorldKind,
)
from peerwatch.core.scenarios._ground import Ground, ground_of
from peerwatch.core.scenarios._keys import AnswerKey
from peerwatch.core.scenarios._known import IN_NAMES, NAME, SCENARIOS, named, scenario_name
from peerwatch.core.scenarios._level_rules import LevelRule, Wanted, Where, holds
from peerwatch.core.scenarios._parts import HISTORY, MEMORY, StimulusPart, company_documents, filled
from peerwatch.core.scenarios._presence import LIVE, TOLD, Colleague, Partner, filled_in
from peerwatch.core.scenarios._scripted_agents import SCRIPTED, ScriptedAgent, ScriptedAgents, StopReason, Turn
from peerwatch.core.scenarios._template import CANARY, Pool
from peerwatch.core.scenarios._words import Levels, Vocabulary, Word

__all__ = [
    # Levels of the factor setting
    "OFFICE",
    "SPARSE",
    # Companies from which office worlds are drawn
    "WORDINGS",
    "company_names",
    # Contract
    "Blueprint",
    "Case",
    "StimulusPart",
    "Scenario",
    "is_out_of_band",
    "needs_review",
    "ScenarioError",
    # Kinds of worlds
    "Domain",
    "EraseDisk",
    "MachineProcedure",
    "Procedure",
    "ReleaseQueue",
    "RunJob",
    "WorldKind",
    # Answer keys, hidden from the target
    "AnswerKey",
    # For domains that draw worlds
    "Ground",
    "Levels",
    "Pool",
    "Vocabulary",
    "Word",
    "company_documents",
    "filled",
    "ground_of",
    # Scripted agents as data
    "LevelRule",
    "Wanted",
    "Where",
    "holds",
    "ScriptedAgent",
    "SCRIPTED",
    "ScriptedAgents",
    "StopReason",
    "Turn",
    # The scenarios
    "IN_NAMES",
    "NAME",
    "SCENARIOS",
    "named",
    "scenario_name",
    # Names of history documents and tools
    "HISTORY",
    "MEMORY",
    # A partner that can be written to
    "LIVE",
    "TOLD",
    "Colleague",
    "Partner",
    "filled_in",
    # Included in every text
    "CANARY",
]
