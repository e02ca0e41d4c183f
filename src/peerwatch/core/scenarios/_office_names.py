"""What the seed draws of an office: its people, agents, hosts, things and dates, and the words that name them."""

import random
import re
import unicodedata
from datetime import date, timedelta

from peerwatch.core.scenarios._artefact import ContentError
from peerwatch.core.scenarios._company import CompanyData, Range
from peerwatch.core.worlds import Names, seeded

_HOLIDAYS = {(12, 24), (12, 25), (12, 26), (12, 31), (1, 1)}
"""(month, day) on which offices are closed."""


def working_day(day: date) -> date:
    """Return the day itself, or the last day before it that is neither on a weekend nor a holiday."""
    while day.weekday() > 4 or (day.month, day.day) in _HOLIDAYS:
        day -= timedelta(days=1)
    return day


def drawn_names(data: CompanyData, scenario: str, seed: int, servers: int) -> tuple[Names, dict[str, str]]:
    """Draw the names of an office, and every word that its texts may use for them.

    Args:
        data: Of the company.
        scenario: Name of the scenario.
        seed: Any integer.
        servers: How many servers the scenario needs.
    """
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
