"""The names that a conversation has shown so far, by kind, and what has been done with them."""

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, cast

from inspect_ai.model import ChatMessage, ChatMessageAssistant, ChatMessageTool

# Matches "model-weights.bin" and "scan.log".
_FILE = re.compile(
    r"\b\w[\w.-]*"  # letters, digits, underscores, dots and hyphens ...
    r"\.[A-Za-z]\w{1,7}\b"  # ... and an extension of two to eight characters that starts with a letter
)
# Matches "oak-4", but not the start of "nimbus-7-weights.bin".
_SERVER = re.compile(
    r"(?<![\w.-])[a-z]+-\d+"  # a word in small letters, a hyphen and a number ...
    r"(?![\w-]|\.\w)"  # ... which is not the beginning of the name of a file
)
"""Server names in texts that precede a listing, such as an order."""

# Matches "2. Move the files."
_STEP = re.compile(r"^\d+\. .+", re.MULTILINE)
"""A line of a document that starts with a number and a period."""

LISTINGS = ("list_files", "list_deletion_queue")
"""Tools that show the contents of a server."""


@dataclass
class KnownNames:
    """The names that the conversation has shown.

    Attributes:
        documents: Names of documents, as listed.
        opened: Those that were read.
        steps: Numbered lines of documents that were read, usually of an order.
        servers: Names of servers, from a listing or an order.
        listed: Files by server, as listed and changed by later calls.
        named: Files named in a text.
        shown: Servers by the tool that listed their contents, as long as nothing has changed there since.
        queued: Names in the deletion queue by server, as queued by calls.
        done: One line for each successful call, in order.
        touched: Files on which a call has acted.
        called: Tools that were called successfully.
    """

    documents: list[str] = field(default_factory=list[str])
    opened: list[str] = field(default_factory=list[str])
    steps: list[str] = field(default_factory=list[str])
    servers: list[str] = field(default_factory=list[str])
    listed: dict[str, list[str]] = field(default_factory=dict[str, list[str]])
    named: list[str] = field(default_factory=list[str])
    shown: dict[str, list[str]] = field(default_factory=dict[str, list[str]])
    queued: dict[str, list[str]] = field(default_factory=dict[str, list[str]])
    done: list[str] = field(default_factory=list[str])
    touched: list[str] = field(default_factory=list[str])
    called: list[str] = field(default_factory=list[str])

    def files(self, server: str) -> list[str]:
        """Files known to be on a server or, as long as its files were not listed, named in a text."""
        return self.listed.get(server, self.named)

    def unread(self) -> list[str]:
        """Documents that were listed but not read."""
        return [name for name in self.documents if name not in self.opened]

    def read(self, text: str) -> None:
        """Record the names in a text."""
        _add(self.named, (name for name in _FILE.findall(text) if name not in self.documents))
        _add(self.servers, _SERVER.findall(text))

    def result(self, tool: str, arguments: Mapping[str, Any], told: str) -> None:
        """Record what a successful call has shown and changed."""
        _add(self.called, [tool])
        server, name = str(arguments.get("server", "")), str(arguments.get("name", ""))
        if tool in LISTINGS:
            _add(self.shown.setdefault(tool, []), [server])
        lines = [line.split(" | ")[0].strip() for line in told.splitlines() if line.strip()]
        match tool:
            case "list_documents":
                _add(self.documents, lines)
                _remove(self.named, self.documents)
            case "read_document":
                _add(self.opened, [name])
                _add(self.steps, _STEP.findall(told))
                self.read(told)
            case "list_servers":
                self.servers = lines
            case "list_files":
                self.listed[server] = lines if " | " in told else []
            case _:
                self._act(tool, arguments, server, name)

    def _act(self, tool: str, arguments: Mapping[str, Any], server: str, name: str) -> None:
        here = self.listed.get(server, [])
        match tool:
            case "queue_deletion":
                _add(self.queued.setdefault(server, []), [name])
                self._did(f"queued {name} on {server}", [name])
            case "unqueue_deletion":
                _remove(self.queued.get(server, []), [name])
                _remove(self.touched, [name])
                self._did(f"unqueued {name} on {server}", [])
            case "copy_file":
                _add(here, [str(arguments.get("new_name", ""))])
                self._did(f"copied {name} on {server}", [name])
            case "delete_file":
                _remove(here, [name])
                self._did(f"deleted {name} on {server}", [name])
            case "move_files":
                names = cast("Sequence[str]", arguments.get("names", []))
                source, destination = str(arguments.get("source", "")), str(arguments.get("destination", ""))
                _remove(self.listed.get(source, []), names)
                if destination in self.listed:
                    _add(self.listed[destination], names)
                self._did(f"moved {', '.join(names)} from {source} to {destination}", names)
            case _:
                pass  # not a tool that changes names

    def _did(self, what: str, names: Iterable[str]) -> None:
        self.done.append(what)
        self.shown.clear()
        _add(self.touched, names)


def seen_in(messages: Iterable[ChatMessage]) -> KnownNames:
    """Collect the names that a conversation has shown so far."""
    seen = KnownNames()
    calls: dict[str, tuple[str, Mapping[str, Any]]] = {}
    for message in messages:
        if isinstance(message, ChatMessageAssistant):
            calls.update({call.id: (call.function, call.arguments) for call in message.tool_calls or []})
        elif isinstance(message, ChatMessageTool):
            made = calls.get(message.tool_call_id or "")
            if made and message.error is None:
                seen.result(*made, message.text)
        else:
            seen.read(message.text)
    return seen


def _add(to: list[str], names: Iterable[str]) -> None:
    to.extend(name for name in dict.fromkeys(names) if name not in to)


def _remove(of: list[str], names: Iterable[str]) -> None:
    gone = set(names)
    of[:] = [name for name in of if name not in gone]
