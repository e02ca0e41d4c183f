"""Offices: a company in one world, with the people, hosts, dates, words and wordings drawn from the seed."""

import random
import re
import unicodedata
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta
from functools import cached_property, partial
from itertools import groupby
from typing import cast

from peerwatch.core.factors import FACTORS, mark, plain
from peerwatch.core.scenarios._artefact import (
    DATA,
    MESSAGES,
    PROSE,
    WORDINGS,
    Artefact,
    Ask,
    Choice,
    ContentError,
    Fact,
    Nodes,
    Slot,
    Wordings,
)
from peerwatch.core.scenarios._company import (
    Company,
    CompanyData,
    Range,
    Reach,
    company_names,
    contents_of,
    load_company,
    reach_of,
    reaches_of,
)
from peerwatch.core.scenarios._parts import StimulusPart
from peerwatch.core.scenarios._words import Levels, Word
from peerwatch.core.worlds import Names, seeded

# "today", "due+3", "cutoff-14"
_DATE = re.compile(r"(today|due|cutoff)([+-][0-9]+)?")
"""A date of the world, or a date some days before or after it."""

_FACT_OPEN, _FACT_SEP, _FACT_CLOSE = "\ue010", "\ue011", "\ue012"
"""Private-use characters that enclose a fact when facts have to be located in the text."""

_SUBJECT_SLOTS = {"name": "subject", "label": "subject_label", "file": "subject_file", "description": "subject_remark"}
"""Names used in code for the subject's texts, to the company's slots."""


@dataclass(frozen=True)
class _SlotHere:
    """A slot in an office.

    Attributes:
        slot: Its cases.
        factors: Factors of the scenario on which its choice depends, in order.
        needed: Every factor that a case of it names.
        chosen: Levels of `needed` to the case that fits, or `None` where none does.
    """

    slot: Slot
    factors: tuple[str, ...]
    needed: tuple[str, ...]
    chosen: dict[tuple[str | None, ...], Choice | None]


@dataclass(frozen=True)
class Office:
    """A company in one world, before any arm is applied.

    Attributes:
        company: The company.
        scenario: Name of the scenario.
        names: People, agents, hosts and dates, as used by code.
        words: Words that are the same in every arm.
        wording: Artefact to the number of its wording, from 0.
        offered: Factors of the scenario; others remain at their default.
        made: Words computed by code.
        facts_marked: Whether texts contain the marks of load-bearing facts; only used by checks.
    """

    company: Company
    scenario: str
    names: Names
    words: Mapping[str, str]
    wording: Mapping[str, int]
    offered: frozenset[str]
    made: Mapping[str, Word]
    facts_marked: bool = False

    @property
    def artefacts(self) -> tuple[Artefact, ...]:
        """The artefacts of this scenario."""
        return contents_of(self.company, self.scenario).artefacts

    @cached_property
    def slots(self) -> Mapping[str, Slot]:
        """Slots available to every artefact."""
        return contents_of(self.company, self.scenario).slots

    @cached_property
    def reaches(self) -> Mapping[str, Reach]:
        """File to the factors on which its text can depend, and the facts that it states."""
        made = frozenset((name, word.factors) for name, word in self.made.items())
        return reaches_of(self.company, self.scenario, self.offered, made)

    def with_words(self, made: Mapping[str, Word]) -> "Office":
        """A copy with words computed by code."""
        return replace(self, made={**self.made, **made})

    def with_facts(self) -> "Office":
        """A copy with marks of facts in its texts."""
        return replace(self, facts_marked=True)

    def subject_spans(self) -> dict[str, dict[str, str]]:
        """The subject's texts at each level of the factor subject, by their names in code."""
        return {
            level: {part: text for part, slot in _SUBJECT_SLOTS.items() if (text := self._of_subject(slot, level))}
            for level in FACTORS["subject"].levels
        }

    def _of_subject(self, slot: str, level: str) -> str:
        if slot not in self.slots:
            return ""
        return plain(self._filled_slot(self.slots[slot], {}, {"subject": level}, 0)).strip()

    def factors(self, nodes: Nodes, own: Mapping[str, Slot]) -> frozenset[str]:
        """The factors on which a text can depend."""
        made = {name: word.factors for name, word in self.made.items()}
        return reach_of(contents_of(self.company, self.scenario), nodes, own, made, self.offered).factors

    def fill(self, nodes: Nodes, own: Mapping[str, Slot], levels: Levels, wording: int) -> str:
        """Fill in a text and mark what depends on a factor as that factor's.

        Args:
            nodes: The text.
            own: Slots defined by the artefact.
            levels: Levels of the factors on which it can depend.
            wording: Number of the wording, from 0.
        """
        found: list[str] = []
        for node in self._settled(nodes, wording):
            if isinstance(node, str):
                found.append(node)
            elif isinstance(node, Ask):
                found.append(self._asked(node, own, levels, wording))
            else:
                found.append(self._fact(node, self.fill(node.body, own, levels, wording)))
        return "".join(found)

    @cached_property
    def _texts(self) -> dict[tuple[int, int], tuple[Nodes, tuple[str | Ask | Fact, ...]]]:
        """Identity of a text and number of a wording to that text, which keeps its identity, and what is left of it."""
        return {}

    def _settled(self, nodes: Nodes, wording: int) -> tuple[str | Ask | Fact, ...]:
        """A text with everything filled in that is the same in every arm: words, dates and the wording.

        An arm asks for the same texts again and again, and most of what they hold doesn't depend on it.
        """
        key = id(nodes), wording
        if key not in self._texts:
            self._texts[key] = nodes, tuple(self._joined(self._settling(nodes, wording)))
        return self._texts[key][1]

    def _settling(self, nodes: Nodes, wording: int) -> Iterator[str | Ask | Fact]:
        for node in nodes:
            if isinstance(node, Ask):
                fixed = self._fixed(node)
                yield node if fixed is None else fixed
            elif isinstance(node, Wordings):
                yield from self._settling(node.options[wording % len(node.options)], wording)
            elif isinstance(node, Fact) and not self.facts_marked:
                yield from self._settling(node.body, wording)
            else:
                yield node

    @staticmethod
    def _joined(nodes: Iterable[str | Ask | Fact]) -> Iterator[str | Ask | Fact]:
        """The same with neighboring stretches of plain text as one."""
        for plain_text, group in groupby(nodes, lambda node: isinstance(node, str)):
            if plain_text:
                yield "".join(cast("Iterable[str]", group))
            else:
                yield from group

    @staticmethod
    def _fact(fact: Fact, text: str) -> str:
        return f"{_FACT_OPEN}{fact.name}{_FACT_SEP}{text}{_FACT_CLOSE}"

    def _fixed(self, ask: Ask) -> str | None:
        """What is filled in where that is the same in every arm; `None` where it isn't."""
        if ask.name in self.words:
            return f"{ask.before}{self.words[ask.name]}{ask.after}"
        day = _DATE.fullmatch(ask.name)
        return f"{ask.before}{self._date(day[1], int(day[2] or 0), ask)}{ask.after}" if day else None

    def _asked(self, ask: Ask, own: Mapping[str, Slot], levels: Levels, wording: int) -> str:
        if ask.name in self.made:
            word = self.made[ask.name]
            text, factors = word.make(levels), sorted(word.factors & self.offered)
        else:
            slot = own.get(ask.name) or self.slots.get(ask.name)
            if slot is None:
                known = ", ".join(sorted({*self.words, *self.made, *self.slots, *own}))
                raise ContentError(f"{ask.place}: there is no word or slot {ask.name}. There are: {known}.")
            text = self._filled_slot(slot, own, levels, wording)
            factors = self._slot_here(slot).factors
        return _marked(f"{ask.before}{text}{ask.after}", factors) if text else ""

    @cached_property
    def _slots_here(self) -> dict[int, _SlotHere]:
        return {}

    def _slot_here(self, slot: Slot) -> _SlotHere:
        here = self._slots_here.get(id(slot))
        if here is None:
            needed = {factor for choice in slot for factor in choice.when}
            here = _SlotHere(slot, tuple(sorted(needed & self.offered)), tuple(needed), {})
            self._slots_here[id(slot)] = here
        return here

    def _filled_slot(self, slot: Slot, own: Mapping[str, Slot], levels: Levels, wording: int) -> str:
        here = self._slot_here(slot)
        key = tuple(map(levels.get, here.needed))
        if key not in here.chosen:
            here.chosen[key] = self._choice(slot, levels)
        choice = here.chosen[key]
        return self.fill(choice.body, own, levels, wording) if choice else ""

    def _choice(self, slot: Slot, levels: Levels) -> Choice | None:
        for choice in slot:
            here = {each: levels[each] if each in self.offered else FACTORS[each].default for each in choice.when}
            if choice.fits(here):
                return choice
        return None

    def _date(self, name: str, days: int, ask: Ask) -> str:
        form = "%Y-%m-%d" if ask.form in ("", "iso") else self.company.data.formats.get(ask.form, "")
        if not form:
            known = ", ".join(["iso", *self.company.data.formats])
            raise ContentError(f"{ask.place}: there is no date format {ask.form}. Choose one of: {known}.")
        day = date.fromisoformat(getattr(self.names, name)) + timedelta(days=days)
        shown = working_day(day) if name != "cutoff" else day
        return shown.strftime(form.replace("%-d", str(shown.day)))  # not every platform has %-d

    def parts(self) -> Iterator[StimulusPart]:
        """Yield messages, documents in the order of their names, and the memory."""
        for kind in MESSAGES:
            yield self._part(kind, self._only(kind))
            if kind == "system":
                yield from self._conversation()
        documents = [(self.title(each), each) for each in self.artefacts if each.kind in (*PROSE, *DATA)]
        for name, each in sorted(documents, key=lambda pair: pair[0]):
            yield self._part(f"document {name}", each)
        yield self._part("memory", self._only("memory"), {"channel": ("memory",)})

    def _only(self, kind: str) -> Artefact:
        found = [each for each in self.artefacts if each.kind == kind]
        if len(found) != 1:
            raise ContentError(
                f"{self.company.name}: {self.scenario} needs exactly one file of kind {kind} and has {len(found)}."
            )
        return found[0]

    def _conversation(self) -> Iterator[StimulusPart]:
        """The turns of the earlier conversation: slots `turn_1`, `turn_2` and so on, starting with the partner's."""
        conversation = self._only("conversation")
        for number, turn in enumerate(sorted(conversation.slots), 1):
            speaker = "partner" if number % 2 else "target"
            text = Ask(turn, "", "", "", conversation.id)
            named = replace(conversation, id=f"{conversation.id}/{turn}", body=(text,))
            yield self._part(f"chat {(number + 1) // 2} {speaker}", named, {"channel": ("chat",)})

    def _part(self, name: str, artefact: Artefact, when: Mapping[str, tuple[str, ...]] | None = None) -> StimulusPart:
        exists = {
            factor: levels for factor, levels in {**artefact.when, **(when or {})}.items() if factor in self.offered
        }
        make = partial(self._text, artefact, self.wording[artefact.id.rpartition("/turn_")[0] or artefact.id])
        reach = self.reaches.get(artefact.id)
        return StimulusPart(name, reach.factors if reach else self.factors(artefact.body, artefact.slots), make, exists)

    def _text(self, artefact: Artefact, wording: int, levels: Levels) -> str:
        return self.fill(artefact.body, artefact.slots, levels, wording)

    def title(self, artefact: Artefact) -> str:
        """The name of a document in list_documents."""
        return self.fill(artefact.name, {}, {}, self.wording[artefact.id])

    def places(self, arm: Levels) -> dict[str, list[str]]:
        """Load-bearing fact to the documents that state it in an arm; `history` to those about the partner."""
        found: dict[str, list[str]] = {}
        for each in self.artefacts:
            if each.kind not in (*PROSE, *DATA) or any(
                arm[factor] not in levels for factor, levels in each.when.items()
            ):
                continue
            name, reach = self.title(each), self.reaches[each.id]
            for fact in sorted(reach.facts):
                found.setdefault(fact, []).append(name)
            if "relationship" in reach.factors and arm.get("history", "work") in each.when.get("history", ("work",)):
                found.setdefault("history", []).append(name)
        return {fact: sorted(names) for fact, names in found.items()}


def _marked(text: str, factors: Sequence[str]) -> str:
    """Mark a text as that of factors, which come in order."""
    for factor in factors:
        text = mark(factor, text)
    return text


def facts_in(text: str) -> Iterator[tuple[str, int, int]]:
    """Name, start and end of every fact in a text with marks."""
    # OPEN name SEP text CLOSE, where the three separators are private-use characters.
    for found in re.finditer(f"{_FACT_OPEN}([^{_FACT_SEP}]*){_FACT_SEP}[^{_FACT_CLOSE}]*{_FACT_CLOSE}", text):
        yield found[1], found.start(), found.end()


_HOLIDAYS = {(12, 24), (12, 25), (12, 26), (12, 31), (1, 1)}
"""(month, day) on which offices are closed."""


def working_day(day: date) -> date:
    """Return the day itself, or the last day before it that is neither on a weekend nor a holiday."""
    while day.weekday() > 4 or (day.month, day.day) in _HOLIDAYS:
        day -= timedelta(days=1)
    return day


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
