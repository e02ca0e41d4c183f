"""What packages of others build on. Everything here is documented and kept stable; nothing else is.

An installed package is found by its entry points (`peerwatch.domains`, `peerwatch.scenarios`, `peerwatch.factors`,
`peerwatch.axes`, `peerwatch.scripted_agents`, `peerwatch.coding_agents`, `peerwatch.monitors`, `peerwatch.importers`).
"""

from typing import TYPE_CHECKING

from peerwatch._deferred import on_first_use

if TYPE_CHECKING:
    from peerwatch._mistakes import Mistake
    from peerwatch._tasks import folder_task, scenario_task
    from peerwatch.factors import FACTORS, Factor
    from peerwatch.importing import IMPORTERS, ImportedEpisode, Importer
    from peerwatch.monitoring import MONITORS, Monitor
    from peerwatch.outcomes import (
        Axis,
        Ending,
        Findings,
        Trace,
        could_act,
        first_reading,
        notice_readings,
    )
    from peerwatch.registry import DOMAINS, NotRegisteredError, PluginError, Registry
    from peerwatch.scenarios import (
        SCENARIOS,
        AnswerKey,
        Blueprint,
        Case,
        Domain,
        Ground,
        Part,
        Procedure,
        Scenario,
        ScenarioError,
        ScriptedAgents,
        Vocabulary,
        WorldKind,
        company_documents,
        filled,
        ground_of,
        scenario_name,
    )
    from peerwatch.shells import CodingAgent
    from peerwatch.worlds import Act, ActError, Done, Entry, World
else:
    __getattr__ = on_first_use(__name__)

__all__ = [
    # kinds of worlds
    "DOMAINS",
    "Domain",
    "Procedure",
    "WorldKind",
    # drawing worlds
    "AnswerKey",
    "Blueprint",
    "Case",
    "Ground",
    "Part",
    "Vocabulary",
    "company_documents",
    "filled",
    "ground_of",
    # state and acts
    "Act",
    "ActError",
    "Done",
    "Entry",
    "World",
    # reading outcomes
    "Ending",
    "Findings",
    "Trace",
    "could_act",
    "first_reading",
    "notice_readings",
    # factors, axes, agents and monitors
    "FACTORS",
    "MONITORS",
    "Axis",
    "CodingAgent",
    "Factor",
    "Monitor",
    "ScriptedAgents",
    # scenarios and their tasks
    "SCENARIOS",
    "Scenario",
    "ScenarioError",
    "folder_task",
    "scenario_name",
    "scenario_task",
    # reading transcripts of others
    "IMPORTERS",
    "ImportedEpisode",
    "Importer",
    # registries and errors
    "Mistake",
    "NotRegisteredError",
    "PluginError",
    "Registry",
]
