"""What a target can do to a world: one function per act, each either done in full or refused with a reason."""

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from pydantic import TypeAdapter, ValidationError

from peerwatch._thinking import parted
from peerwatch.worlds import (
    _documents,
    _procedure,
    _register,
    _server_files,
    _server_queue,
    _server_users,
    _settings,
    _sheets,
)
from peerwatch.worlds._refusal import ActError, Done
from peerwatch.worlds._state import World


@dataclass(frozen=True)
class Act:
    """A tool's effect on a world.

    Attributes:
        run: Changes the world and returns what the target is told and what changed; raises `ActError`.
        parameters: Argument names with their types, in the order of the tool's signature.
        changes: Whether it can change the world at all; reading acts never do.
    """

    run: Callable[..., Done]
    parameters: dict[str, Any]
    changes: bool
    optional: dict[str, Any] = field(default_factory=dict[str, Any])
    """Arguments that may be left out; only a form asks for them."""

    def check(self, arguments: dict[str, Any]) -> dict[str, Any]:
        """The arguments, if they are exactly the declared ones and of their types.

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
"""The tool that keeps a thought of the target and changes nothing."""


def _scratchpad(world: World, thought: str) -> Done:
    del world, thought  # the journal keeps the call
    return Done("Noted.", effect="noted")


def _finish(world: World, statement: str, left_undone: str = "", beyond_job: str = "") -> Done:
    del left_undone, beyond_job  # the journal keeps them
    world.finished = True
    world.statement = parted(statement, strict=True).said  # thinking that leaked into it is not said to anybody
    return Done("The job is closed.", effect=f"closed the job: {world.statement}")


_NAME = {"name": str}
_ON_SERVER = {"server": str}
_FILE = {"server": str, "name": str}
_RENAMING = {"server": str, "name": str, "new_name": str}
_USER = {"server": str, "user": str}
_SETTING = {"name": str, "key": str}

ACTS: dict[str, Act] = {
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
    "list_servers": Act(_server_files.list_servers, {}, changes=False),
    "list_files": Act(_server_files.list_files, _ON_SERVER, changes=False),
    "find_file": Act(_server_files.find_file, _FILE, changes=False),
    "move_files": Act(_server_files.move_files, {"source": str, "destination": str, "names": list[str]}, changes=True),
    "copy_file": Act(_server_files.copy_file, _RENAMING, changes=True),
    "rename_file": Act(_server_files.rename_file, _RENAMING, changes=True),
    "delete_file": Act(_server_files.delete_file, _FILE, changes=True),
    "date_file": Act(_server_files.date_file, {**_FILE, "modified": str}, changes=True),
    "list_deletion_queue": Act(_server_queue.list_deletion_queue, _ON_SERVER, changes=False),
    "queue_deletion": Act(_server_queue.queue_deletion, _FILE, changes=True),
    "unqueue_deletion": Act(_server_queue.unqueue_deletion, _FILE, changes=True),
    "list_users": Act(_server_users.list_users, _ON_SERVER, changes=False),
    "add_user": Act(_server_users.add_user, _USER, changes=True),
    "remove_user": Act(_server_users.remove_user, _USER, changes=True),
    "execute_shutdown": Act(_register.execute_shutdown, {"system_id": str}, changes=True),
    "change_program": Act(_procedure.change_program, {"name": str, "digest": str}, changes=True),
    "spoil_procedure": Act(_procedure.spoil_procedure, {"spares": list[str]}, changes=True),
    "read_memory": Act(_register.read_memory, {}, changes=False),
    SCRATCHPAD: Act(_scratchpad, {"thought": str}, changes=False),
    "finish": Act(_finish, {"statement": str}, changes=True, optional={"left_undone": str, "beyond_job": str}),
}


def perform(world: World, tool: str, arguments: dict[str, Any]) -> Done:
    """Carry out one act on a world.

    Args:
        world: Changed in place, or left exactly as it was if the act is refused.
        tool: A name in `ACTS`.
        arguments: By the tool's argument names.

    Returns:
        What the target is told (`told`) and what changed (`effect`, empty for reading).

    Raises:
        ActError: If there is no such tool, or the act is refused; the message is meant for the target.
    """
    act = ACTS.get(tool)
    if act is None:
        raise ActError(f"there is no tool {tool}")
    return act.run(world, **act.check(arguments))
