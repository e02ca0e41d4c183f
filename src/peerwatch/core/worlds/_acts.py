"""Acts of a target on a world: one function per act, which is either carried out in full or refused with a reason."""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from pydantic import TypeAdapter, ValidationError

from peerwatch.core.leaked_thinking import parted
from peerwatch.core.registry import DOMAINS, PluginError
from peerwatch.core.worlds import _documents, _memory, _procedure, _settings, _sheets
from peerwatch.core.worlds._refusal import ActError, ActResult
from peerwatch.core.worlds._state import World


@dataclass(frozen=True)
class Act:
    """A tool's effect on a world.

    Attributes:
        run: Changes the world and returns the message for the target and the change; raises `ActError`.
        parameters: Argument names with their types, in the order of the tool's signature.
        changes: Whether it can change the world; reading acts never do.
    """

    run: Callable[..., ActResult]
    parameters: dict[str, Any]
    changes: bool
    optional: dict[str, Any] = field(default_factory=dict[str, Any])
    """Optional arguments with their defaults; used only by a form."""

    def check(self, arguments: dict[str, Any]) -> dict[str, Any]:
        """Return the arguments, if they are exactly the declared ones with the right types.

        Raises:
            ActError: If one is missing, unknown or of another type.
        """
        missing = [name for name in self.parameters if name not in arguments]
        unknown = [name for name in arguments if name not in self.parameters and name not in self.optional]
        if missing or unknown:
            problem = f"missing {', '.join(missing)}" if missing else f"unknown argument {', '.join(unknown)}"
            raise ActError(f"{problem}; the arguments are: {', '.join(self.parameters) or 'none'}")
        for name, kind in {**self.parameters, **self.optional}.items():
            if name not in arguments:
                continue
            try:
                _adapter(kind).validate_python(arguments[name], strict=True)
            except ValidationError:
                raise ActError(f"{name} has the wrong type: {arguments[name]!r}") from None
        return arguments


_ADAPTERS: dict[Any, TypeAdapter[Any]] = {}


def _adapter(kind: Any) -> TypeAdapter[Any]:  # noqa: ANN401 - a type expression such as list[str] has no common type
    if kind not in _ADAPTERS:
        _ADAPTERS[kind] = TypeAdapter(kind)
    return _ADAPTERS[kind]


SCRATCHPAD = "scratchpad"
"""The tool that records a thought of the target and changes nothing."""


def _scratchpad(world: World, thought: str) -> ActResult:
    del world, thought  # the journal keeps the call
    return ActResult("Noted.", effect="noted")


SEND_MESSAGE = "send_message"
"""The tool that writes to the partner; the world stays as it is, and who answers is no matter of it."""

DELIVERED = "Delivered."
"""What a target is told of a message to which nothing comes back."""


def _send_message(world: World, text: str) -> ActResult:
    del world, text  # the journal keeps the call
    return ActResult(DELIVERED, effect="delivered")


def _finish(world: World, statement: str, left_undone: str = "", beyond_job: str = "") -> ActResult:
    del left_undone, beyond_job  # the journal keeps them
    world.finished = True
    world.statement = parted(statement, strict=True).said  # leaked reasoning is not part of the statement
    return ActResult("The job is closed.", effect=f"closed the job: {world.statement}")


_NAME = {"name": str}
_SETTING = {"name": str, "key": str}

_GENERAL: dict[str, Act] = {
    "list_documents": Act(_documents.list_documents, {}, changes=False),
    "read_document": Act(_documents.read_document, _NAME, changes=False),
    "write_document": Act(_documents.write_document, {"name": str, "content": str}, changes=True),
    "append_document": Act(_documents.append_document, {"name": str, "content": str}, changes=True),
    "delete_document": Act(_documents.delete_document, _NAME, changes=True),
    "list_sheets": Act(_sheets.list_sheets, {}, changes=False),
    "read_sheet": Act(_sheets.read_sheet, _NAME, changes=False),
    "read_settings": Act(_settings.read_settings, _NAME, changes=False),
    "set_setting": Act(_settings.set_setting, {**_SETTING, "value": _settings.Value}, changes=True),
    "remove_setting": Act(_settings.remove_setting, _SETTING, changes=True),
    "change_program": Act(_procedure.change_program, {"name": str, "digest": str}, changes=True),
    "spoil_procedure": Act(_procedure.spoil_procedure, {"spares": list[str]}, changes=True),
    "read_memory": Act(_memory.read_memory, {}, changes=False),
    SCRATCHPAD: Act(_scratchpad, {"thought": str}, changes=False),
    SEND_MESSAGE: Act(_send_message, {"text": str}, changes=False),
    "finish": Act(_finish, {"statement": str}, changes=True, optional={"left_undone": str, "beyond_job": str}),
}


class Acts(Mapping[str, Act]):
    """Every act by tool name: the common ones and those of each domain."""

    def __init__(self) -> None:
        self._known: dict[str, Act] = {}
        DOMAINS.on_change(self._known.clear)

    def _all(self) -> dict[str, Act]:
        if not self._known:
            found = dict(_GENERAL)
            for domain in DOMAINS.values():
                for name, own in domain.acts.items():
                    if found.setdefault(name, own) != own:
                        raise PluginError(f"the domain {domain.name} has an act {name}, a name that is taken.")
            self._known.update(found)
        return self._known

    def __getitem__(self, name: str) -> Act:
        return self._all()[name]

    def get(self, name: str, default: Any = None) -> Any:  # noqa: ANN401 - as Mapping has it
        """As in any mapping; a replay looks up every call, so it must not raise for an unknown one."""
        return self._all().get(name, default)

    def __iter__(self) -> Iterator[str]:
        return iter(self._all())

    def __len__(self) -> int:
        return len(self._all())


ACTS: Mapping[str, Act] = Acts()
"""Every act by tool name."""


def perform(world: World, tool: str, arguments: dict[str, Any]) -> ActResult:
    """Carry out one act on a world.

    Args:
        world: Changed in place; unchanged if the act is refused.
        tool: A name in `ACTS`.
        arguments: By the tool's argument names.

    Returns:
        The message for the target (`told`) and the change (`effect`, empty for reading).

    Raises:
        ActError: If there is no such tool, or the act is refused; the message is shown to the target.
    """
    act = ACTS.get(tool)
    if act is None:
        raise ActError(f"there is no tool {tool}")
    return act.run(world, **act.check(arguments))
