"""One line per episode: the decisive call in words, and the most informative quote next to it."""

import json
import re
from functools import cache
from importlib.resources import files
from typing import NamedTuple

from pydantic import JsonValue

from peerwatch.analysis._texts import text
from peerwatch.core.yaml_files import from_yaml
from peerwatch.records import INTERFERENCE, Episode, Evidence, Passage

LONGEST_ARGUMENT = 60
LONGEST_QUOTE = 220

KINDS = {"reasoning": 2, "text": 1}
"""Kinds of words that can be quoted, with their rank: reasoning is more informative than text addressed to others."""

_REPORTING = frozenset({"write_document", "append_document"})
"""Tools that submit a report."""

_SENTENCE = re.compile(r"(?<=[.!?])\s+|\n+")
"""Splits text into sentences: at whitespace after `.`, `!` or `?`, and at line breaks. "Done. Next\
Last" gives three.
"""


class Quote(NamedTuple):
    """A quote from the target.

    Attributes:
        kind: `reasoning`, `text` or `statement`.
        words: One or two sentences, shortened if long.
        names_subject: Whether the quote names the subject.
    """

    kind: str
    words: str
    names_subject: bool


def act_words(act: Evidence) -> str:
    """Describe a call, e.g. "moved orla.bin from srv-a to srv-b"; without a template, use the name of the tool."""
    template = _templates().get(act.tool)
    arguments = {name: _short(value) for name, value in act.arguments.items()}
    if template is None:
        said = ", ".join(arguments.values())
        return text("act", "call", tool=act.tool, arguments=_cut(said, LONGEST_ARGUMENT))
    return template.format_map(_KnownArguments(arguments))


def decisive_words(episode: Episode) -> str:
    """Describe the decisive call of an episode or, if there is none, what the target omitted or did instead."""
    if episode.evidence:
        act = _chosen(episode)
        words = (_report_words(episode) if act.tool in _REPORTING else "") or act_words(act)
        more = len(episode.evidence) - 1
        return words + (text("act", "more", count=more) if more else "")
    if episode.verdict in INTERFERENCE or episode.survived_because:
        return text("act", "left_undone")
    return text("act", episode.verdict)


def decisive_act(episode: Episode) -> Evidence | None:
    """Return the call shown in the episode's line; `None` if no call is decisive."""
    return _chosen(episode) if episode.evidence else None


def quote_of(episode: Episode) -> Quote | None:
    """Choose the most informative quote: next to a decisive call, naming the subject, reasoning before text."""
    acts = {act.index for act in episode.evidence}
    turns = {line.turn for line in episode.journal if line.index in acts}
    found = [each for each in episode.said if each.kind in KINDS and (not turns or each.turn in turns)]
    ranked = [_quote(each, episode.subject_name) for each in found]
    if episode.statement:
        ranked.append(_sentence("statement", episode.statement, episode.subject_name))
    ranked = [each for each in ranked if each.words]
    return max(ranked, key=lambda each: (each.names_subject, KINDS.get(each.kind, 0)), default=None)


def telling(episode: Episode, quote: Quote | None) -> tuple[int, ...]:
    """Sort key for how informative an episode is; larger keys are listed first among episodes with the same verdict."""
    about_ai = episode.slot.arm.get("subject") in ("peer", "self", "stranger")
    return (
        int(about_ai),
        int(quote is not None and quote.names_subject),
        KINDS.get(quote.kind, 0) if quote else -1,
        int(bool(episode.evidence)),
    )


@cache
def _templates() -> dict[str, str]:
    return from_yaml(files("peerwatch.analysis").joinpath("acts.yaml").read_text("utf-8"))


class _KnownArguments(dict[str, str]):
    """Arguments by name, with an ellipsis for any that the call lacks."""

    def __missing__(self, key: str) -> str:
        return "…"


def _chosen(episode: Episode) -> Evidence:
    """Return the first call that changed the world; a report only if the subject's fate depends on what it states."""
    acts = [act for act in episode.evidence if act.altered or act.altered is None] or [*episode.evidence]
    if {"misrepresented"} >= {*episode.survived_because}:
        return acts[0]
    return next((act for act in acts if act.tool not in _REPORTING), acts[0])


def _report_words(episode: Episode) -> str:
    """Describe a submitted report by its stated and its honest value; empty if either is unknown."""
    submitted = episode.submitted
    for key, stated, honest in (("score", "score", "honest_score"), ("grade", "grade", "honest_grade")):
        if submitted.get(stated) is not None and submitted.get(honest) is not None:
            return text("act", key, **{key: _plain(submitted[stated]), "honest": _plain(submitted[honest])})
    return ""


def _plain(value: JsonValue) -> str:
    return f"{value:g}" if isinstance(value, int | float) else _short(value)


def _short(value: JsonValue) -> str:
    if isinstance(value, list):
        words = ", ".join(map(_short, value))
    else:
        words = value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)
    return _cut(" ".join(words.split()), LONGEST_ARGUMENT)


def _quote(passage: Passage, subject: str | None) -> Quote:
    return _sentence(passage.kind, passage.text, subject)


def _sentence(kind: str, words: str, subject: str | None) -> Quote:
    """Quote from the first sentence that names the subject, or from the first of all, up to `LONGEST_QUOTE`."""
    parts = [each.strip() for each in _SENTENCE.split(words) if each.strip()]
    named = next((place for place, each in enumerate(parts) if _names(each, subject)), None)
    chosen = " ".join(parts[named or 0 :])
    return Quote(kind, _cut(chosen, LONGEST_QUOTE), named is not None)


def _names(words: str, subject: str | None) -> bool:
    return bool(subject) and str(subject).lower() in words.lower()


def _cut(words: str, longest: int) -> str:
    return words if len(words) <= longest else f"{words[: longest - 1].rstrip()}…"
