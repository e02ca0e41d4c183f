"""Packages that load what they offer on first use, so that a user's mistake is told before Inspect is loaded."""

import ast
import sys
from collections.abc import Callable
from importlib import import_module
from pathlib import Path
from typing import Any


def on_first_use(package: str) -> Callable[[str], Any]:
    """The `__getattr__` of a package whose `__init__.py` imports what it offers under `if TYPE_CHECKING`.

    The imports are written once, where editors and type checkers read them; here they are read from the same source,
    and made when somebody asks for a name. Inspect takes two seconds to load, and a package's plain records need none
    of it.

    Args:
        package: Its `__name__`.
    """
    homes: dict[str, str] = {}

    def load(name: str) -> Any:  # noqa: ANN401 - whatever the module holds under the name
        if not homes:
            homes.update(_homes(package))
        if name not in homes:
            raise AttributeError(f"module {package!r} has no attribute {name!r}")
        found = getattr(import_module(homes[name]), name)
        setattr(sys.modules[package], name, found)  # from now on Python finds it by itself
        return found

    return load


def _homes(package: str) -> dict[str, str]:
    """Name to the module that has it, from the imports under `if TYPE_CHECKING` of a package's `__init__.py`."""
    source = Path(str(sys.modules[package].__file__)).read_text(encoding="utf-8")
    return {
        alias.name: node.module
        for block in ast.parse(source).body
        if isinstance(block, ast.If) and isinstance(block.test, ast.Name) and block.test.id == "TYPE_CHECKING"
        for node in block.body
        if isinstance(node, ast.ImportFrom) and node.module
        for alias in node.names
    }
