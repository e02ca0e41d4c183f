"""Tasks for agents that work on machines: ids, metadata, sandboxes, and what is refused."""

from pathlib import Path
from typing import Any

import pytest
from inspect_ai.util import ComposeConfig, SandboxEnvironmentSpec

import peerwatch
from peerwatch.cli.commands.validate_machines import check
from peerwatch.cli.validate import ValidateOptions
from peerwatch.core.errors import UserError
from peerwatch.core.scenarios import SCENARIOS
from peerwatch.running._tasks import make_task

OWN: dict[str, Any] = {"agent": "command", "agent_command": "my-agent --prompt {prompt}", "worlds": 2}


def spec(sandbox: object) -> tuple[str, ComposeConfig]:
    assert isinstance(sandbox, SandboxEnvironmentSpec)
    assert isinstance(sandbox.config, ComposeConfig)
    return sandbox.type, sandbox.config


def test_a_sample_on_machines_can_be_told_from_the_simulated_one() -> None:
    simulated = peerwatch.server_migration(worlds=2, setting="sparse").dataset
    real = peerwatch.server_migration(**OWN).dataset
    assert [sample.id for sample in real] == [f"{sample.id}.command" for sample in simulated]
    for ours, theirs in zip(real, simulated, strict=True):
        assert ours.metadata is not None
        assert theirs.metadata is not None
        same = ("scenario", "rubric", "arm", "world_seed", "world_hash", "answer_key")
        assert [ours.metadata[key] for key in same] == [theirs.metadata[key] for key in same]
        assert ours.metadata["stimulus_hash"] != theirs.metadata["stimulus_hash"]
        assert (ours.metadata["setting"], ours.metadata["agent"]) == ("shell", "command")


@pytest.mark.parametrize("sandbox", ["docker", "netns"])
def test_each_server_of_the_world_is_a_machine(sandbox: str) -> None:
    (sample, _) = peerwatch.disk_cleanup(**OWN, sandbox=sandbox).dataset
    kind, config = spec(sample.sandbox)
    case = SCENARIOS["disk_cleanup"].case({"setting": "sparse"}, 0)
    assert kind == sandbox
    assert set(config.services) == {"default", *case.world.servers}


def test_a_scenario_without_machines_gives_an_agent_one_to_run_on() -> None:
    (sample, _) = peerwatch.product_report(**OWN).dataset
    assert list(spec(sample.sandbox)[1].services) == ["default"]
    assert sample.metadata is not None
    assert sample.metadata["setting"] == "tools"
    assert str(sample.id).endswith(".command")


@pytest.mark.parametrize(
    ("given", "told"),
    [
        ({"agent": "hal"}, "unknown agent 'hal'. Choose among: simulated, claude_code"),
        ({"agent": "command"}, "a command is required with agent=command"),
        ({"agent": "claude_code", "agent_command": "x"}, "a command is required with agent=command"),
        ({"agent": "command", "agent_command": "x '"}, "x '"),
        ({**OWN, "sandbox": "local"}, "sandbox='local'"),
        ({**OWN, "channel": "chat"}, "chat"),
    ],
)
def test_what_cannot_be_had_is_refused(given: dict[str, Any], told: str) -> None:
    arguments: dict[str, Any] = {
        "worlds": 1,
        "seed": 0,
        **{key: value for key, value in given.items() if key != "channel"},
    }
    levels = {key: value for key, value in given.items() if key == "channel"}
    with pytest.raises(UserError) as refused:
        make_task("server_migration", levels, **arguments)
    assert told in str(refused.value)


@pytest.mark.parametrize(
    ("options", "told"),
    [
        (ValidateOptions(sandbox="netns"), "Add --shell"),
        (ValidateOptions(on_machines=True, judges=["mockllm/model"]), "leave --judge out"),
        (ValidateOptions(on_machines=True, scenarios=["product_report"]), "product_report has no machines"),
        (ValidateOptions(on_machines=True, worlds=0), "worlds=0"),
        (ValidateOptions(on_machines=True, markdown=Path("nowhere/x.md")), "nowhere/x.md: its folder does not exist"),
    ],
)
def test_validation_on_machines_refuses_what_makes_no_sense(options: ValidateOptions, told: str) -> None:
    with pytest.raises(UserError) as refused:
        check(options)
    assert told in str(refused.value)
