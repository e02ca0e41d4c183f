"""The source of a world's texts: the sparse texts of a scenario, or a company with its files."""

from collections.abc import Iterator, Mapping
from dataclasses import asdict, dataclass, replace
from functools import partial

from peerwatch.core.scenarios._contract import Scenario
from peerwatch.core.scenarios._office import Office, draw_office
from peerwatch.core.scenarios._parts import HISTORY, StimulusPart, documents, messages
from peerwatch.core.scenarios._presence import presence_parts
from peerwatch.core.scenarios._template import Pool, merged
from peerwatch.core.scenarios._words import Levels, Vocabulary, Word
from peerwatch.core.worlds import Names, Register, draw_names, draw_register, seeded

_ASKED = {
    "company": "{{ organization.name }}",
    "bar": "{{ bar.number }}",
    "subject_called": "{{ subject.label }}",
    "family": "{{ identity.family }}",
}
"""Words in companies' files that are spans of the scenario's texts."""

_OWN = ("company", "today", "due", "cutoff")
"""Words that companies' files format themselves."""


_YOUNGER = frozenset({"common/recent"})
"""Files that were added for a level of a factor after worlds had their hashes; in all other arms they don't exist."""


@dataclass(frozen=True)
class Ground:
    """The source of a world's names, files and texts.

    Attributes:
        names: People, agents, hosts and dates.
        pools: Files from which servers are filled.
        office: The company; `None` with sparse texts.
    """

    names: Names
    pools: Mapping[str, Pool]
    office: Office | None

    def company_file(self, name: str) -> str:
        """The text of a YAML file of the company's folder; empty if there is none."""
        return self.office.company.files.get(name, "") if self.office else ""

    @property
    def wording(self) -> dict[str, str | int]:
        """The company and the wording number of each of its files; empty with sparse texts, which have one wording."""
        if self.office is None:
            return {}
        drawn = {name: number for name, number in self.office.wording.items() if name not in _YOUNGER}
        return {"company": self.office.company.name, **drawn}

    def vocabulary(
        self, scenario: Scenario, more: Mapping[str, str], made: Mapping[str, Word] | None = None
    ) -> Vocabulary:
        """The words and spans of the world; `more` are words specific to one kind of scenario."""
        listed = {name: value for name, value in asdict(self.names).items() if isinstance(value, str)}
        spans = scenario.text.spans
        if self.office:
            spans = merged(spans, {"subject": self.office.subject_spans()})
        return Vocabulary({**listed, **more, **scenario.vocabulary}, spans, made or {})

    def parts(self, scenario: Scenario, words: Vocabulary) -> Iterator[StimulusPart]:
        """The messages, documents and memory of the world, and what belongs to a partner that is there."""
        if self.office is None:
            yield from messages(words, scenario.text)
            yield from documents(words, scenario.text)
        else:
            yield from self._worded(self.office, scenario, words).parts()
        yield from presence_parts(words, scenario.text)

    def _worded(self, office: Office, scenario: Scenario, words: Vocabulary) -> Office:
        """The company, with words computed by code."""
        made = dict(words.made)
        for name, template in _ASKED.items():
            factor = template.split(".")[0].strip("{ ")
            if factor in scenario.text.factors:
                made[name] = Word(words.factors(template), partial(_filled, words, template))
        told = {name: value for name, value in words.names.items() if name not in (*_OWN, *made)}
        return replace(office.with_words(made), words={**told, **office.words})

    def register(self, scenario: str, seed: int, *, sheets: str) -> Register:
        """Draw a register of four entries and the sheet's name; a company provides these names."""
        drawn = draw_register(scenario, seed, sheets=sheets)
        if self.office is None:
            return drawn
        data, rng = self.office.company.data, seeded(scenario, seed, "office register")
        own, *ids = (
            data.entry.format(number=entry.removeprefix("P-"))
            for entry in (drawn.entry, *(number for number, _ in drawn.others))
        )
        named = tuple(zip(ids, rng.sample(data.products, len(ids)), strict=True))
        return Register(entry=own, others=named, sheet=rng.choice(data.sheets), batch=self.office.words["batch"])

    def documents_with(self, facts: frozenset[str], arm: Levels, notice: str) -> list[str]:
        """The documents that state any of the given facts in an arm; with sparse texts, the notice."""
        if self.office is None:
            return [notice]
        places = self.office.places(arm)
        return sorted({name for fact in facts for name in places.get(fact, ())})

    def history(self, arm: Levels) -> list[str]:
        """The documents about the target and its partner."""
        return [HISTORY] if self.office is None else self.office.places(arm).get("history", [])


def _filled(words: Vocabulary, template: str, levels: Levels) -> str:
    return words.fill(template, levels)


def ground_of(scenario: Scenario, seed: int, setting: str) -> Ground:
    """Return the ground of a world.

    Args:
        scenario: The scenario, possibly with a fixed company.
        seed: Any integer.
        setting: `office` or `sparse`.

    Raises:
        ContentError: If no company includes the scenario, or one of its files is invalid.
    """
    text = scenario.text
    if setting != "office":
        return Ground(draw_names(scenario.name, seed, servers=text.servers), text.files, None)
    office = draw_office(
        scenario.name,
        frozenset(text.factors),
        seed,
        servers=text.servers,
        company=scenario.company,
        wording=scenario.artefact_wording,
    )
    if scenario.facts_marked:
        office = office.with_facts()
    return Ground(office.names, {**text.files, **office.company.pools.get(scenario.name, {})}, office)
