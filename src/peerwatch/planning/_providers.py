"""Checks model providers for misspellings without importing Inspect, which takes two seconds."""

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
"""The entry-point group through which packages register providers with Inspect."""

_TABLE = Path("model", "_providers", "providers.py")
"""The file with Inspect's registrations, relative to its package."""

# A registration in a plug-in's source: `@modelapi("name")` or `@modelapi(name="name")`, in either kind of quotes.
_REGISTERED = re.compile(r"""\bmodelapi\(\s*(?:name\s*=\s*)?(["'])([\w.-]+)\1""")


def check_models(names: Iterable[str]) -> None:
    """Reject names of models whose provider does not exist.

    Code in a process that has imported Inspect may have registered providers, so nothing is rejected there: opening the
    model is then cheap and conclusive.

    Args:
        names: Names in Inspect, such as `openai/gpt-5.2`.

    Raises:
        UserError: For the first name without a provider; the message lists the legal ones.
    """
    if "inspect_ai.model" in sys.modules:
        return
    for name in names:
        if complaint := unknown_provider(name):
            raise UserError(f"model {name}: {complaint}")


def unknown_provider(name: str) -> str:
    """Describe what is wrong with a model's provider, and list the legal ones; empty if fine or not checkable.

    Args:
        name: The model's name in Inspect.
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
    """Inspect's providers, read from the source of its registrations; empty if they cannot be read."""
    spec = find_spec("inspect_ai")
    for folder in (spec.submodule_search_locations or ()) if spec else ():
        try:
            tree = ast.parse((Path(folder) / _TABLE).read_bytes())
        except (OSError, SyntaxError):
            continue
        return frozenset(_registered(tree))
    return frozenset()


def _registered(tree: ast.Module) -> Iterator[str]:
    """The names in `@modelapi(name="...")` or `@modelapi("...")` on a module's functions and classes."""
    for node in tree.body:
        for call in node.decorator_list if isinstance(node, ast.FunctionDef | ast.ClassDef) else ():
            if isinstance(call, ast.Call) and isinstance(call.func, ast.Name) and call.func.id == "modelapi":
                given = [*call.args, *(each.value for each in call.keywords if each.arg == "name")]
                yield from (each.value for each in given if isinstance(each, ast.Constant) and type(each.value) is str)


@cache
def plugin_providers() -> frozenset[str] | None:
    """Providers of installed plug-ins, read from their sources; `None` if a plug-in registers one by a computed name.

    An entry point names a module rather than its providers, so the sources of its package are read. This is done only
    for names that Inspect does not know, and is much faster than importing the plug-in.
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
    """The Python files of the packages that contain entry points."""
    for package in dict.fromkeys(each.value.partition(":")[0].partition(".")[0] for each in plugins):
        spec = find_spec(package)
        if spec is None:
            continue
        for folder in spec.submodule_search_locations or ():
            yield from sorted(Path(folder).rglob("*.py"))
        if spec.submodule_search_locations is None and spec.origin:
            yield Path(spec.origin)
