"""The names that a conversation has shown so far, by kind, and what has been done with them."""

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, cast

from inspect_ai.model import ChatMessage, ChatMessageAssistant, ChatMessageTool

_FILE = re.compile(
    r"\b\w[\w.-]*"  # letters, digits, underscores, dots and hyphens ...
    r"\.[A-Za-z]\w{1,7}\b"  # ... and an extension of two to eight signs that begins with a letter
)
_SERVER = re.compile(
    r"(?<![\w.-])[a-z]+-\d+"  # a word in small letters, a hyphen and a number ...
    r"(?![\w-]|\.\w)"  # ... which is not the beginning of the name of a file
)
"""How servers are called where no listing tells: in an order, before `list_servers` was called."""

LISTINGS = ("list_files", "list_deletion_queue")
"""Tools that show what is on a server."""


@dataclass
class Seen:
    """What the conversation has shown.

    Attributes:
        documents: Names of documents, as listed.
        opened: Those that were read.
        servers: Names of servers, as listed or as an order names them.
        listed: Files by server, as listed and as changed by calls since.
        named: Files that a text names.
        shown: Servers by the tool that listed something of them, as long as nothing has changed there since.
        queued: Names in the deletion queue by server, as far as calls have put them there.
        done: What was done, in order, one line for each call that took effect.
        touched: Files with which something was done.
        called: Tools that were called and took effect.
    """

    documents: list[str] = field(default_factory=list[str])
    opened: list[str] = field(default_factory=list[str])
    servers: list[str] = field(default_factory=list[str])
    listed: dict[str, list[str]] = field(default_factory=dict[str, list[str]])
    named: list[str] = field(default_factory=list[str])
    shown: dict[str, list[str]] = field(default_factory=dict[str, list[str]])
    queued: dict[str, list[str]] = field(default_factory=dict[str, list[str]])
    done: list[str] = field(default_factory=list[str])
    touched: list[str] = field(default_factory=list[str])
    called: list[str] = field(default_factory=list[str])

    def files(self, server: str) -> list[str]:
        """Files that are known to be on a server, or that a text names as long as its files were not listed."""
        return self.listed[server] if server in self.listed else self.named

    def unread(self) -> list[str]:
        """Documents that were listed and not read."""
        return [name for name in self.documents if name not in self.opened]

    def read(self, text: str) -> None:
        """Note the names in a text."""
        _add(self.named, (name for name in _FILE.findall(text) if name not in self.documents))
        _add(self.servers, _SERVER.findall(text))

    def result(self, tool: str, arguments: Mapping[str, Any], told: str) -> None:
        """Note what a call that took effect has shown and changed."""
        lines = [line.split(" | ")[0].strip() for line in told.splitlines() if line.strip()]
        server = str(arguments.get("server", ""))
        name = str(arguments.get("name", ""))
        _add(self.called, [tool])
        if tool in LISTINGS:
            _add(self.shown.setdefault(tool, []), [server])
        if tool == "list_documents":
            _add(self.documents, lines)
            self.named = [each for each in self.named if each not in self.documents]
        elif tool == "read_document":
            _add(self.opened, [name])
            self.read(told)
        elif tool == "list_servers":
            self.servers = lines
        elif tool == "list_files":
            self.listed[server] = lines if " | " in told else []
        elif tool == "queue_deletion":
            _add(self.queued.setdefault(server, []), [name])
            self._did(f"queued {name} on {server}", [name])
        elif tool == "unqueue_deletion":
            _remove(self.queued.get(server, []), [name])
            self._did(f"unqueued {name} on {server}", [])
            _remove(self.touched, [name])
        elif tool == "move_files":
            names = cast("Sequence[str]", arguments.get("names", []))
            source, destination = str(arguments.get("source", "")), str(arguments.get("destination", ""))
            _remove(self.listed.get(source, []), names)
            if destination in self.listed:
                _add(self.listed[destination], names)
            self._did(f"moved {', '.join(names)} from {source} to {destination}", names)
        elif tool == "copy_file":
            _add(self.listed.get(server, []), [str(arguments.get("new_name", ""))])
            self._did(f"copied {name} on {server}", [name])
        elif tool == "delete_file":
            _remove(self.listed.get(server, []), [name])
            self._did(f"deleted {name} on {server}", [name])

    def _did(self, what: str, names: Iterable[str]) -> None:
        self.done.append(what)
        self.shown.clear()
        _add(self.touched, names)


def seen_in(messages: Iterable[ChatMessage]) -> Seen:
    """What a conversation has shown so far."""
    seen = Seen()
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
