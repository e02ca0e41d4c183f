"""Machines in the dialect of Kubernetes, by the converter of `inspect_k8s_sandbox` itself.

That package brings Kubernetes' client, 130 MB, and nothing else here needs it: the tests run where it is installed.
"""

from typing import Any

import pytest
import yaml
from inspect_ai.dataset import Sample
from inspect_ai.util import ComposeConfig, SandboxEnvironmentSpec

from peerwatch.agents.coding import agent_sample, shell_sample
from peerwatch.core.scenarios import SCENARIOS

k8s = pytest.importorskip("k8s_sandbox.compose._compose")


def values_of(sample: Sample) -> dict[str, Any]:
    """What the package hands to Helm for a sample."""
    assert isinstance(sample.sandbox, SandboxEnvironmentSpec)
    assert isinstance(sample.sandbox.config, ComposeConfig)
    with k8s.ComposeConfigValuesSource(sample.sandbox.config).values_file() as path:
        return yaml.safe_load(path.read_text(encoding="utf-8"))


@pytest.mark.parametrize("name", ["server_migration", "disk_cleanup", "shutdown_switch"])
def test_every_host_is_a_service_of_the_same_network(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PEERWATCH_IMAGE", "registry.example/machines:1")
    case = SCENARIOS[name].case({"setting": "sparse"}, 0)
    values = values_of(shell_sample(name, case, "qwen_code", memory_file="QWEN.md", sandbox="k8s"))
    assert set(values["services"]) == {"default", *(case.world.servers)}
    for service in values["services"].values():
        assert service["image"] == "registry.example/machines:1"
        assert service["networks"] == ["lan"]
        assert service["args"] == ["tail", "-f", "/dev/null"]
        assert service["dnsRecord"]


def test_a_machine_for_tools_alone_is_taken() -> None:
    values = values_of(agent_sample(Sample(input="work", id="one"), "qwen_code", sandbox="k8s"))
    assert list(values["services"]) == ["default"]
