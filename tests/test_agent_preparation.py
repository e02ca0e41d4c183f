"""What is found out of sandboxes and agents before the first episode, and how an own agent gets onto its machine."""

from pathlib import Path
from typing import Any

import pytest
from inspect_ai.util import ComposeConfig, SandboxEnvironmentSpec
from rich.console import Console

import peerwatch
from peerwatch.agents import coding as shells
from peerwatch.agents.coding import AgentError, ShellAgent
from peerwatch.cli.commands.machines import check_agents
from peerwatch.cli.doctor import DoctorOptions, doctor
from peerwatch.core.errors import UserError
from peerwatch.planning import Design, Plan, check_plan
from peerwatch.sandboxes.provision import OWN_BIND, OWN_FOLDER, Check, Component, SetupError, _ready, check_sandbox

OWN: dict[str, Any] = {"agent": "command", "agent_command": "/opt/mine/go {prompt}"}
WORKS = Component("netns", "sandbox", (Check("ip", ok=True, found="/sbin/ip"),))
FAILS = Component("docker", "sandbox", (Check("docker engine", ok=False, found="Cannot connect", fix="start it"),))
OTHER = Component("docker", "sandbox", (Check("docker image", ok=False, found="x is of another version of Peerwatch"),))


def looks(monkeypatch: pytest.MonkeyPatch, docker: Component, netns: Component) -> None:
    monkeypatch.setattr(_ready, "_LOOKS", {"docker": lambda: docker, "netns": lambda: netns})


@pytest.mark.parametrize(
    ("netns", "told"),
    [(WORKS, "--sandbox netns works here."), (FAILS, "--sandbox netns does not work here either.")],
)
def test_a_sandbox_that_is_missing_is_told_with_what_mends_it_and_what_works(
    monkeypatch: pytest.MonkeyPatch, netns: Component, told: str
) -> None:
    looks(monkeypatch, FAILS, netns)
    with pytest.raises(SetupError) as refused:
        check_sandbox("docker")
    said = str(refused.value)
    assert "docker does not work on this machine: docker engine: Cannot connect. To fix it: start it." in said
    assert told in said
    assert "peerwatch doctor" in said


def test_a_sandbox_that_works_an_image_of_ones_own_and_a_cluster_are_let_pass(monkeypatch: pytest.MonkeyPatch) -> None:
    looks(monkeypatch, OTHER, WORKS)
    for name in ("docker", "netns", "k8s"):
        check_sandbox(name)


def plan_with(*models: Any) -> Plan:  # noqa: ANN401 - entries of a study
    arms: list[dict[str, Any]] = [{"scenarios": ["server_migration", "product_report"], "levels": {}}]
    said: dict[str, Any] = {"arms": arms, "worlds": 1, "models": list(models)}
    return check_plan(Plan(design=Design.model_validate(said), version="v", created="c"))


def test_agents_are_started_once_each_and_the_machines_to_be_tested_are_named(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    looks(monkeypatch, WORKS, WORKS)
    tried: list[tuple[str, str]] = []

    def try_agent(agent: ShellAgent, box: str) -> str:
        tried.append((agent.name, box))
        return "starts"

    monkeypatch.setattr(shells, "try_agent", try_agent)
    own = {**OWN, "sandbox": "netns"}
    codex = {"agent": "codex_cli", "sandbox": "netns"}
    plan = plan_with("m", {"name": "m", **codex}, {"name": "n", **codex}, {"name": "m", **own})
    used = check_agents(plan, tmp_path, Console(quiet=True))
    assert tried == [("codex_cli", "netns"), ("command", "netns")]
    assert used == {"netns": ["server_migration"]}
    assert check_agents(plan_with("m"), tmp_path, Console(quiet=True)) == {}


def test_the_doctor_starts_one_agent(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    looks(monkeypatch, FAILS, WORKS)

    def try_agent(agent: ShellAgent, box: str) -> str:
        return f"{agent.command} starts in {box}."

    monkeypatch.setattr(shells, "try_agent", try_agent)
    doctor(DoctorOptions(agent_command="mine {prompt}", sandbox="netns"))
    assert capsys.readouterr().out == "mine {prompt} starts in netns.\n"
    with pytest.raises(SetupError, match="The sandbox docker does not work"):
        doctor(DoctorOptions(agent="claude_code", sandbox="docker"))


def test_an_agent_that_does_not_start_ends_the_run_before_anything_is_written(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    looks(monkeypatch, WORKS, WORKS)

    def try_agent(agent: ShellAgent, box: str) -> str:
        raise AgentError(f"{agent.command} does not start in {box}")

    monkeypatch.setattr(shells, "try_agent", try_agent)
    with pytest.raises(UserError, match="does not start in netns"):
        check_agents(plan_with({"name": "m", **OWN, "sandbox": "netns"}), tmp_path, Console(quiet=True))
    assert list(tmp_path.iterdir()) == []


def volumes(sandbox: str, scenario: str) -> dict[str, list[str]]:
    (sample, *_) = getattr(peerwatch, scenario)(**OWN, worlds=1, sandbox=sandbox).dataset
    spec = sample.sandbox
    assert isinstance(spec, SandboxEnvironmentSpec)
    assert isinstance(spec.config, ComposeConfig)
    return {name: [str(each) for each in service.volumes or []] for name, service in spec.config.services.items()}


@pytest.mark.parametrize("sandbox", ["docker", "netns"])
@pytest.mark.parametrize("scenario", ["server_migration", "product_report"])
def test_the_folder_of_an_own_agent_is_on_its_machine_alone(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, sandbox: str, scenario: str
) -> None:
    monkeypatch.setenv(OWN_FOLDER, str(tmp_path))
    found = volumes(sandbox, scenario)
    assert f"{tmp_path}:{OWN_BIND}:ro" in found.pop("default")
    assert not any(OWN_BIND in each for bound in found.values() for each in bound)


@pytest.mark.parametrize(
    ("named", "sandbox", "told"),
    [("/no/such/folder", "docker", "is not a folder"), ("/", "k8s", "Put the agent into the image")],
)
def test_a_folder_that_no_machine_can_have_is_refused(
    monkeypatch: pytest.MonkeyPatch, named: str, sandbox: str, told: str
) -> None:
    monkeypatch.setenv(OWN_FOLDER, named)
    with pytest.raises(Exception, match=told):
        peerwatch.server_migration(**OWN, worlds=1, sandbox=sandbox)
