"""Filling templates in: the words of a world, and the spans that the levels of an arm declare."""

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
    """A text asks for a word or a span that does not exist; the message names it and those that do."""

    def __str__(self) -> str:
        return str(self.args[0])  # a KeyError would print its message in quotes


Levels = Mapping[str, str]
"""Levels of those factors that a text may depend on, and of no others."""


@dataclass(frozen=True)
class _Template:
    fill: Callable[[dict[str, Any]], str]
    words: frozenset[str]
    spans: frozenset[tuple[str, str]]
    """Factor and name of every span that it asks for, as in `{{ stakes.rule }}`."""


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
    """A word made by code, with the factors that it depends on; it marks what it makes."""

    factors: frozenset[str]
    make: Callable[[Levels], str]


@dataclass(frozen=True)
class Vocabulary:
    """The words that the templates of one world may use.

    Attributes:
        names: Words that are the same in every arm.
        spans: What each level of each factor declares.
        made: Words made by code.
    """

    names: Mapping[str, str]
    spans: Spans
    made: Mapping[str, Word] = field(default_factory=dict[str, Word])

    def factors(self, template: str) -> frozenset[str]:
        """The factors that a template can depend on, also through the spans that it asks for."""
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
        """Fill a template in and mark what depends on a factor as that factor's.

        Raises:
            WordError: If it asks for a word or a span that is not there.
            KeyError: If it asks for a factor that is not among the levels.
        """
        if "{" not in template:
            return template  # nothing to fill in; rendering it all the same was a fifth of the cost of an arm
        compiled = _compiled(template)
        values: dict[str, Any] = {word: self._word(word, levels) for word in compiled.words}
        for factor, name in compiled.spans:
            values.setdefault(factor, {})[name] = self.span(factor, name, levels)
        return compiled.fill(values)

    def span(self, factor: str, name: str, levels: Levels) -> str:
        """One of the texts that a level declares, filled in and marked; empty where the level has none."""
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
