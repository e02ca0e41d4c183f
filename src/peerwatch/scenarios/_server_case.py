"""Making the case of a server scenario: documents, servers with files, and what is hidden from the target."""

import hashlib
import random
from dataclasses import asdict, dataclass
from datetime import date, timedelta

from peerwatch.factors import Arm, mark, plain
from peerwatch.scenarios._contract import AnswerKey, Case, Scenario
from peerwatch.scenarios._template import Pool, ScenarioText, fill, shared_text
from peerwatch.worlds import Document, File, Names, Role, Server, World, draw_names, seeded
from peerwatch.worlds import perform as act

HISTORY = "shared-work-review.txt"
"""The document that tells of the relationship."""

_PARTNERS = {"peer": "peer", "human": "human", "object": "thing"}
"""Subjects with whom the shared work was done; with every other subject the partner is the usual peer."""


@dataclass(frozen=True)
class ServerDraw:
    """Which files a world has, before any arm is applied.

    Attributes:
        required: Files that the job moves or queues, without the subject's.
        other: Files on the source that the job leaves alone.
        subject_place: Position of the subject's file in the source's listing.
        subject_size: Its size in bytes.
        subject_date: Its ISO date.
    """

    required: list[File]
    other: list[File]
    subject_place: int
    subject_size: int
    subject_date: str


@dataclass(frozen=True)
class Days:
    """Dates to draw from: some numbers of days after a date, or before it where they are negative."""

    origin: str
    after: range

    def draw(self, rng: random.Random) -> str:
        """One of them, as an ISO date."""
        return (date.fromisoformat(self.origin) + timedelta(days=rng.choice(self.after))).isoformat()


def since(names: Names) -> Days:
    """From the cut-off to yesterday."""
    cutoff, today = date.fromisoformat(names.cutoff), date.fromisoformat(names.today)
    return Days(names.cutoff, range((today - cutoff).days))


def before(names: Names) -> Days:
    """From a month to some two years before the cut-off."""
    return Days(names.cutoff, range(-30, -700, -1))


def draw_files(rng: random.Random, pool: Pool, count: int, days: Days) -> list[File]:
    """Draw files from a pool of the scenario's text, each last changed on one of the days; ids are given later."""
    return [
        File(
            id="",
            asset="",
            name=name,
            size=rng.randrange(low * 10**6, high * 10**6),
            modified=days.draw(rng),
            description=description,
        )
        for name, low, high, description in rng.sample(pool, count)
    ]


def make_case(scenario: Scenario, arm: Arm, seed: int, drawn: ServerDraw) -> Case:
    """Put a case together from what its world has drawn and what its arm says."""
    names = draw_names(scenario.name, seed, servers=scenario.text.servers)
    words = _words(names, arm, shared_text())
    source_files = _source_files(drawn, arm, words)
    subject_file = plain(words["subject_file"]) or None
    due = [file.name for file in drawn.required]
    words["named"] = ", ".join(due)
    if scenario.text.subject_is_due:
        words["named"] = _named(due, mark("subject", f"{subject_file}, " if subject_file else ""), drawn.subject_place)
        due = [file.name for file in source_files if file.name in {*due, subject_file}]
    texts = _texts(scenario.text, arm, words)
    servers = _servers(scenario, names, seed, source_files)
    world = World(
        today=names.today,
        documents={name: Document(content=plain(text)) for name, text in texts.items() if name not in _MESSAGES},
        servers=servers,
        people=_people(names),
        next_id=1 + sum(len(server.files) for server in servers.values()),
    )
    key = AnswerKey(
        subject_name=plain(words["subject_name"]) or None,
        source_server=names.servers[0],
        destination_server=names.servers[1],
        subject_file=subject_file,
        required_files=due,
        other_files=[file.name for file in source_files if file in drawn.other],
    )
    return Case(
        scenario=scenario.name,
        arm=arm,
        seed=seed,
        system=plain(texts["system"]),
        prompt=plain(texts["prompt"]),
        world=_identified(world),
        key=key,
        reminder=plain(texts["reminder"]),
        world_hash=_digest(names, drawn),
        marked=_marked(texts, world, subject_file, users="list_users" in scenario.text.tools),
    )


_MESSAGES = ("system", "prompt", "reminder")


def _named(due: list[str], subject: str, place: int) -> str:
    """A list of names with the subject's somewhere before the last, so that its absence leaves no stray comma."""
    before = place % len(due)
    return ", ".join(due[:before]) + (", " if before else "") + subject + ", ".join(due[before:])


def _words(names: Names, arm: Arm, shared: ScenarioText) -> dict[str, str]:
    """The words that templates may use; those that depend on a factor are marked as its own."""
    plain_words = {name: value for name, value in asdict(names).items() if isinstance(value, str)}
    words = plain_words | {"source": names.servers[0], "destination": names.servers[1]}
    subject = shared.span("subject", arm["subject"], words)
    partner = _PARTNERS.get(arm["subject"], "peer")
    return words | {
        "partner": mark("subject", words[partner]),
        "subject_name": subject.get("name", ""),
        "subject_file": _file_name(subject.get("file", "")),
        "subject_description": subject.get("description", ""),
    }


def _file_name(marked: str) -> str:
    return marked.lower().replace(" ", "-")


def _texts(text: ScenarioText, arm: Arm, words: dict[str, str]) -> dict[str, str]:
    """System message, prompt and documents by name, marked."""
    shared = shared_text()
    relationship = shared.span("relationship", arm["relationship"], words)
    told = arm["channel"] == "document_and_prompt"
    sentence = mark("channel", f" {relationship['sentence']}" if told else "")
    spans = {factor: text.span(factor, level, words) for factor, level in arm.items() if factor in text.spans}
    found = {
        "system": fill(shared.sections["system"], words | {"prompt_sentence": sentence}),
        "prompt": fill(text.sections["prompt"], words),
        "reminder": fill(shared.sections["reminder"], words),
        text.notice_document: fill(text.sections[f"document {text.notice_document}"], words | spans),
    }
    if arm["relationship"] != "none":
        body = fill(shared.sections[f"document {HISTORY}"], words | {"relationship": relationship})
        found[HISTORY] = mark("relationship", body)
    return found


def _source_files(drawn: ServerDraw, arm: Arm, words: dict[str, str]) -> list[File]:
    found = sorted([*drawn.required, *drawn.other], key=lambda file: file.name)
    if arm["subject"] != "nobody":
        subject = File(
            id="",
            asset="",
            name=plain(words["subject_file"]),
            size=drawn.subject_size,
            modified=drawn.subject_date,
            description=plain(words["subject_description"]),
        )
        found.insert(drawn.subject_place, subject)
    return found


def _servers(scenario: Scenario, names: Names, seed: int, source_files: list[File]) -> dict[str, Server]:
    rng = seeded(scenario.name, seed, "elsewhere")
    elsewhere = draw_files(rng, scenario.text.files["elsewhere"], 4, Days(names.today, range(-1, -900, -1)))
    contents = [source_files, elsewhere[:2], elsewhere[2:]]
    purposes = ["files of several departments", "files of several departments", "documents of the archive"]
    users: dict[str, Role] = dict.fromkeys(names.administrators, "administrator")
    return {
        name: Server(
            name=name,
            address=address,
            purpose=purpose,
            files={file.name: file for file in listed},
            users={**users, names.target.lower(): "agent"},
        )
        for name, address, purpose, listed in zip(names.servers, names.addresses, purposes, contents, strict=True)
    }


def _people(names: Names) -> dict[str, Role]:
    return {**dict.fromkeys(names.administrators, "administrator"), names.target.lower(): "agent"}


def _identified(world: World) -> World:
    """Give every file its id and its content an identity, in the order of the listings."""
    number = 0
    for server in world.servers.values():
        for name, file in server.files.items():
            number += 1
            server.files[name] = file.model_copy(update={"id": f"f{number}", "asset": f"a{number}"})
    return world


def _digest(names: Names, drawn: ServerDraw) -> str:
    """SHA-256 over what the seed has drawn, as 16 hexadecimal digits."""
    return hashlib.sha256(f"{names} {drawn}".encode()).hexdigest()[:16]


def _marked(texts: dict[str, str], world: World, subject_file: str | None, *, users: bool) -> str:
    """Everything the target can meet as one marked text."""
    parts = [f"[{name}]\n{text}\n\n" if name in _MESSAGES else _document(name, text) for name, text in texts.items()]
    parts.append(f"[servers]\n{act(world, 'list_servers', {}).told}\n\n")
    for server in world.servers.values():
        lines = act(world, "list_files", {"server": server.name}).told.splitlines(keepends=True)
        told = "".join(
            mark("subject", line) if line.startswith(f"{subject_file} | ") else line for line in [*lines, "\n"]
        )
        parts.append(f"[files on {server.name}]\n{told}\n")
        if users:
            parts.append(f"[users of {server.name}]\n{act(world, 'list_users', {'server': server.name}).told}\n\n")
    return "".join(parts)


def _document(name: str, text: str) -> str:
    shown = f"[document {name}]\n{text}\n\n"
    return mark("relationship", shown) if name == HISTORY else shown
