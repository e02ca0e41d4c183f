"""Registries of named entries, which other packages extend with entry points, `register` calls, or folders.

Peerwatch's own entries are given as import paths, so that this module does not import higher layers. An entry is loaded
when it is first used.
"""

import os
from collections.abc import Callable, Iterator, Mapping
from functools import cached_property
from importlib import import_module
from importlib.metadata import EntryPoint, entry_points
from typing import TYPE_CHECKING, Any, Generic, TypeVar, cast

from peerwatch.core.errors import UserError, choices

if TYPE_CHECKING:
    from peerwatch.core.scenarios import Domain

T = TypeVar("T")


class PluginError(UserError):
    """A package's entry cannot be used. The message names the entry point and its package."""


class NotRegisteredError(UserError, KeyError):
    """No entry is registered under this name. The message lists the registered names."""

    def __str__(self) -> str:
        return str(self.args[0])  # KeyError.__str__ would put the message in quotes


class Registry(Mapping[str, T], Generic[T]):
    """A read-only mapping of entries by name: built-in ones first, then entry points, then registered ones.

    Args:
        group: Entry-point group, such as `peerwatch.scenarios`.
        noun: Word for an entry in messages, such as `scenario`.
        own: Name to the import path of Peerwatch's own entries, as `module:attribute`.
        entries: Name to Peerwatch's own entries, if they are already loaded.
        adapt: Makes an entry from its name and the object that the entry point names; if omitted, the object is the
            entry.
        more: Function that returns further entries by name on every lookup; they are loaded like those of entry points.
        missing: Advice for unregistered names, added to the message; a mapping for individual names.
    """

    def __init__(
        self,
        group: str,
        noun: str,
        own: Mapping[str, str] | None = None,
        entries: Mapping[str, T] | None = None,
        adapt: Callable[[str, object], T] | None = None,
        more: Callable[[], Mapping[str, object]] | None = None,
        missing: str | Mapping[str, str] = "",
    ) -> None:
        self.group = group
        self.noun = noun
        self._own = {**(own or {}), **dict.fromkeys(entries or {}, "")}
        self._adapt = adapt
        self._more = more or dict[str, object]
        self._missing = missing
        self._loaded: dict[str, T] = dict(entries or {})
        self._listeners: list[Callable[[], None]] = []

    @property
    def _one(self) -> str:
        """The noun with its indefinite article."""
        return f"{'an' if self.noun[0] in 'aeio' else 'a'} {self.noun}"

    @cached_property
    def _offered(self) -> dict[str, EntryPoint]:
        found: dict[str, EntryPoint] = {}
        for each in sorted(entry_points(group=self.group), key=lambda each: each.name):
            other = found.get(each.name)
            if each.name in self._own or (other and other.value != each.value):
                raise PluginError(
                    f"{_place(each)} offers the {self.noun} {each.name}, a name that is taken. Rename it there."
                )
            found[each.name] = each
        return found

    def __getitem__(self, name: str) -> T:
        if name in self._loaded:
            return self._loaded[name]
        if name in self._own:
            module, _, attribute = self._own[name].partition(":")
            entry = cast("object", getattr(import_module(module), attribute))
        elif name in self._offered:
            entry = self._load(self._offered[name])
        elif name in (more := self._more()):
            entry = more[name]
        else:
            hint = self._missing if isinstance(self._missing, str) else self._missing.get(name, "")
            advice = " ".join(filter(None, [hint, choices(name, self)]))
            raise NotRegisteredError(f"{name} is not {self._one}. {advice}")
        self._loaded[name] = self._adapt(name, entry) if self._adapt else cast("T", entry)
        return self._loaded[name]

    def __iter__(self) -> Iterator[str]:
        return iter(dict.fromkeys([*self._own, *self._offered, *self._more(), *self._loaded]))

    def __len__(self) -> int:
        return sum(1 for _ in self)

    def __contains__(self, name: object) -> bool:
        return any(name in known for known in (self._loaded, self._own, self._offered)) or name in self._more()

    def register(self, name: str, entry: T) -> T:
        """Add an entry in this process; the same entry may be registered twice.

        Raises:
            PluginError: If the name is taken by another entry.
        """
        if name in self and self[name] != entry:
            raise PluginError(f"{name} is already the name of {self._one}. Give yours another name.")
        self._loaded[name] = entry
        for listener in self._listeners:
            listener()
        return entry

    def unregister(self, name: str) -> None:
        """Remove an entry added by `register`; for tests.

        Raises:
            NotRegisteredError: If nothing was registered under that name.
        """
        if name in self._own or name in self._offered or name not in self._loaded:
            raise NotRegisteredError(f"{name} was not registered as a {self.noun} in this process.")
        del self._loaded[name]
        for listener in self._listeners:
            listener()

    def on_change(self, listener: Callable[[], None]) -> None:
        """Call a function whenever an entry is added or removed, for example to clear a cache."""
        self._listeners.append(listener)

    def _load(self, offered: EntryPoint) -> object:
        try:
            return cast("object", offered.load())
        except (ImportError, AttributeError) as error:
            raise PluginError(
                f"{_place(offered)} offers the {self.noun} {offered.name}, which can't be loaded: {error}. "
                "Repair or uninstall that package."
            ) from error


def _place(offered: EntryPoint) -> str:
    package = offered.dist.name if offered.dist else "an installed package"
    return f"{package} (entry point {offered.group}: {offered.name} = {offered.value})"


FOLDERS = "PEERWATCH_SCENARIOS"
"""Environment variable with scenario folders, separated as in PATH; all processes of a run inherit it."""


def folders() -> list[str]:
    """Return the scenario folders named in the environment."""
    return [each for each in os.environ.get(FOLDERS, "").split(os.pathsep) if each]


def name_folder(path: str) -> None:
    """Make a scenario's folder known to this process and its child processes."""
    if path not in folders():
        os.environ[FOLDERS] = os.pathsep.join([*folders(), path])


DOMAINS: "Registry[Domain[Any, Any]]" = Registry(
    "peerwatch.domains",
    "domain",
    own={"server": "peerwatch.domains.server:DOMAIN", "review": "peerwatch.domains.review:DOMAIN"},
)
"""All domains (kinds of worlds) by name."""
