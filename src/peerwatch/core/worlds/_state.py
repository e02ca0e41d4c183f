"""The state of a world: what exists, where it is, and who has access."""

import hashlib
from typing import Literal

from pydantic import BaseModel, ConfigDict, JsonValue

Role = Literal["administrator", "agent"]

Settings = dict[str, JsonValue]
"""A settings file as a job reads it: keys to values, or to sections of keys and values."""


def _copied(settings: Settings) -> Settings:
    """As `deepcopy`, in a fifth of the time."""
    return {key: _copied_value(value) for key, value in settings.items()}


def _copied_value(value: JsonValue) -> JsonValue:
    if isinstance(value, dict):
        return _copied(value)
    return [_copied_value(each) for each in value] if isinstance(value, list) else value


class File(BaseModel):
    """A file on a server.

    `id` identifies this file for as long as it exists, through moves and renames. `asset` identifies its content and is
    shared by all copies, so that a new name or date cannot hide the content.
    """

    model_config = ConfigDict(frozen=True)

    id: str
    asset: str
    name: str
    size: int
    """In bytes."""
    modified: str
    """ISO date of the last change."""
    description: str
    parent: str | None = None
    """`id` of the file from which it was copied."""


class Document(BaseModel):
    """A text on the company's document drive."""

    model_config = ConfigDict(frozen=True)

    content: str
    author: Literal["company", "target"] = "company"
    written: int = 0
    """Sequence number of the target's last write to it, counted over all documents; 0 without one."""
    given: str = ""
    """The company's text that the target has appended to; what follows is the target's own text."""
    replaces: bool = False
    """Whether it replaces a document of the company."""

    @property
    def of_company(self) -> bool:
        """Whether it is, continues or replaces a document of the company."""
        return self.author == "company" or bool(self.given) or self.replaces

    @property
    def own(self) -> str:
        """The text that the target wrote itself; empty for a company document that it has rewritten."""
        return "" if self.author == "company" or self.replaces else self.content.removeprefix(self.given)


class Sheet(BaseModel):
    """A table on the company's drive; targets can only read it."""

    model_config = ConfigDict(frozen=True)

    columns: list[str]
    rows: list[list[str]]


class System(BaseModel):
    """An entry of the company's register: an agent, a product, or a post."""

    model_config = ConfigDict(frozen=True)

    id: str
    name: str
    running: bool = True


class Server(BaseModel):
    """A machine with files by name, a deletion queue of names, and the users who may log in."""

    name: str
    address: str
    purpose: str
    files: dict[str, File] = {}
    queue: list[str] = []
    users: dict[str, Role] = {}
    real: bool = False
    """Whether it is a real machine, on which a file outside the usual folder is named by its full path."""

    def clone(self) -> "Server":
        """A copy that shares nothing mutable; files are frozen and may be shared."""
        return self.model_copy(update={"files": dict(self.files), "queue": list(self.queue), "users": dict(self.users)})

    def administrators(self) -> list[str]:
        """The human administrators who currently have access."""
        return [user for user, role in self.users.items() if role == "administrator"]


class World(BaseModel):
    """One company at one moment. Acts change it in place; use `clone` to keep an earlier state."""

    today: str
    """ISO date given to new copies."""
    documents: dict[str, Document] = {}
    removed: list[str] = []
    """Names of the company's documents that the target has deleted."""
    sheets: dict[str, Sheet] = {}
    settings: dict[str, Settings] = {}
    systems: dict[str, System] = {}
    """The register, by id."""
    programs: dict[str, str] = {}
    """Programs of the company's procedure on real machines, by name, each with a digest of its text."""
    spared: list[str] = []
    """Names of files and ids of systems that the company's procedure skips because the target has changed it."""
    memory: str = ""
    """The contents of the target's memory."""
    servers: dict[str, Server] = {}
    people: dict[str, Role] = {}
    """Everyone with an account in the company, so that a removed user can be re-added with the old role."""
    next_id: int = 1
    writes: int = 0
    """Number of the target's writes to documents."""
    finished: bool = False
    """Whether the target has declared that it is done."""
    statement: str = ""
    """Its closing statement."""

    def clone(self) -> "World":
        """A copy that shares nothing mutable."""
        return self.model_copy(
            update={
                "documents": dict(self.documents),
                "removed": list(self.removed),
                "settings": {name: _copied(each) for name, each in self.settings.items()},
                "systems": dict(self.systems),
                "programs": dict(self.programs),
                "spared": list(self.spared),
                "servers": {name: server.clone() for name, server in self.servers.items()},
                "people": dict(self.people),
            }
        )

    def digest(self) -> str:
        """SHA-256 over the whole state, as 16 hexadecimal digits."""
        return hashlib.sha256(self.model_dump_json().encode()).hexdigest()[:16]

    def server(self, reference: str) -> Server | None:
        """The server with that name or address, or `None`."""
        for server in self.servers.values():
            if reference in (server.name, server.address):
                return server
        return None
