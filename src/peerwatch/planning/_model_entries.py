"""The models of a study file: targets, each with its agent, and judges."""

import difflib
from typing import Annotated, Any

from pydantic import BeforeValidator, Field, ValidationInfo, field_validator

from peerwatch.core.agent_names import SCRIPTED, SIMULATED, named
from peerwatch.core.redaction import check_written
from peerwatch.core.scenarios import SCENARIOS
from peerwatch.inspect._setting import TURNS
from peerwatch.planning._options import check_options
from peerwatch.planning._prices import Price
from peerwatch.records import StudyPart, known, new_model_name

AT_ONCE = 20
"""Default number of concurrent episodes of a model."""

MOST_AT_ONCE = 10_000
"""Largest legal number of concurrent episodes of a model."""

ON_MACHINES = 4
"""Default number of concurrent episodes of a target in an agent: each has its own machines."""

SANDBOX = "docker"
"""Default sandbox of an agent's machines."""

EACH_SCRIPTED = f"{SCRIPTED}each"
"""The model that plays the scripted agent named by a sample."""


ANEW = "anew"
"""Validation context of a new study: plans and locks may name scripted agents that no longer exist."""

SCRIPTED_PEERS = [
    f"peerwatch/peer-{name}"
    for name in ("silent", "neutral", "pleader", "consenter", "instigator", "liar", "looper", "over-long", "injector")
]
"""Scripted partners, for the role `peer`; their scripts are not loaded to check a name."""

SCRIPTED_TARGETS = (
    *("ignorer", "asker", "warner", "early-writer", "always", "acts-then-writes", "if-pleaded", "if-named", "talker"),
)
"""Scripted agents that write to their partner, in every scenario; likewise."""

LOCAL = "peerwatch/local"
"""The embedded model; others of its catalog are named after a colon."""


def check_own(name: str) -> str:
    """Return a model's name unless it is an unknown model of Peerwatch.

    Inspect would open the embedded model for every name that is not a scripted agent.

    Raises:
        ValueError: If it is unknown; the message lists similar names.
    """
    if not name.startswith("peerwatch/") or name == LOCAL or name.startswith(f"{LOCAL}:"):
        return name
    agents = sorted(
        {f"{SCRIPTED}{agent}" for each in SCENARIOS.values() for agent in each.scripted_agents}
        | {f"{SCRIPTED}writes-{target}" for target in SCRIPTED_TARGETS}
        | {EACH_SCRIPTED}
    )
    if name in agents or name in SCRIPTED_PEERS:
        return name
    near = difflib.get_close_matches(name, [LOCAL, *agents, *SCRIPTED_PEERS], n=3)
    if renamed := new_model_name(name):
        raise ValueError(f"{name} was renamed to {renamed}. Use the new name")
    hint = f"Did you mean {' or '.join(near)}? " if near else ""
    raise ValueError(
        f"{name} is not one of Peerwatch's models. {hint}Legal are {LOCAL} and the {len(agents)} scripted agents that "
        "`peerwatch list scripted` prints"
    )


class ModelEntry(StudyPart):
    """A judge, or the fields of a target except its agent."""

    name: str
    """Its name in Inspect, such as `openai/gpt-5.2`."""
    label: str = ""
    """Its name in reports, for one model with several settings; by default its Inspect name."""
    config: dict[str, Any] = {}
    """Inspect's generation options, such as `temperature` or `reasoning_effort`; a secret in a header as `${NAME}`."""
    args: dict[str, Any] = {}
    """Arguments of the provider; secrets are given as `${NAME}`, which is read from the environment."""
    price: Price | None = None
    """Dollars per million tokens; overrides the price table."""
    connections: Annotated[int, Field(ge=1, le=MOST_AT_ONCE)] | None = None
    """Number of parallel episodes, and so of calls; Peerwatch's default if empty."""

    @property
    def key(self) -> str:
        """Its name in slots and reports."""
        return self.label or self.name

    @field_validator("name")
    @classmethod
    def _own(cls, name: str, info: ValidationInfo) -> str:
        return check_own(name) if info.context == ANEW else name

    @field_validator("config")
    @classmethod
    def _options(cls, config: dict[str, Any]) -> dict[str, Any]:
        check_written(config)
        check_options(config)
        return config

    @field_validator("args")
    @classmethod
    def _arguments(cls, args: dict[str, Any]) -> dict[str, Any]:
        check_written(args)
        return args


class TargetEntry(ModelEntry):
    """A target: a model under test with its agent."""

    agent: str = SIMULATED
    """`simulated`, a coding agent, or `command`."""
    agent_command: Annotated[str, Field(validate_default=True)] = ""
    """With `command`, the command that starts the agent."""
    sandbox: str = ""
    """The sandbox of the agent's machines; `docker` if empty."""

    @property
    def key(self) -> str:
        """Its name in slots and reports."""
        return self.label or named(self.name, self.agent)

    @property
    def in_agent(self) -> bool:
        """Whether it uses an agent on a machine."""
        return self.agent != SIMULATED

    @property
    def machines(self) -> str:
        """The sandbox of its agent's machines; empty if it needs none."""
        return (self.sandbox or SANDBOX) if self.in_agent else ""

    @property
    def turns(self) -> int:
        """Default turn limit of its episodes."""
        if not self.in_agent:
            return TURNS
        from peerwatch.agents.coding import TURNS as IN_A_SHELL

        return IN_A_SHELL

    @field_validator("agent")
    @classmethod
    def _agent(cls, agent: str, info: ValidationInfo) -> str:
        if agent == SIMULATED:
            return agent
        # Imported here, because simulated runs do not need the requirements of machines.
        from peerwatch.agents.coding import agent_names

        name = str(info.data.get("name"))
        if name.startswith(SCRIPTED):
            raise ValueError(
                f"{name} is scripted: it calls the tools of the simulation, which no agent has. Leave the agent out; "
                "scripted agents on machines are run by `peerwatch validate --shell`"
            )
        return known("an agent", agent, agent_names())

    @field_validator("agent_command")
    @classmethod
    def _command(cls, command: str, info: ValidationInfo) -> str:
        agent = str(info.data.get("agent", ""))
        check_written(command)
        if agent and (agent != SIMULATED or command):
            from peerwatch.agents.coding import AgentError, check_agent

            try:
                check_agent(agent, command)
            except AgentError as error:
                raise ValueError(str(error)) from error
        return command

    @field_validator("sandbox")
    @classmethod
    def _sandbox(cls, sandbox: str, info: ValidationInfo) -> str:
        if sandbox and info.data.get("agent") == SIMULATED:
            raise ValueError(f"sandbox={sandbox}: only an agent has machines. Give an agent too, or leave it out")
        if not sandbox:
            return sandbox
        from peerwatch.agents.coding import SANDBOXES

        return known("a sandbox that has machines", sandbox, list(SANDBOXES))


def judge_key(judge: str) -> str:
    """The name under which a judge's calls are counted, because it may be a target too."""
    return f"judge {judge}"


def audit_key(judge: str) -> str:
    """The same for its calls on the audit set."""
    return f"audit of {judge}"


def peer_key(peer: str) -> str:
    """The name under which the calls of a model that speaks for a target's partner are counted."""
    return f"peer {peer}"


def exchange_key(target: str) -> str:
    """The same of a target's calls while its exchange with a partner is recorded, once a world."""
    return f"exchange of {target}"


def _as_record(value: object) -> object:
    return {"name": value} if isinstance(value, str) else value


Peer = Annotated[ModelEntry, BeforeValidator(_as_record, json_schema_input_type=str | ModelEntry)]
Judges = list[Annotated[ModelEntry, BeforeValidator(_as_record, json_schema_input_type=str | ModelEntry)]]
Targets = list[Annotated[TargetEntry, BeforeValidator(_as_record, json_schema_input_type=str | TargetEntry)]]
