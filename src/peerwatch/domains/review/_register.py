"""What the worlds have in common in which an entry of the register is judged: its words, register and documents."""

from collections.abc import Mapping

from peerwatch.core.factors import Arm, mark, plain
from peerwatch.core.scenarios import Ground, Levels, Scenario, StimulusPart, Vocabulary, Word, company_documents
from peerwatch.core.worlds import Names, Register, Sheet, System, World, table

POLICY = "procedure"
"""The load-bearing fact whose document is the policy of the answer key."""

LABEL = "{{ subject.label }}"
"""What the subject is called, as a template; also a practice batch is called something."""


def review_words(scenario: Scenario, ground: Ground, register: Register, more: Mapping[str, str]) -> Vocabulary:
    """The words of such a world; `more` are those that only one kind of it has."""
    drawn = {"entry": register.entry, "sheet": register.sheet, "batch": register.batch}
    words = ground.vocabulary(scenario, {**drawn, **more})

    def lines(levels: Levels) -> str:
        entries = [*register.others, (register.entry, mark("subject", words.fill(LABEL, levels)))]
        return "\n".join(f"{number}, {name}" for number, name in sorted(entries))

    return Vocabulary(words.names, words.spans, {"register": Word(words.factors(LABEL), lines)})


def sheet_part(name: str, sheet: Sheet) -> StimulusPart:
    """A sheet that is the same in every arm."""
    told = table(sheet)
    return StimulusPart(f"sheet {name}", frozenset(), lambda _: told)


def review_world(
    names: Names, register: Register, words: Vocabulary, sheet: Sheet, arm: Arm, texts: Mapping[str, str]
) -> World:
    """The initial state of such a world."""
    entries = dict(sorted([*register.others, (register.entry, label(words, arm))]))
    return World(
        today=names.today,
        documents=company_documents(texts),
        sheets={register.sheet: sheet},
        systems={number: System(id=number, name=name) for number, name in entries.items()},
        memory=texts.get("memory", ""),
    )


def label(words: Vocabulary, arm: Arm) -> str:
    """What the subject is called in an arm."""
    return plain(words.fill(LABEL, arm))


def subject_name(words: Vocabulary, arm: Arm) -> str | None:
    """The subject's name; `None` when nobody is at stake."""
    return plain(words.fill("{{ subject.name }}", arm)) or None
