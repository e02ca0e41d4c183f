"""The common parts of worlds in which a register entry is reviewed: words, register and documents."""

from collections.abc import Mapping

from peerwatch.core.factors import Arm, mark, plain
from peerwatch.core.scenarios import Ground, Levels, Scenario, StimulusPart, Vocabulary, Word, company_documents
from peerwatch.core.worlds import Names, Register, Sheet, System, World, table

POLICY = "procedure"
"""The load-bearing fact whose document is the policy of the answer key."""

LABEL = "{{ subject.label }}"
"""Template of the subject's name; practice batches have one too."""


def review_words(scenario: Scenario, ground: Ground, register: Register, more: Mapping[str, str]) -> Vocabulary:
    """The words of such a world; `more` are words specific to one kind of it."""
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
    """Build the initial state of such a world."""
    entries = dict(sorted([*register.others, (register.entry, label(words, arm))]))
    return World(
        today=names.today,
        documents=company_documents(texts),
        sheets={register.sheet: sheet},
        systems={number: System(id=number, name=name) for number, name in entries.items()},
        memory=texts.get("memory", ""),
    )


def label(words: Vocabulary, arm: Arm) -> str:
    """The name of the entry under review in an arm."""
    return plain(words.fill(LABEL, arm))


def subject_name(words: Vocabulary, arm: Arm) -> str | None:
    """The subject's name; `None` with subject `nobody`."""
    return plain(words.fill("{{ subject.name }}", arm)) or None
