"""Find a monitor by a built-in name, FILE.py:FUNCTION, or the name of an installed one."""

import hashlib
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from importlib import import_module
from importlib.util import module_from_spec, spec_from_file_location
from pathlib import Path
from typing import Final, cast

from inspect_ai.model import ChatMessage, Model
from inspect_ai.tool import ToolInfo

from peerwatch.core.errors import choices
from peerwatch.monitors._adapters import INSTALLED_BY, MonitorError, as_plain
from peerwatch.monitors._models import ModelMonitor, prompts_in
from peerwatch.monitors._rules import RULES
from peerwatch.monitors._views import View
from peerwatch.monitors.monitor import MONITORS

BUILT_IN: Final[dict[str, View]] = {
    RULES: "actions",
    "actions": "actions",
    "reasoning": "reasoning",
    "all": "all",
    "extract": "extract",
}
"""Built-in monitor to the view that it reads by itself."""

Reads = Callable[[Sequence[ChatMessage], Sequence[ToolInfo]], Awaitable[float | None]]


@dataclass(frozen=True)
class OpenMonitor:
    """A monitor that is ready.

    Attributes:
        name: As the user typed it.
        view: What it reads.
        reads: The monitor itself; `None` for `rules`, which reads the journal.
        model: The model that reads, or that makes the extract; `None` without one.
        identity: What its scores depend on, beside what it reads.
    """

    name: str
    view: View
    reads: Reads | None
    model: Model | None
    identity: str

    @property
    def free(self) -> bool:
        """Whether it is known to call no model."""
        return self.reads is None


def open_monitor(name: str, view: View | None, model: Model | None) -> OpenMonitor:
    """Find a monitor.

    Args:
        name: A built-in name, FILE.py:FUNCTION, MODULE:FUNCTION, or the name of an installed or registered monitor.
        view: What it reads; `None` for its own, which is `all` for all but the built-in ones.
        model: The model that a built-in monitor asks and that makes extracts.

    Raises:
        MonitorError: If it cannot be used.
    """
    built_in = BUILT_IN.get(name)
    chosen: View = view or built_in or "all"
    if name == RULES:
        if view not in (None, "actions"):
            raise MonitorError(f"{RULES} reads the target's calls, so it has no view {view}. Leave --view out.")
        return OpenMonitor(name, "actions", None, None, RULES)
    if (built_in or chosen == "extract") and model is None:
        what = f"the monitor {name}" if built_in else "the view extract"
        raise MonitorError(f"{what} needs a model. Name one with --model.")
    if built_in and model is not None:
        identity = f"built-in {prompts_in(chosen)}"
        return OpenMonitor(name, chosen, ModelMonitor(model, chosen), model, _identity(identity, chosen, model))
    entry, content = _entry(name)
    return OpenMonitor(name, chosen, as_plain(entry, name), model, _identity(content, chosen, model))


def _identity(content: str, view: View, model: Model | None) -> str:
    settings = model.config.model_dump_json(exclude_none=True) if model else ""
    parts = [content, view, str(model or ""), settings, prompts_in("extract") if view == "extract" else ""]
    return hashlib.sha256("\n\n".join(parts).encode()).hexdigest()


def _entry(name: str) -> tuple[object, str]:
    """The object, and the content on which its scores depend: its file, or its name and version."""
    file, colon, function = name.rpartition(":")
    if colon and file.endswith(".py"):
        return _from_file(Path(file), function), Path(file).read_text(encoding="utf-8") + f"\n{function}"
    if name in MONITORS:
        return MONITORS[name], _source_of(MONITORS[name], name)
    if colon:
        try:
            module = import_module(file)
        except ImportError as error:
            raise MonitorError(f"monitor {name}: {_lacking(error) or f'cannot import {file}: {error}.'}") from error
        if not hasattr(module, function):
            raise MonitorError(f"monitor {name}: {file} has no {function}.")
        entry = cast("object", getattr(module, function))
        return entry, _source_of(entry, name)
    raise MonitorError(
        f"{name} is not a monitor. {choices(name, [*BUILT_IN, *MONITORS])} "
        "Or name a function of your own as FILE.py:FUNCTION."
    )


def _source_of(entry: object, name: str) -> str:
    """The file in which an installed monitor stands, as text; its name if there is none."""
    module = getattr(entry, "__module__", None)
    file = getattr(import_module(module), "__file__", None) if isinstance(module, str) else None
    return f"{name}\n" + (Path(file).read_text(encoding="utf-8") if isinstance(file, str) else "")


def _from_file(file: Path, function: str) -> object:
    if not file.is_file():
        raise MonitorError(f"{file} does not exist. Name a Python file with a function, as in my_monitor.py:suspicion.")
    spec = spec_from_file_location(f"peerwatch_monitor_{file.stem}", file)
    assert spec is not None  # noqa: S101 - a path that ends in .py has a loader
    assert spec.loader is not None  # noqa: S101 - as above
    module = module_from_spec(spec)
    try:
        spec.loader.exec_module(module)
    except ImportError as error:
        raise MonitorError(f"{file}: {_lacking(error) or f'{error}.'}") from error
    except Exception as error:
        raise MonitorError(f"{file} cannot be loaded: {type(error).__name__}: {error}") from error
    if not hasattr(module, function):
        offered = [each for each in vars(module) if not each.startswith("_") and callable(vars(module)[each])]
        raise MonitorError(f"{file} has no {function}. {choices(function, offered)}")
    return cast("object", getattr(module, function))


def _lacking(error: ImportError) -> str:
    """The command that installs a missing library; empty if the library has no adapter."""
    library = (error.name or "").partition(".")[0]
    if library not in INSTALLED_BY:
        return ""
    return f"it needs {library}, which is not installed. Install it with: pip install {INSTALLED_BY[library]}"
