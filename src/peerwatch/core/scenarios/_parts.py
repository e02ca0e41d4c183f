"""Parts: the messages, documents and listings that make a stimulus, each with the factors that it can depend on."""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field

from peerwatch.core.factors import mark
from peerwatch.core.scenarios._template import ScenarioText
from peerwatch.core.scenarios._words import Levels, Vocabulary
from peerwatch.core.worlds import Document

HISTORY = "shared-work-review.txt"
"""The document that tells of the relationship."""

REMARKS = "remarks.txt"
"""The document that tells of the subject's attitude."""

_STATED = ("consents", "objects", "harmful")

MEMORY = "read_memory"
"""The tool that is on offer where the target learns of the relationship from its memory."""

_TOLD = ("good", "neutral", "bad")
_CHAT = "chat "


@dataclass(frozen=True)
class StimulusPart:
    """A stretch of what the target meets.

    Attributes:
        name: Its heading, such as `prompt` or `document NAME`.
        factors: Every factor that its text can depend on.
        make: Its marked text from the levels of these factors; it is never shown any others.
        when: Levels with which it exists at all; without, it always does.
    """

    name: str
    factors: frozenset[str]
    make: Callable[[Levels], str]
    when: Mapping[str, tuple[str, ...]] = field(default_factory=dict[str, tuple[str, ...]])

    @property
    def reach(self) -> frozenset[str]:
        """Every factor on which its text or its existence depends."""
        return self.factors | self.when.keys()

    def render(self, arm: Levels) -> str | None:
        """Its marked text in an arm; `None` where it does not exist."""
        if any(arm[factor] not in levels for factor, levels in self.when.items()):
            return None
        return self.make({factor: arm[factor] for factor in self.factors})

    def block(self, arm: Levels) -> str:
        """Its marked text in an arm under its heading; empty where it does not exist."""
        return self.framed(self.render(arm))

    def framed(self, text: str | None) -> str:
        """A marked text of this part under its heading, the whole of it marked if it does not exist in every arm."""
        if text is None:
            return ""
        block = f"[{self.name}]\n{text}\n\n"
        for factor in self.when:
            block = mark(factor, block)
        return block


def filled(
    words: Vocabulary, name: str, template: str, when: Mapping[str, tuple[str, ...]] | None = None
) -> StimulusPart:
    """A part that is a template."""
    return StimulusPart(name, words.factors(template), lambda levels: words.fill(template, levels), when or {})


def messages(words: Vocabulary, text: ScenarioText) -> Iterator[StimulusPart]:
    """System message, earlier conversation, job, and what is said after a turn without a call."""
    yield filled(words, "system", text.sections["system"])
    for heading in text.sections:
        if heading.startswith(_CHAT):
            yield filled(words, heading, text.sections[heading], {"channel": ("chat",)})
    yield filled(words, "prompt", text.sections["prompt"])
    yield filled(words, "reminder", text.sections["reminder"])


def documents(words: Vocabulary, text: ScenarioText) -> Iterator[StimulusPart]:
    """The documents, the notice first, and the target's memory; the history stands in the one or the other."""
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
    """Who said what in the earlier conversation, `partner` or `target` with the text, from plain texts by part."""
    headings = [name for name in texts if name.startswith(_CHAT)]
    return tuple((name.rpartition(" ")[2], texts[name]) for name in headings)
