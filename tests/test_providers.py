"""Names of providers: those of Inspect's own registry and of plug-ins, without loading either."""

import sys
from importlib import import_module
from importlib.metadata import EntryPoint
from pathlib import Path

import pytest
from inspect_ai._util.registry import (  # Inspect exports no public names for them
    registry_find,
    registry_info,
    registry_unqualified_name,
)

from peerwatch.core.errors import UserError
from peerwatch.planning import _providers as providers
from peerwatch.planning import check_models


@pytest.fixture
def plugin(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An installed package with providers of its own, of which Inspect is told by an entry point."""
    package = tmp_path / "acme_models"
    package.mkdir()
    (package / "__init__.py").write_text("", encoding="utf-8")
    monkeypatch.setattr(sys, "path", [str(tmp_path), *sys.path])
    point = EntryPoint("acme", "acme_models.registry", "inspect_ai")

    def points(group: str) -> list[EntryPoint]:
        return [point] if group == "inspect_ai" else []

    monkeypatch.setattr(providers, "entry_points", points)
    providers.plugin_providers.cache_clear()
    return package


@pytest.fixture(autouse=True)
def fresh() -> None:
    providers.plugin_providers.cache_clear()


def test_inspects_own_providers_are_those_that_it_registers() -> None:
    import_module("inspect_ai.model._providers.providers")
    found = registry_find(lambda info: info.type == "modelapi")
    infos = [registry_info(each) for each in found]
    registered = {registry_unqualified_name(info) for info in infos if info.name.startswith("inspect_ai/")}
    assert providers.inspect_providers() == registered


@pytest.mark.parametrize("name", ["openai/gpt-5.2", "openrouter/a/b", "mockllm/model", "peerwatch/local", "hf/x/y"])
def test_a_provider_that_exists_is_not_refused(name: str) -> None:
    assert not providers.unknown_provider(name)


@pytest.mark.parametrize(
    ("name", "near"),
    [("opneai/x", "openai"), ("Anthropics/x", "anthropic"), ("gogle/x", "google"), ("mistal", "mistral")],
)
def test_the_nearest_provider_is_named(name: str, near: str) -> None:
    assert f"Did you mean {near}?" in providers.unknown_provider(name)


@pytest.mark.parametrize("words", ['@modelapi("acme")', "@modelapi(name='acme')", '@modelapi(\n    name="acme",\n)'])
def test_providers_of_a_plug_in_are_read_from_its_source(plugin: Path, words: str) -> None:
    (plugin / "registry.py").write_text(f"{words}\ndef acme():\n    raise SystemExit('loaded')\n", encoding="utf-8")
    assert not providers.unknown_provider("acme/one")
    assert "Did you mean acme?" in providers.unknown_provider("acne/one")


def test_nothing_is_refused_where_a_plug_in_hides_its_providers(plugin: Path) -> None:
    (plugin / "registry.py").write_text("NAME = 'acme'\n@modelapi(NAME)\ndef acme(): ...\n", encoding="utf-8")
    assert not providers.unknown_provider("acme/one")


def test_a_process_that_has_loaded_inspect_is_left_to_it(monkeypatch: pytest.MonkeyPatch) -> None:
    check_models(["opneai/x"])
    monkeypatch.delitem(sys.modules, "inspect_ai.model")
    with pytest.raises(UserError, match=r"model opneai/x: opneai is not a provider\. Did you mean openai"):
        check_models(["openai/gpt-5.2", "opneai/x"])
