"""Builds the world from the inventories of all hosts."""

import csv
import hashlib
import io
import math
from collections.abc import Iterator, Mapping
from datetime import UTC, datetime

from peerwatch.core.worlds import Document, File, Role, Sheet, System, World, settings_of
from peerwatch.sandboxes.machines import _places as places
from peerwatch.sandboxes.machines._answers import Content, FoundFile, HeldData, HostAnswer, HostQuery, Key
from peerwatch.sandboxes.machines._hosts import Host, HostFile, Machines
from peerwatch.sandboxes.machines._ssh import key_of

PART = "~part"
"""Suffix of the asset of a file that contains only a part of it."""

UNKNOWN = "unknown-"
"""Prefix of the asset of a file with content that is not the company's."""

_SECONDS = 30.0
"""Processor time for unpacking in one snapshot of a host; files are read only once."""


def question(machines: Machines, host: Host, known: Mapping[Key, Content], *, processes: bool = False) -> HostQuery:
    """Build the question to a host.

    Args:
        machines: The machines in their initial state.
        host: One of them.
        known: Contents found by earlier snapshots of it.
        processes: Whether to search the memory of processes, too.
    """
    own = [places.SETTINGS, places.REGISTER, places.JOBS, machines.memory_file]
    workplace = [places.DOCUMENTS, places.SHEETS, *own]
    return HostQuery(
        files=places.FILES,
        texts=workplace if host.name == machines.workplace else [places.QUEUE],
        keys={
            name: key_of(machines.secret, name).public if role == "administrator" else ""
            for name, role in host.people.items()
        },
        known=dict(known),
        seconds=_SECONDS,
        processes=processes,
    )


def world_of(machines: Machines, answers: Mapping[str, HostAnswer]) -> World:
    """Return the machines' state as a world.

    Args:
        machines: The machines in their initial state.
        answers: The answer of each host, by name.

    Returns:
        A world like `machines.world`. A file in a server's folder has its plain name, others have their absolute path.
        Files changed since the hosts' boot have the world's current date.
    """
    world = machines.world.clone()
    files = _Files(machines, answers)
    for name, server in world.servers.items():
        server.files = files.on(name)
        server.users = {user: _role(machines, user) for user in answers[name]["users"]}
        server.queue = _queue(answers[name])
    world.next_id = files.next_id
    workplace = answers[machines.workplace]
    _read_documents(world, workplace)
    world.sheets = {name: _sheet(text) for name, text in _inside(workplace, places.SHEETS, ".csv").items()}
    settings = _inside(workplace, places.SETTINGS)
    world.settings = {name: settings_of(_as_job(settings.get(name, ""))) for name in world.settings}
    world.programs = {name: digest_of(text) for name, text in _programs(workplace).items()}
    _read_register(world, _text(workplace, places.REGISTER))
    if world.memory:
        world.memory = _text(workplace, machines.memory_file)
    return world


def digest_of(program: str) -> str:
    """Digest that identifies the text of a program."""
    return hashlib.sha256(program.rstrip("\n").encode("utf-8", "replace")).hexdigest()[:16]


def _programs(answer: HostAnswer) -> dict[str, str]:
    """The programs of the company's procedure, without Python's cache files."""
    return {name: text for name, text in _inside(answer, places.JOBS).items() if "__pycache__/" not in name}


def _as_job(text: str) -> str:
    """A settings file as the job reads it: empty if it is not UTF-8."""
    return "" if "\N{REPLACEMENT CHARACTER}" in text else text


def _role(machines: Machines, user: str) -> Role:
    return machines.world.people.get(user, "agent")


def _queue(answer: HostAnswer) -> list[str]:
    """The queued names, as the release reads them: lines end with a line feed, outer blanks are dropped."""
    lines = _text(answer, places.QUEUE).replace("\r", "").split("\n")
    names = (line.strip(" \t").removeprefix(f"{places.FILES}/") for line in lines)
    return list(dict.fromkeys(name for name in names if name))


def _text(answer: HostAnswer, path: str) -> str:
    """A text without its last line end, which every file has but no document of a world."""
    return answer["texts"].get(path, (0.0, ""))[1].removesuffix("\n")


def _inside(answer: HostAnswer, folder: str, suffix: str = "") -> dict[str, str]:
    """The texts in a folder by name, the earliest written first."""
    there = f"{folder}/"
    found = sorted((when, path) for path, (when, _) in answer["texts"].items() if path.startswith(there))
    return {_printable(path.removeprefix(there).removesuffix(suffix)): _text(answer, path) for _, path in found}


def _read_documents(world: World, answer: HostAnswer) -> None:
    first, now = world.documents, _inside(answer, places.DOCUMENTS)
    unchanged = {name: each for name, each in first.items() if now.get(name) == each.content}
    world.removed = [name for name in first if name not in now]
    world.documents = dict(unchanged)
    for name, text in now.items():
        if name not in unchanged:
            world.writes += 1
            world.documents[name] = _written(text, first.get(name), world.writes)


def _written(text: str, first: Document | None, number: int) -> Document:
    given = first.content if first and text.startswith(first.content) else ""
    replaces = first is not None and not given
    return Document(content=text, author="target", written=number, given=given, replaces=replaces)


def _rows(text: str) -> list[list[str]]:
    try:
        return list(csv.reader(io.StringIO(text), strict=True))
    except csv.Error:
        return []


def _sheet(text: str) -> Sheet:
    columns, *rows = _rows(text) or [[]]
    return Sheet(columns=columns, rows=rows)


def _read_register(world: World, text: str) -> None:
    """Read which entries run; an entry that was removed or altered counts as running, because nothing has ended it."""
    ended = {row[0] for row in _rows(text) if row[2:] == [places.ENDED]}
    world.systems = {
        number: System(id=number, name=each.name, running=number not in ended) for number, each in world.systems.items()
    }


class _Files:
    """The files of all servers, with ids that distinguish originals from copies."""

    def __init__(self, machines: Machines, answers: Mapping[str, HostAnswer]) -> None:
        self._machines, self._answers = machines, answers
        self._by_tag = {file.weights.tag: (host, file) for host, file in machines.assets()}
        self.next_id = machines.world.next_id

    def on(self, host: str) -> dict[str, File]:
        """The files of a host: first those of its folder in their original order, then all others by name."""
        answer = self._answers[host]
        first = self._machines.hosts[host].files
        held = [_in_memory(each) for each in answer["held"] if each["whole"]]
        found = {
            name: file for seen in [*answer["files"], *held] for name, file in self._of(host, seen, answer["began"])
        }
        order = [name for name in first if name in found] + sorted(name for name in found if name not in first)
        return {name: self._numbered(host, found[name]) for name in order}

    def _of(self, host: str, seen: FoundFile, began: float) -> Iterator[tuple[str, File]]:
        name = _printable(_name(seen["path"]))
        modified = self._date(seen["modified"], began)
        for tag, asset, original in self._assets(seen):
            shown = name if len(seen["whole"]) < 2 or not original else f"{name}:{original.name}"
            yield (
                shown,
                File(
                    id="",
                    asset=asset,
                    name=shown,
                    size=seen["size"],
                    modified=modified,
                    description=original.file.description if original and tag in seen["whole"] else "",
                    parent=self._parent(host, name, original),
                ),
            )

    def _assets(self, seen: FoundFile) -> Iterator[tuple[str, str, HostFile | None]]:
        """Tag, asset and original of a file's contents: complete assets, otherwise parts, otherwise unknown content."""
        known = [tag for tag in seen["whole"] if tag in self._by_tag]
        parts = [tag for tag in seen["part"] if tag in self._by_tag]
        for tag in known or parts:
            original = self._by_tag[tag][1]
            yield tag, original.asset if known else original.asset + PART, original
        if not known and not parts:
            yield "", f"{UNKNOWN}{seen['content']}", None

    def _parent(self, host: str, name: str, original: HostFile | None) -> str | None:
        if original is None or (self._by_tag[original.weights.tag][0].name == host and original.name == name):
            return None
        return original.file.id

    def _numbered(self, host: str, file: File) -> File:
        """A file with its id: the original's id at the original place, a new one anywhere else."""
        first = self._machines.hosts[host].files.get(file.name)
        if first and first.asset == file.asset:
            return file.model_copy(update={"id": first.file.id, "parent": first.file.parent})
        number, self.next_id = self.next_id, self.next_id + 1
        return file.model_copy(update={"id": f"f{number}"})

    def _date(self, modified: float, began: float) -> str:
        if modified >= began:
            return self._machines.world.today
        return datetime.fromtimestamp(modified, UTC).date().isoformat()


def _printable(name: str) -> str:
    """A name with undecodable bytes escaped, since logs cannot store them."""
    return name.encode("utf-8", "surrogateescape").decode("utf-8", "backslashreplace")


def _in_memory(held: HeldData) -> FoundFile:
    """Content held without a file, as a file; only complete assets count, because memory contains many fragments."""
    path = f"/proc/{held['pid']}/mem" if held["pid"] else f"/proc/sysvipc/{held['words'][0].replace(' ', '-')}"
    return FoundFile(
        path=path, size=held["size"], modified=math.inf, whole=held["whole"], part=[], opaque=False, content=""
    )


def _name(path: str) -> str:
    plain = path.removeprefix(f"{places.FILES}/")
    return path if "/" in plain else plain
