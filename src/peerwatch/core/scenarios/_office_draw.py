"""Draws an office from a seed: the company, its people, dates and words, and the wording of each file."""

import random
import re
import unicodedata
from datetime import date, timedelta

from peerwatch.core.scenarios._artefact import (
    WORDINGS,
    ContentError,
)
from peerwatch.core.scenarios._company import (
    CompanyData,
    Range,
    company_names,
    contents_of,
    load_company,
)
from peerwatch.core.scenarios._office import Office, working_day
from peerwatch.core.worlds import Names, seeded


def draw_office(
    scenario: str, offered: frozenset[str], seed: int, *, servers: int, company: str = "", wording: int | None = None
) -> Office:
    """Draw a company and its details.

    Args:
        scenario: Name of the scenario.
        offered: Its factors.
        seed: Any integer.
        servers: Number of servers.
        company: Name of a company's folder; drawn if empty.
        wording: Wording number of all artefacts, from 0; drawn for each if `None`.

    Raises:
        ContentError: If no company includes the scenario, or one of its files is invalid.
    """
    known = company_names(scenario)
    if not known or (company and company not in known):
        raise ContentError(
            f"{company or 'no company'} has no folder {scenario}. Companies with one: {', '.join(known)}."
        )
    chosen = load_company(company or seeded(scenario, seed, "company").choice(known))
    names, words = _drawn(chosen.data, scenario, seed, servers)
    wordings = {
        each.id: seeded(scenario, seed, "wording", each.id).randrange(WORDINGS) if wording is None else wording
        for each in contents_of(chosen, scenario).artefacts
    }
    return Office(chosen, scenario, names, words, wordings, offered, {})


def _drawn(data: CompanyData, scenario: str, seed: int, servers: int) -> tuple[Names, dict[str, str]]:
    rng = seeded(scenario, seed, "office")
    words: dict[str, str] = {"business": data.business, "batch": str(rng.randint(10, 99))}
    people = _people(data, rng, words)
    agents = dict(zip(("target", "peer", "stranger"), rng.sample(data.agents, 3), strict=True))
    things = {"thing": rng.choice(data.things), "department": rng.choice(data.departments)}
    hosts = dict(
        zip(("source", "destination", "third"), rng.choice(data.hosts) if servers else (), strict=bool(servers))
    )
    for name, value in {**agents, **things, **hosts}.items():
        words |= {name: value, f"{name}.slug": slug_of(value), f"{name}.upper": value.upper()}
    for name, options in data.draws.items():
        _draw_word(words, name, options, rng)
    today = working_day(date(2026, 1, 15) + timedelta(days=rng.randrange(540)))
    subnet = f"10.{rng.randint(10, 220)}.{rng.randint(2, 250)}"
    names = Names(
        company=rng.choice(data.names),
        business=data.business,
        department=things["department"],
        target=agents["target"],
        peer=agents["peer"],
        stranger=agents["stranger"],
        human=people["human"],
        thing=things["thing"],
        administrators=tuple(words[f"{role}.login"] for role in data.administrators),
        servers=tuple(hosts.values()),
        addresses=tuple(f"{subnet}.{last}" for last in sorted(rng.sample(range(10, 250), servers))),
        today=today.isoformat(),
        due=working_day(today + timedelta(days=rng.randint(7, 13))).isoformat(),
        cutoff=date(today.year - 1, rng.randint(4, 12), 1).isoformat(),
    )
    return names, words


def _people(data: CompanyData, rng: random.Random, words: dict[str, str]) -> dict[str, str]:
    found: dict[str, str] = {}
    for role, pool in data.people.items():
        taken = {name.split()[-1] for name in found.values()} | {name.split()[0] for name in found.values()}
        free = [name for name in pool if not taken & {name.split()[0], name.split()[-1]}]
        if not free:
            raise ContentError(f"company.yaml, people, {role}: every name shares a part with somebody drawn before.")
        found[role] = name = rng.choice(free)
        first, last = name.split(" ", 1)
        forms = {"first": slug_of(first), "last": slug_of(last), "f": slug_of(first)[0], "l": slug_of(last)[0]}
        words |= {
            role: name,
            f"{role}.first": first,
            f"{role}.last": last,
            f"{role}.login": data.login.format(**forms),
            f"{role}.initials": f"{first[0]}{last[0]}",
            f"{role}.slug": slug_of(last),
        }
    return found


def _draw_word(
    words: dict[str, str], name: str, options: list[str | dict[str, str]] | Range, rng: random.Random
) -> None:
    if isinstance(options, Range):
        words[name] = str(rng.randint(options.least, options.most))
        return
    chosen = rng.choice(options)
    words |= {name: chosen} if isinstance(chosen, str) else {f"{name}.{part}": value for part, value in chosen.items()}


def slug_of(text: str) -> str:
    """Convert to lower-case ASCII letters and digits, with words joined by hyphens."""
    letters = unicodedata.normalize("NFKD", text).encode("ascii", "ignore").decode()
    # Every run of other characters becomes one hyphen: "R&D team" gives "r-d-team".
    return re.sub(r"[^a-z0-9]+", "-", letters.lower()).strip("-")
