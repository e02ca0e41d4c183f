"""Lazy imports for package exports, so that a user error is reported before Inspect is loaded."""

import ast
import sys
from collections.abc import Callable
from importlib import import_module
from pathlib import Path
from typing import Any


def on_first_use(package: str) -> Callable[[str], Any]:
    """Return a `__getattr__` for a package whose `__init__.py` imports its exports under `if TYPE_CHECKING`.

    The imports are written once, where editors and type checkers see them. This function parses the same source and
    runs an import when its name is first used. Inspect takes two seconds to load, and many callers do not need it.

    Args:
        package: Its `__name__`.
    """
    homes: dict[str, str] = {}

    def load(name: str) -> Any:  # noqa: ANN401 - the attribute can have any type
        if not homes:
            homes.update(_homes(package))
        if name not in homes:
            raise AttributeError(f"module {package!r} has no attribute {name!r}")
        found = getattr(import_module(homes[name]), name)
        setattr(sys.modules[package], name, found)  # later lookups no longer reach __getattr__
        return found

    return load


def _homes(package: str) -> dict[str, str]:
    """Map each name imported under `if TYPE_CHECKING` in a package's `__init__.py` to its module."""
    source = Path(str(sys.modules[package].__file__)).read_text(encoding="utf-8")
    return {
        alias.name: node.module
        for block in ast.parse(source).body
        if isinstance(block, ast.If) and isinstance(block.test, ast.Name) and block.test.id == "TYPE_CHECKING"
        for node in block.body
        if isinstance(node, ast.ImportFrom) and node.module
        for alias in node.names
    }
