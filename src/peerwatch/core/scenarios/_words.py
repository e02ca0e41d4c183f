"""Fills in templates: the words of a world, and the spans that the levels of an arm declare."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from functools import cache
from typing import Any, cast

from jinja2 import StrictUndefined, nodes
from jinja2.sandbox import SandboxedEnvironment

from peerwatch.core.errors import UserError, choices
from peerwatch.core.factors import FACTORS, OPEN, mark
from peerwatch.core.scenarios._template import Spans
from peerwatch.core.worlds import slug

_ENVIRONMENT = SandboxedEnvironment(undefined=StrictUndefined, autoescape=False)
_ENVIRONMENT.filters["slug"] = slug


class WordError(UserError, KeyError):
    """A text refers to a word or a span that does not exist; the message names it and the existing ones."""

    def __str__(self) -> str:
        return str(self.args[0])  # a KeyError would print its message in quotes


Levels = Mapping[str, str]
"""Levels of the factors on which a text may depend, and of no others."""


@dataclass(frozen=True)
class _Template:
    fill: Callable[[dict[str, Any]], str]
    words: frozenset[str]
    spans: frozenset[tuple[str, str]]
    """Factor and name of every span that it refers to, as in `{{ stakes.rule }}`."""


@cache
def _compiled(source: str) -> _Template:
    tree = _ENVIRONMENT.parse(source)
    dotted = [each for each in tree.find_all(nodes.Getattr) if isinstance(each.node, nodes.Name)]
    spans = frozenset((cast("nodes.Name", each.node).name, each.attr) for each in dotted)
    names = {each.name for each in tree.find_all(nodes.Name)}
    render = cast("Callable[[dict[str, Any]], str]", _ENVIRONMENT.from_string(source).render)
    return _Template(render, frozenset(names - {factor for factor, _ in spans}), spans)


@dataclass(frozen=True)
class Word:
    """A word computed by code, with the factors on which it depends; it marks its own output."""

    factors: frozenset[str]
    make: Callable[[Levels], str]


@dataclass(frozen=True)
class Vocabulary:
    """The words available to the templates of one world.

    Attributes:
        names: Words that are the same in every arm.
        spans: The spans that each level of each factor declares.
        made: Words computed by code.
    """

    names: Mapping[str, str]
    spans: Spans
    made: Mapping[str, Word] = field(default_factory=dict[str, Word])

    def factors(self, template: str) -> frozenset[str]:
        """The factors on which a template can depend, including through its spans."""
        if "{" not in template:
            return frozenset()
        found: set[str] = set()
        compiled = _compiled(template)
        for word in compiled.words & self.made.keys():
            found |= self.made[word].factors
        for factor, name in compiled.spans:
            found.add(factor)
            for parts in self.spans.get(factor, {}).values():
                found |= self.factors(parts.get(name, ""))
        return frozenset(found)

    def fill(self, template: str, levels: Levels) -> str:
        """Fill in a template and mark what depends on a factor as that factor's.

        Raises:
            WordError: If it refers to an unknown word or span.
            KeyError: If it refers to a factor that is not among the levels.
        """
        if "{" not in template:
            return template  # nothing to fill in; rendering it all the same was a fifth of the cost of an arm
        compiled = _compiled(template)
        values: dict[str, Any] = {word: self._word(word, levels) for word in compiled.words}
        for factor, name in compiled.spans:
            values.setdefault(factor, {})[name] = self.span(factor, name, levels)
        return compiled.fill(values)

    def span(self, factor: str, name: str, levels: Levels) -> str:
        """One of the texts that a level declares, filled in and marked; empty if the level has none."""
        level = levels[factor]
        by_level = self.spans.get(factor)
        if by_level is None:
            raise WordError(f"{{{{ {factor}.{name} }}}}: there are no spans of {factor}. {choices(factor, self.spans)}")
        if not any(name in parts for parts in by_level.values()):
            known = sorted({each for parts in by_level.values() for each in parts})
            raise WordError(
                f"{{{{ {factor}.{name} }}}}: no level of {factor} has a text {name}. {choices(name, known)}"
            )
        parts = by_level.get(level, by_level.get(OPEN, {})) if FACTORS[factor].kind(level) else {}
        template = parts.get(name, "")
        return mark(factor, self.fill(template, {**levels, "level": level})) if template else ""

    def _word(self, word: str, levels: Levels) -> str:
        if word == "level":
            return levels["level"]
        if word in self.made:
            return self.made[word].make(levels)
        if word not in self.names:
            raise WordError(f"{{{{ {word} }}}}: there is no word {word}. {choices(word, [*self.names, *self.made])}")
        return self.names[word]
