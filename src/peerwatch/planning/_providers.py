"""Check providers of models for misspellings without loading Inspect, which takes two seconds."""

import ast
import re
import sys
from collections.abc import Iterable, Iterator
from functools import cache
from importlib.metadata import EntryPoint, entry_points
from importlib.util import find_spec
from pathlib import Path

from peerwatch.core.errors import UserError, choices

OURS = "peerwatch"

_GROUP = "inspect_ai"
"""The group of entry points through which a package registers providers with Inspect."""

_TABLE = Path("model", "_providers", "providers.py")
"""Where Inspect registers its own, below its package."""

# A registration in the source of a plug-in: `@modelapi("name")` or `@modelapi(name="name")`, in either quotes.
_REGISTERED = re.compile(r"""\bmodelapi\(\s*(?:name\s*=\s*)?(["'])([\w.-]+)\1""")


def check_models(names: Iterable[str]) -> None:
    """Refuse names of models whose provider does not exist.

    A process that has loaded Inspect may have registered providers by itself, so nothing is refused in one: opening
    the model is cheap there and tells.

    Args:
        names: As Inspect names them, such as `openai/gpt-5.2`.

    Raises:
        UserError: At the first one that has no provider, with the legal ones.
    """
    if "inspect_ai.model" in sys.modules:
        return
    for name in names:
        if complaint := unknown_provider(name):
            raise UserError(f"model {name}: {complaint}")


def unknown_provider(name: str) -> str:
    """What is wrong with a model's provider and which there are; empty if nothing is, or it cannot be known.

    Args:
        name: As Inspect names the model.
    """
    provider, slash, _ = name.partition("/")
    built_in = inspect_providers()
    if not built_in or provider == OURS or (slash and provider in built_in):
        return ""
    added = plugin_providers()
    if added is None or (slash and provider in added):
        return ""
    wrong = f"{provider} is not a provider" if slash else "give PROVIDER/MODEL, as in openai/gpt-5.2"
    return f"{wrong}. {choices(provider, sorted({*built_in, *added, OURS}))}"


@cache
def inspect_providers() -> frozenset[str]:
    """Inspect's own providers, read from the source of the table that registers them; empty if it cannot be read."""
    spec = find_spec("inspect_ai")
    for folder in (spec.submodule_search_locations or ()) if spec else ():
        try:
            tree = ast.parse((Path(folder) / _TABLE).read_bytes())
        except (OSError, SyntaxError):
            continue
        return frozenset(_registered(tree))
    return frozenset()


def _registered(tree: ast.Module) -> Iterator[str]:
    """The names in `@modelapi(name="...")` or `@modelapi("...")` of a module's functions and classes."""
    for node in tree.body:
        for call in node.decorator_list if isinstance(node, ast.FunctionDef | ast.ClassDef) else ():
            if isinstance(call, ast.Call) and isinstance(call.func, ast.Name) and call.func.id == "modelapi":
                given = [*call.args, *(each.value for each in call.keywords if each.arg == "name")]
                yield from (each.value for each in given if isinstance(each, ast.Constant) and type(each.value) is str)


@cache
def plugin_providers() -> frozenset[str] | None:
    """Providers of installed plug-ins, read from their sources; `None` if a plug-in registers one by no literal name.

    An entry point names a module and not the providers that it registers, so the sources of its package are read. That
    is done for names that Inspect itself does not have, and takes a fraction of the time of loading the plug-in.
    """
    found: set[str] = set()
    for file in _sources(each for each in entry_points(group=_GROUP) if not each.value.startswith(f"{OURS}.")):
        try:
            text = file.read_text(encoding="utf-8", errors="replace")
        except OSError:
            return None
        names = {name for _, name in _REGISTERED.findall(text)}
        if "@modelapi" in text and not names:
            return None
        found |= names
    return frozenset(found)


def _sources(plugins: Iterable[EntryPoint]) -> Iterator[Path]:
    """The Python files of the packages that entry points are in."""
    for package in dict.fromkeys(each.value.partition(":")[0].partition(".")[0] for each in plugins):
        spec = find_spec(package)
        if spec is None:
            continue
        for folder in spec.submodule_search_locations or ():
            yield from sorted(Path(folder).rglob("*.py"))
        if spec.submodule_search_locations is None and spec.origin:
            yield Path(spec.origin)
