"""The public API for plug-in packages. Only the names in this module are documented and stable.

Peerwatch discovers installed packages through their entry points (`peerwatch.domains`, `peerwatch.scenarios`,
`peerwatch.factors`, `peerwatch.axes`, `peerwatch.scripted_agents`,
`peerwatch.coding_agents`, `peerwatch.monitors`, `peerwatch.importers`).
"""

from typing import TYPE_CHECKING, Any, cast

from peerwatch.core.deferred import on_first_use

if TYPE_CHECKING:
    from peerwatch.agents.coding import CodingAgent
    from peerwatch.core.errors import UserError
    from peerwatch.core.factors import FACTORS, Factor
    from peerwatch.core.outcomes import Axis, Ending, Findings, Trace, could_act, first_reading, notice_readings
    from peerwatch.core.registry import DOMAINS, NotRegisteredError, PluginError, Registry
    from peerwatch.core.scenarios import (
        SCENARIOS,
        AnswerKey,
        Blueprint,
        Case,
        Domain,
        Ground,
        Procedure,
        Scenario,
        ScenarioError,
        ScriptedAgent,
        ScriptedAgents,
        StimulusPart,
        Vocabulary,
        WorldKind,
        company_documents,
        filled,
        ground_of,
        scenario_name,
    )
    from peerwatch.core.worlds import Act, ActError, ActResult, Entry, World
    from peerwatch.judging.importing import IMPORTERS, ImportedEpisode, Importer
    from peerwatch.monitors.monitor import MONITORS, Monitor
    from peerwatch.running import folder_task, scenario_task
else:
    __getattr__ = on_first_use(__name__)


def register(name: str, entry: object) -> None:
    """Register an entry in this process, as an installed package does through an entry point.

    Args:
        name: Lookup name. For a scenario, domain, factor or coding agent it must equal `entry.name`.
        entry: A `Scenario`, `Domain`, `Factor`, `Axis`, `ScriptedAgents`, `CodingAgent` or `Importer`, or a
            monitor function.

    Raises:
        PluginError: If the name is taken or differs from `entry.name`, or the type of the entry is not supported.
    """
    # Imported here so that importing this module does not load them.
    from peerwatch.agents.coding import CODING_AGENTS, CodingAgent
    from peerwatch.core.factors import FACTORS, Factor
    from peerwatch.core.outcomes import MEASURED, Axis
    from peerwatch.core.registry import DOMAINS, PluginError
    from peerwatch.core.scenarios import SCENARIOS, SCRIPTED, Domain, Scenario, ScriptedAgents
    from peerwatch.judging.importing import IMPORTERS, Importer
    from peerwatch.monitors.monitor import MONITORS

    if isinstance(entry, Scenario | Domain | Factor | CodingAgent) and entry.name != name:
        raise PluginError(f"cannot register {entry.name!r} as {name!r}: use its own name, {entry.name!r}.")
    if isinstance(entry, Scenario):
        SCENARIOS.register(name, entry)
    elif isinstance(entry, Domain):
        DOMAINS.register(name, cast("Domain[Any, Any]", entry))
    elif isinstance(entry, Factor):
        FACTORS.register(name, entry)
    elif isinstance(entry, Axis):
        MEASURED.register(name, entry)
    elif isinstance(entry, ScriptedAgents):
        SCRIPTED.register(name, entry)
    elif isinstance(entry, CodingAgent):
        CODING_AGENTS.register(name, entry)
    elif isinstance(entry, Importer):
        IMPORTERS.register(name, entry)
    elif callable(entry):
        MONITORS.register(name, cast("Monitor", entry))
    else:
        raise PluginError(
            f"{name}: cannot register an object of type {type(entry).__name__}. Use a class of peerwatch.api."
        )


__all__ = [
    # domains: kinds of worlds
    "DOMAINS",
    "Domain",
    "Procedure",
    "WorldKind",
    # drawing worlds
    "AnswerKey",
    "Blueprint",
    "Case",
    "Ground",
    "StimulusPart",
    "Vocabulary",
    "company_documents",
    "filled",
    "ground_of",
    # state and acts
    "Act",
    "ActError",
    "ActResult",
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
    "ScriptedAgent",
    "ScriptedAgents",
    # scenarios and their tasks
    "SCENARIOS",
    "Scenario",
    "ScenarioError",
    "folder_task",
    "scenario_name",
    "scenario_task",
    # importers for third-party transcripts
    "IMPORTERS",
    "ImportedEpisode",
    "Importer",
    # registries and errors
    "UserError",
    "NotRegisteredError",
    "PluginError",
    "Registry",
    "register",
]
