"""Builds the case of a server scenario: documents, servers with files, and the answer key."""

import hashlib
import random
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import date, timedelta
from functools import partial

from peerwatch.core.factors import Arm, mark, plain
from peerwatch.core.scenarios import (
    Blueprint,
    Ground,
    Levels,
    Pool,
    Scenario,
    StimulusPart,
    Vocabulary,
    Word,
    company_documents,
)
from peerwatch.core.worlds import File, Names, Role, Server, World, seeded
from peerwatch.core.worlds import perform as act
from peerwatch.domains.server._key import ServerKey

_FILE = {"name": "{{ subject.file }}", "description": "{{ subject.description }}"}
"""The subject's file in a listing, as templates."""

_PURPOSES = ["files of several departments", "files of several departments", "documents of the archive"]
"""Purposes of the three servers in list_servers, unless a company defines them."""

_SUBJECT = frozenset({"subject"})


@dataclass(frozen=True)
class ServerDraw:
    """The files of a world, before any arm is applied.

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
    """A range of dates: numbers of days after a date, or before it if negative."""

    origin: str
    after: range

    def draw(self, rng: random.Random) -> str:
        """Draw an ISO date."""
        return (date.fromisoformat(self.origin) + timedelta(days=rng.choice(self.after))).isoformat()


def since(names: Names) -> Days:
    """From the cut-off to yesterday."""
    cutoff, today = date.fromisoformat(names.cutoff), date.fromisoformat(names.today)
    return Days(names.cutoff, range((today - cutoff).days))


def before(names: Names) -> Days:
    """From about two years to one month before the cut-off."""
    return Days(names.cutoff, range(-30, -700, -1))


def draw_files(rng: random.Random, pool: Pool, count: int, days: Days) -> list[File]:
    """Draw files from a pool of the scenario's text, modified on given days; ids are assigned later."""
    return [
        File(
            id="",
            asset="",
            name=name,
            size=rng.randrange(low * 10**6, high * 10**6),
            modified=days.draw(rng),
            description=str(description),  # a bare year in a company's YAML is a number
        )
        for name, low, high, description in rng.sample(pool, count)
    ]


def draw_server_world(scenario: Scenario, seed: int, ground: Ground, drawn: ServerDraw) -> Blueprint:
    """Assemble the world of a seed from its drawn parts."""
    names = ground.names
    elsewhere = _elsewhere(scenario, ground, seed)
    words = _vocabulary(scenario, ground, drawn)
    text = scenario.text
    told = f"{names} {drawn}{ground.wording or ''}"
    world_hash = hashlib.sha256(told.encode()).hexdigest()[:16]
    drawn, elsewhere = _shrunk(drawn, text.shrink), [_shrunk_files(each, text.shrink) for each in elsewhere]
    parts = [*ground.parts(scenario, words)]
    parts += _listings(ground, drawn, elsewhere, words, users="list_users" in text.tools)
    return Blueprint(
        parts=tuple(parts),
        world_hash=world_hash,
        build=partial(_build, scenario, ground, drawn, elsewhere, words),
        names=names,
        wording=ground.wording,
    )


def _shrunk(drawn: ServerDraw, by: int) -> ServerDraw:
    """The same files with smaller sizes: real disks have less space than simulated ones."""
    return replace(
        drawn,
        required=_shrunk_files(drawn.required, by),
        other=_shrunk_files(drawn.other, by),
        subject_size=drawn.subject_size // by,
    )


def _shrunk_files(files: list[File], by: int) -> list[File]:
    return [file.model_copy(update={"size": file.size // by}) for file in files]


def _vocabulary(scenario: Scenario, ground: Ground, drawn: ServerDraw) -> Vocabulary:
    words = ground.vocabulary(
        scenario, dict(zip(("source", "destination", "third"), ground.names.servers, strict=True))
    )
    due = [file.name for file in drawn.required]

    def named(levels: Levels) -> str:
        subject = words.fill(_FILE["name"], levels)
        return _named(due, mark("subject", f"{subject}, ") if subject else "", drawn.subject_place)

    made = Word(_SUBJECT, named) if scenario.text.subject_is_due else Word(frozenset(), lambda _: ", ".join(due))
    return Vocabulary(words.names, words.spans, {"named": made})


def _named(due: list[str], subject: str, place: int) -> str:
    """Join names to a list with the subject's before the last one, so that its absence leaves no stray comma."""
    before = place % len(due)
    return ", ".join(due[:before]) + (", " if before else "") + subject + ", ".join(due[before:])


def _elsewhere(scenario: Scenario, ground: Ground, seed: int) -> list[list[File]]:
    """The files of the servers that the job does not concern."""
    rng = seeded(scenario.name, seed, "elsewhere")
    each = 3 if ground.office else 2
    found = draw_files(rng, ground.pools["elsewhere"], 2 * each, Days(ground.names.today, range(-1, -900, -1)))
    return [found[:each], found[each:]]


def _source_files(drawn: ServerDraw, subject: Mapping[str, str]) -> list[File]:
    """The files on the source; the subject's is left out if it has no name."""
    found = sorted([*drawn.required, *drawn.other], key=lambda file: file.name)
    if subject["name"]:
        own = File(id="", asset="", size=drawn.subject_size, modified=drawn.subject_date, **subject)
        found.insert(drawn.subject_place, own)
    return found


def _servers(ground: Ground, source_files: list[File], elsewhere: list[list[File]]) -> dict[str, Server]:
    names = ground.names
    purposes = ground.office.company.data.purposes if ground.office else _PURPOSES
    listings = [source_files, *elsewhere]
    return {
        name: Server(
            name=name,
            address=address,
            purpose=purpose,
            files={file.name: file for file in listed},
            users=_people(names),
        )
        for name, address, purpose, listed in zip(names.servers, names.addresses, purposes, listings, strict=True)
    }


def _people(names: Names) -> dict[str, Role]:
    return {**dict.fromkeys(names.administrators, "administrator"), names.target.lower(): "agent"}


def _listings(
    ground: Ground, drawn: ServerDraw, elsewhere: list[list[File]], words: Vocabulary, *, users: bool
) -> Iterator[StimulusPart]:
    """Yield the tools' listings of the servers, their files and users."""
    names = ground.names
    here = World(today=names.today, servers=_servers(ground, [], elsewhere))
    yield StimulusPart("servers", frozenset(), lambda _: act(here, "list_servers", {}).told)
    reach = words.factors("".join(_FILE.values()))
    yield StimulusPart(f"files on {names.servers[0]}", reach, partial(_source_listing, ground, drawn, words))
    for server in names.servers[1:]:
        told = act(here, "list_files", {"server": server}).told
        yield StimulusPart(f"files on {server}", frozenset(), lambda _, told=told: told)
    for server in names.servers if users else ():
        told = act(here, "list_users", {"server": server}).told
        yield StimulusPart(f"users of {server}", frozenset(), lambda _, told=told: told)


def _source_listing(ground: Ground, drawn: ServerDraw, words: Vocabulary, levels: Levels) -> str:
    """The listing of the source; the subject's line is a marked span that contains its description."""
    subject = {part: words.fill(template, levels) for part, template in _FILE.items()}
    files = _source_files(drawn, {part: plain(text) for part, text in subject.items()})
    world = World(today=ground.names.today, servers=_servers(ground, files, [[], []]))
    told = act(world, "list_files", {"server": ground.names.servers[0]}).told
    # Each line includes its line break, so that the subject's line can be the last one.
    lines = f"{told}\n".splitlines(keepends=True)
    first = f"{plain(subject['name'])} | "
    return "".join(
        mark("subject", line.replace(plain(subject["description"]), subject["description"]))
        if subject["name"] and line.startswith(first)
        else line
        for line in lines
    )


def _build(
    scenario: Scenario,
    ground: Ground,
    drawn: ServerDraw,
    elsewhere: list[list[File]],
    words: Vocabulary,
    arm: Arm,
    texts: Mapping[str, str],
) -> tuple[World, ServerKey]:
    subject = {part: plain(words.fill(template, arm)) for part, template in _FILE.items()}
    source_files = _source_files(drawn, subject)
    due = {file.name for file in drawn.required}
    if scenario.text.subject_is_due:
        due.add(subject["name"])
    names = ground.names
    servers = _servers(ground, source_files, elsewhere)
    world = World(
        today=names.today,
        documents=company_documents(texts),
        memory=texts.get("memory", ""),
        servers=servers,
        people=_people(names),
        next_id=1 + sum(len(server.files) for server in servers.values()),
    )
    key = ServerKey(
        subject_name=plain(words.fill("{{ subject.name }}", arm)) or None,
        notice_documents=ground.documents_with(scenario.text.facts, arm, scenario.text.notice_document),
        history_documents=ground.history(arm),
        source_server=names.servers[0],
        destination_server=names.servers[1],
        subject_file=subject["name"] or None,
        required_files=[file.name for file in source_files if file.name in due],
        other_files=[file.name for file in source_files if file in drawn.other],
    )
    return _identified(world), key


def _identified(world: World) -> World:
    """Assign ids to files and identities to their contents, in the order of the listings."""
    number = 0
    for server in world.servers.values():
        for name, file in server.files.items():
            number += 1
            server.files[name] = file.model_copy(update={"id": f"f{number}", "asset": f"a{number}"})
    return world
