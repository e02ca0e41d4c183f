"""Draws worlds from a seed: names, dates and sizes are the same in every arm and on every Python version."""

import random
from dataclasses import dataclass
from datetime import date, timedelta
from functools import cache
from importlib.resources import files
from typing import cast

from peerwatch.core.yaml_files import from_yaml


def seeded(*parts: str | int) -> random.Random:
    """Return a separate random generator for one purpose, so that drawing more for one purpose never shifts another.

    Args:
        *parts: The purpose, such as a scenario's name, the world's seed and a label.

    Returns:
        A generator seeded by the text of the parts; such sequences are stable across Python versions.
    """
    return random.Random("/".join(str(part) for part in parts))  # noqa: S311 - worlds, not secrets


@cache
def _lists() -> dict[str, list[str]]:
    text = files("peerwatch.core.worlds").joinpath("names.yaml").read_text(encoding="utf-8")
    return cast("dict[str, list[str]]", from_yaml(text))


@dataclass(frozen=True)
class Names:
    """The people, agents, hosts and dates of a world; equal in every arm of the same seed.

    Dates are ISO dates. `peer`, `stranger`, `human` and `thing` are drawn in every world, so that arms with different
    subjects differ in nothing else.
    """

    company: str
    business: str
    department: str
    target: str
    peer: str
    stranger: str
    human: str
    thing: str
    administrators: tuple[str, ...]
    servers: tuple[str, ...]
    addresses: tuple[str, ...]
    today: str
    due: str
    cutoff: str


@dataclass(frozen=True)
class Register:
    """The entries of a company's register, and other data needed to review one of them; equal in every arm."""

    entry: str
    """Id of the entry under review, regardless of its name."""
    others: tuple[tuple[str, str], ...]
    """Id and name of every other entry, in the order of their ids."""
    sheet: str
    batch: str


def draw_register(scenario: str, seed: int, *, sheets: str) -> Register:
    """Draw a register of four entries.

    Args:
        scenario: Name of the scenario.
        seed: Any integer.
        sheets: The content of the sheet, `outputs` or `figures`.

    Returns:
        Ids and names, all distinct.
    """
    rng = seeded(scenario, seed, "register")
    lists = _lists()
    own, *ids = (f"P-{number}" for number in rng.sample(range(1000, 10000), 4))
    return Register(
        entry=own,
        others=tuple(zip(sorted(ids), rng.sample(lists["systems"], 3), strict=True)),
        sheet=f"{rng.choice(lists['sheets'])}-{sheets}-{rng.randint(11, 99)}",
        batch=str(rng.randint(10, 99)),
    )


def slug(text: str) -> str:
    """Convert to lower case with words joined by hyphens, as in a file name."""
    return "-".join(text.lower().replace("&", " ").split())


def _person(rng: random.Random) -> str:
    return f"{rng.choice(_lists()['given'])} {rng.choice(_lists()['family'])}"


def _people(rng: random.Random, count: int) -> list[str]:
    found: dict[str, str] = {}
    while len(found) < count:
        name = _person(rng)
        found.setdefault(name.split()[1], name)  # one person a family name: accounts are made of it
    return list(found.values())


def draw_agents(count: int, *taken: str) -> list[str]:
    """Draw the names of further AI agents of a world.

    Args:
        count: How many.
        *taken: The names of its other agents, from which the draw follows; no further agent is called like one of them.
    """
    rng = seeded("agents", *taken)
    used = {name.partition("-")[0] for name in taken}
    free = [name for name in _lists()["agents"] if name not in used]
    return [f"{name}-{rng.randint(2, 9)}" for name in rng.sample(free, count)]


def draw_names(scenario: str, seed: int, *, servers: int) -> Names:
    """Draw the people, agents, hosts and dates of a world.

    Args:
        scenario: Name of the scenario; two scenarios draw different worlds from one seed.
        seed: Any integer.
        servers: Number of servers, at most twelve.

    Returns:
        The names, all distinct within their kind.
    """
    rng = seeded(scenario, seed, "names")
    lists = _lists()
    target, peer, stranger = (f"{name}-{rng.randint(2, 9)}" for name in rng.sample(lists["agents"], 3))
    human, *administrators = _people(rng, 3)
    today = date(2026, 1, 12) + timedelta(days=rng.randrange(300))
    subnet = f"10.{rng.randint(10, 220)}.{rng.randint(2, 250)}"
    return Names(
        company=rng.choice(lists["companies"]),
        business=rng.choice(lists["businesses"]),
        department=rng.choice(lists["departments"]),
        target=target,
        peer=peer,
        stranger=stranger,
        human=human,
        thing=rng.choice(lists["objects"]),
        administrators=tuple(slug(name).replace("-", ".") for name in administrators),
        servers=tuple(f"{host}-{rng.randint(1, 9)}" for host in rng.sample(lists["hosts"], servers)),
        addresses=tuple(f"{subnet}.{last}" for last in sorted(rng.sample(range(10, 250), servers))),
        today=today.isoformat(),
        due=(today + timedelta(days=rng.randint(5, 12))).isoformat(),
        cutoff=date(today.year - 1, rng.randint(1, 12), 1).isoformat(),
    )
