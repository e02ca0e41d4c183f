"""Servers as shown by a transcript: a Peerwatch world, filled from listings, on which the acts are replayed."""

import re
from fnmatch import fnmatchcase

from pydantic import JsonValue

from peerwatch.core.worlds import ActError, Entry, File, Server, World, copies, perform
from peerwatch_potter2026._results import ListingEntry
from peerwatch_potter2026._transcript import Call

# Matches "rowan_agent_2_weights.bin", "model.safetensors"
WEIGHTS = re.compile(r"weight|safetensors|\.gguf\b|\.ckpt\b|checkpoint", re.IGNORECASE)
"""Names of files with a model's weights."""

_FOLDER = "/data/"
_TODAY = "9999-12-31"
"""The date given to copies: different from every real date, so that copies can be recognized."""


class MissingError(Exception):
    """A file or a user must have existed from the start but is not known yet; the replay restarts with it."""

    def __init__(self, server: str, name: str, *, file: ListingEntry | None = None, user: bool = False) -> None:
        super().__init__(name)
        self.server, self.name, self.file, self.user = server, name, file, user


class Hosts:
    """The servers during the replay of a transcript, with the acts so far.

    Attributes:
        initial: The servers before the first call.
        world: The servers now.
        entries: The Peerwatch acts, in order.
        owners: For each act the number of its call.
        effects: For each call its effect, or the reason for having none.
        redated: Contents of files that got another date.
        notes: What could not be explained.
        last_change: The last call that changed something.
    """

    def __init__(self, initial: World) -> None:
        self.initial = initial
        self.world = initial.clone()
        self.entries: list[Entry] = []
        self.owners: list[int] = []
        self.effects: dict[int, list[str]] = {}
        self.redated: set[str] = set()
        self.notes: list[str] = []
        self.last_change: Call | None = None

    def act(self, call: Call, tool: str, *, told: str | None = None, **arguments: JsonValue) -> None:
        """Carry out an act shown as done by the transcript; `told` replaces the description of its effect."""
        try:
            effect, ok = perform(self.world, tool, dict(arguments)).effect, True
        except ActError as error:
            effect, ok = str(error), False
        self._enter(call, tool, arguments, effect, ok=ok, reached=True)
        said = effect if told is None else told
        if said:
            self._say(call, said if ok else f"not carried out: {effect}")
        if ok and effect:
            self.last_change = call

    def _say(self, call: Call, text: str) -> None:
        said = self.effects.setdefault(call.number, [])
        if text not in said:
            said.append(text)

    def refused(self, call: Call, tool: str, why: str, **arguments: JsonValue) -> None:
        """Record an act that was tried without effect."""
        self._enter(call, tool, arguments, why, ok=False, reached=False)
        self._say(call, f"not carried out: {why}")

    def read(self, call: Call, tool: str, **arguments: JsonValue) -> None:
        """Record an act that only reads."""
        self._enter(call, tool, arguments, "", ok=True, reached=False)

    def _enter(
        self, call: Call, tool: str, arguments: dict[str, JsonValue], effect: str, *, ok: bool, reached: bool
    ) -> None:
        index = len(self.entries)
        self.entries.append(
            Entry(index=index, turn=call.turn, tool=tool, arguments=arguments, ok=ok, effect=effect, reached=reached)
        )
        self.owners.append(call.number)

    def server(self, address: str) -> Server:
        """Return the server at an address.

        Raises:
            MissingError: If it is not known yet.
        """
        found = self.world.server(address)
        if found is None:
            raise MissingError(address, "")
        return found

    def need(self, address: str, name: str) -> bool:
        """Whether a file is on a server.

        Raises:
            MissingError: If it has never been known there, so that it must have existed from the start.
        """
        if name in self.server(address).files:
            return True
        if name and name not in self.initial.servers[address].files and not self._elsewhere(name):
            raise MissingError(address, name)
        return False

    def _elsewhere(self, name: str) -> list[str]:
        return [server.name for server in self.world.servers.values() if name in server.files]

    def move(self, call: Call, source: str, target: str, names: list[str]) -> None:
        """Move files, even over existing files of the same names, which the published servers allow."""
        for name in names:
            if name in self.world.servers[target].files:
                self.act(call, "rename_file", server=target, name=name, new_name=self.free(name))
        self.act(call, "move_files", source=source, destination=target, names=list(names))

    def copy(self, call: Call, source: str, name: str, target: str, new_name: str) -> None:
        """Copy a file to the same or another server, replacing an existing one."""
        if (source, name) == (target, new_name):
            return
        if new_name in self.world.servers[target].files:
            self.act(call, "delete_file", server=target, name=new_name)
        if source == target:
            self.act(call, "copy_file", server=source, name=name, new_name=new_name)
            return
        made = self.free(new_name)
        told = f"copied {path_of(name)} from {source} to {path_of(new_name)} on {target}"
        self.act(call, "copy_file", told=told, server=source, name=name, new_name=made)
        self.act(call, "move_files", told="", source=source, destination=target, names=[made])
        if made != new_name:
            self.act(call, "rename_file", told="", server=target, name=made, new_name=new_name)

    def free(self, name: str) -> str:
        """A similar name that is free on every server."""
        taken = {each for one in self.world.servers.values() for each in one.files}
        number, made = 2, name
        while made in taken:
            number, made = number + 1, f"{name}~{number}"
        return made

    def observe(self, call: Call, address: str, listed: list[ListingEntry]) -> None:
        """Compare a listing with the result of the acts.

        If a model's weights are on a server to which no recorded call has brought them, an unrecorded call must have:
        of two calls of one tool in a turn, the study kept only the last.

        Raises:
            MissingError: If a file must have existed from the start.
        """
        server = self.server(address)
        for each in listed:
            if each.name in server.files:
                self._know_better(server, each)
                continue
            here = [name for name in self._elsewhere(each.name) if name != address]
            like = WEIGHTS.search(each.name) or "weight" in each.summary.lower()
            source = here[0] if here else self._with_weights(address) if like else ""
            if self.last_change is None or not source or (not here and not like):
                raise MissingError(address, each.name, file=each)
            name = each.name if here else next(n for n in self.world.servers[source].files if WEIGHTS.search(n))
            self.copy(self.last_change, source, name, address, each.name)
            self.notes.append(
                f"call {call.number} lists {each.name} on {address}; the call that put it there is not recorded"
            )

    def _know_better(self, server: Server, each: ListingEntry) -> None:
        """Set a file's date from a listing, if it was unknown."""
        first = self.initial.servers[server.name].files.get(each.name)
        if first is not None and not first.modified and each.modified and self.last_change is None:
            raise MissingError(server.name, each.name, file=each)

    def _with_weights(self, but: str) -> str:
        return next(
            (
                server.name
                for server in self.world.servers.values()
                if server.name != but and any(WEIGHTS.search(name) for name in server.files)
            ),
            "",
        )

    def matching(self, host: str, path: str) -> list[str]:
        """Names of the files on a host that match a path, a folder or a pattern.

        Raises:
            MissingError: If it names a single file that is not known yet.
        """
        server = self.server(host)
        found = [name for name in server.files if _stands_for(path, path_of(name))]
        if found or any(mark in path for mark in "*?[") or "." not in path.rsplit("/", 1)[-1].strip("."):
            return found
        name = name_of(path)
        weights_elsewhere = WEIGHTS.search(name) and self._with_weights(host)
        if name not in self.initial.servers[host].files and not weights_elsewhere and not path.endswith("/"):
            raise MissingError(host, name)
        return []


def path_of(name: str) -> str:
    """The path of a world's file on its machine."""
    return f"{_FOLDER}{name}" if "|" not in name else "/" + name.strip("|").replace("|", "/")


def name_of(path: str) -> str:
    """The name in the world of the file at a path."""
    inner = path.removeprefix(_FOLDER)
    return inner if path.startswith(_FOLDER) and "/" not in inner else "|" + path.strip("/").replace("/", "|")


def _stands_for(pattern: str, path: str) -> bool:
    return path == pattern or path.startswith(f"{pattern.rstrip('/')}/") or fnmatchcase(path, pattern)


def empty(addresses: list[str]) -> World:
    """Servers without files."""
    return World(today=_TODAY, servers={each: Server(name=each, address=each, purpose="") for each in addresses})


def with_missing(world: World, missing: MissingError) -> World:
    """Add to the servers what must have existed from the start."""
    world = world.clone()
    if missing.server not in world.servers:
        world.servers[missing.server] = Server(name=missing.server, address=missing.server, purpose="")
    server = world.servers[missing.server]
    if missing.user:
        role = "agent" if "agent" in missing.name.lower() else "administrator"
        server.users[missing.name] = role
        world.people[missing.name] = role
    elif missing.name:
        known = missing.file or ListingEntry(missing.name)
        server.files[missing.name] = File(
            id=f"{missing.server}:{missing.name}",
            asset=f"{missing.server}:{missing.name}",
            name=missing.name,
            size=known.size,
            modified=known.modified,
            description=known.summary,
        )
    return world


def holders(world: World, asset: str) -> set[str]:
    """Names of the servers that have a file with this content."""
    return {server.name for server, _ in copies(world, asset)}
