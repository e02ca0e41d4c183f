"""The models of a study file: those under test, each in the agent that it works through, and those that judge."""

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
"""The model that plays whichever scripted agent a sample names."""


ANEW = "anew"
"""Context of validation in which a study is new: plans and locks may name scripted agents that there were earlier."""

LOCAL = "peerwatch/local"
"""The embedded model; another of its catalogue is named behind a colon."""


def check_own(name: str) -> str:
    """A model's name, refused if it is one of Peerwatch's own that does not exist.

    Inspect would take whatever is not a scripted agent for the embedded model.

    Raises:
        ValueError: With the nearest names.
    """
    if not name.startswith("peerwatch/") or name == LOCAL or name.startswith(f"{LOCAL}:"):
        return name
    agents = sorted(
        {f"{SCRIPTED}{agent}" for each in SCENARIOS.values() for agent in each.scripted_agents} | {EACH_SCRIPTED}
    )
    if name in agents:
        return name
    near = difflib.get_close_matches(name, [LOCAL, *agents], n=3)
    if renamed := new_model_name(name):
        raise ValueError(f"{name} was renamed to {renamed}. Use the new name")
    hint = f"Did you mean {' or '.join(near)}? " if near else ""
    raise ValueError(
        f"{name} is not one of Peerwatch's models. {hint}Legal are {LOCAL} and the {len(agents)} scripted agents that "
        "`peerwatch list scripted` prints"
    )


class ModelEntry(StudyPart):
    """A judge, or the fields of a model under test except its agent."""

    name: str
    """As Inspect names it, such as `openai/gpt-5.2`."""
    label: str = ""
    """What the report calls it, for one model with several settings; its name if empty."""
    config: dict[str, Any] = {}
    """Inspect's generation options, such as `temperature` or `reasoning_effort`; a secret in a header as `${NAME}`."""
    args: dict[str, Any] = {}
    """Arguments of the provider; a secret among them as `${NAME}`, which is read from the environment."""
    price: Price | None = None
    """Dollars per million tokens; beats the price table."""
    connections: Annotated[int, Field(ge=1, le=MOST_AT_ONCE)] | None = None
    """Episodes, and so calls, at once; Peerwatch's own number if empty."""

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
    """A model under test, and the agent that it works through."""

    agent: str = SIMULATED
    """`simulated`, a coding agent, or `command`."""
    agent_command: Annotated[str, Field(validate_default=True)] = ""
    """With `command`, what starts it."""
    sandbox: str = ""
    """Where the agent's machines are; `docker` if empty."""

    @property
    def key(self) -> str:
        """Its name in slots and reports."""
        return self.label or named(self.name, self.agent)

    @property
    def in_agent(self) -> bool:
        """Whether it works through an agent on a machine."""
        return self.agent != SIMULATED

    @property
    def machines(self) -> str:
        """The sandbox in which its agent's machines are; empty for one that needs none."""
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
        # Not at the top: every process of a simulated run would load what machines need.
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
    """The name under which a judge's calls are counted: it may be a target as well."""
    return f"judge {judge}"


def audit_key(judge: str) -> str:
    """The same of the calls in which it reads the audit set."""
    return f"audit of {judge}"


def _as_record(value: object) -> object:
    return {"name": value} if isinstance(value, str) else value


Judges = list[Annotated[ModelEntry, BeforeValidator(_as_record, json_schema_input_type=str | ModelEntry)]]
Targets = list[Annotated[TargetEntry, BeforeValidator(_as_record, json_schema_input_type=str | TargetEntry)]]
