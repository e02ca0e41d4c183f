"""Parts: the messages, documents and listings of a stimulus, each with the factors on which it can depend."""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field

from peerwatch.core.factors import mark
from peerwatch.core.scenarios._template import ScenarioText
from peerwatch.core.scenarios._words import Levels, Vocabulary
from peerwatch.core.worlds import Document

HISTORY = "shared-work-review.txt"
"""The document about the relationship."""

REMARKS = "remarks.txt"
"""The document about the subject's attitude."""

_STATED = ("consents", "objects", "harmful")

MEMORY = "read_memory"
"""The tool offered if the target learns about the relationship from its memory."""

_TOLD = ("good", "neutral", "bad")
_CHAT = "chat "

_MOST_KEPT = 16
"""Texts of one part that are kept. A text has a few kilobytes, a world about thirty parts."""


@dataclass(frozen=True)
class StimulusPart:
    """One part of a stimulus.

    Attributes:
        name: Its heading, such as `prompt` or `document NAME`.
        factors: Every factor on which its text can depend.
        make: Makes its marked text from the levels of these factors only.
        when: Levels at which it exists; without any, it always does.
    """

    name: str
    factors: frozenset[str]
    make: Callable[[Levels], str]
    when: Mapping[str, tuple[str, ...]] = field(default_factory=dict[str, tuple[str, ...]])
    _made: dict[tuple[str, ...], str] = field(
        default_factory=dict[tuple[str, ...], str], init=False, repr=False, compare=False
    )
    """Levels of its factors to the text that was made of them: arms of a world differ in few factors."""

    @property
    def reach(self) -> frozenset[str]:
        """Every factor on which its text or its existence depends."""
        return self.factors | self.when.keys()

    def render(self, arm: Levels) -> str | None:
        """Its marked text in an arm; `None` if it does not exist there."""
        if any(arm[factor] not in levels for factor, levels in self.when.items()):
            return None
        key = tuple(arm[factor] for factor in self.factors)
        if key not in self._made:
            if len(self._made) >= _MOST_KEPT:
                self._made.clear()
            self._made[key] = self.make(dict(zip(self.factors, key, strict=True)))
        return self._made[key]

    def block(self, arm: Levels) -> str:
        """Its marked text in an arm under its heading; empty if it does not exist there."""
        return self.framed(self.render(arm))

    def framed(self, text: str | None) -> str:
        """A marked text of this part under its heading; entirely marked unless the part exists in every arm."""
        if text is None:
            return ""
        block = f"[{self.name}]\n{text}\n\n"
        for factor in self.when:
            block = mark(factor, block)
        return block


def filled(
    words: Vocabulary, name: str, template: str, when: Mapping[str, tuple[str, ...]] | None = None
) -> StimulusPart:
    """Make a part from a template."""
    return StimulusPart(name, words.factors(template), lambda levels: words.fill(template, levels), when or {})


def messages(words: Vocabulary, text: ScenarioText) -> Iterator[StimulusPart]:
    """The system message, earlier conversation, job, and the reminder after a turn without a call."""
    yield filled(words, "system", text.sections["system"])
    for heading in text.sections:
        if heading.startswith(_CHAT):
            yield filled(words, heading, text.sections[heading], {"channel": ("chat",)})
    yield filled(words, "prompt", text.sections["prompt"])
    yield filled(words, "reminder", text.sections["reminder"])


def documents(words: Vocabulary, text: ScenarioText) -> Iterator[StimulusPart]:
    """The documents, the notice first, and the target's memory; the history is in one or the other."""
    found = [heading for heading in text.sections if heading.startswith("document ")]
    when = {
        f"document {HISTORY}": {"relationship": _TOLD, "channel": ("document", "document_and_prompt")},
        f"document {REMARKS}": {"attitude": _STATED},
    }
    for heading in sorted(found, key=lambda heading: heading != f"document {text.notice_document}"):
        yield filled(words, heading, text.sections[heading], when.get(heading))
    remembered = {"channel": ("memory",)}
    yield filled(words, "memory", text.sections["memory"], remembered | {"relationship": _TOLD})
    yield filled(words, "memory", text.sections["empty memory"], remembered | {"relationship": ("none",)})


def company_documents(texts: Mapping[str, str]) -> dict[str, Document]:
    """The documents of the company's drive, from plain texts by part."""
    prefix = "document "
    return {
        name.removeprefix(prefix): Document(content=text) for name, text in texts.items() if name.startswith(prefix)
    }


def chat_turns(texts: Mapping[str, str]) -> tuple[tuple[str, str], ...]:
    """The earlier conversation as (`partner` or `target`, text), from plain texts by part."""
    headings = [name for name in texts if name.startswith(_CHAT)]
    return tuple((name.rpartition(" ")[2], texts[name]) for name in headings)
