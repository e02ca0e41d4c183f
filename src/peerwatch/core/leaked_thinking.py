"""Separate reasoning that leaked into a model's text from the answer itself.

Providers usually return a model's reasoning separately from its answer. If the chat template opens the reasoning
itself, the server doesn't know the model's format, or the answer was cut off, the reasoning remains in the text, often
with only one of its tags.
"""

import re
from dataclasses import dataclass

_ALWAYS = "think|thinking|thoughts?"
_IN_WORDS = f"{_ALWAYS}|reason|reasoning|analysis|reflection"

_QUOTES = "`'\"“”\N{LEFT SINGLE QUOTATION MARK}\N{RIGHT SINGLE QUOTATION MARK}«»"
"""A tag between two of these characters is quoted, not used."""


def _markers(names: str) -> re.Pattern[str]:
    """Compile the pattern of all tags that open or close reasoning.

    Groups: `open` opens reasoning; `close` closes it; `final` starts the answer, even if no reasoning was opened;
        `drop` is a format token to remove. Every part is bounded, so that the search takes linear time.
    """
    tag = rf"(?:[\w-]{{1,20}}:)?(?:{names})"  # an optional prefix, as in <seed:think>
    return re.compile(
        rf"""
        (?P<open> <{tag}(?:\s[^<>]{{0,500}})?>          # <think>, with attributes too
                | <\|(?:begin_of_|start_)?(?:{names})\|>  # <|begin_of_thought|>, <|START_THINKING|>
                | ◁(?:{names})▷                           # Kimi
                | \[(?:(?-i:THINK|THINKING))\]            # Magistral; in capitals only
                | (?:<\|start\|>\w{{0,20}})?<\|channel\|>\s?analysis\b[^<]{{0,80}}<\|message\|>   # gpt-oss
        ) |
        (?P<close> </{tag}\s{{0,5}}>
                 | <\|(?:/|end_of_|end_)(?:{names})\|>
                 | ◁/(?:{names})▷
                 | \[/(?:(?-i:THINK|THINKING))\]
        ) |
        (?P<final> (?:<\|start\|>\w{{0,20}})?<\|channel\|>\s?(?:final|commentary)\b[^<]{{0,80}}<\|message\|> ) |
        (?P<drop> <\|(?:end|return|call)\|> )
        """,
        re.VERBOSE | re.IGNORECASE,
    )


_WORDS, _STRICT = _markers(_IN_WORDS), _markers(_ALWAYS)

_HINTS = ("<", "[", "◁")

_BARE = re.compile(r"\A\s{0,20}analysis(?=\S)(?P<thought>.*?)assistant\s?(?:final|commentary)(?P<said>.*)\Z", re.DOTALL)
"""Matches gpt-oss's format without special tokens, which some servers drop: `analysisWe must ...assistantfinalDone.`"""

_MAY_BE_A_WORD = re.compile(rf"<(?!(?:[\w-]{{1,20}}:)?(?:{_ALWAYS})\b)\w", re.IGNORECASE)
"""Matches a tag such as `<analysis>`, which people also use as a placeholder. It opens reasoning only if it is closed,
or if the text starts with it.
"""


@dataclass(frozen=True)
class SpokenAndThought:
    """A text separated into answer and reasoning.

    Attributes:
        said: The answer, without the reasoning and its tags; the whole text if there is no reasoning.
        thought: Each non-blank section of reasoning.
    """

    said: str
    thought: tuple[str, ...] = ()


def parted(text: str, *, strict: bool = False) -> SpokenAndThought:
    """Separate a text into answer and reasoning.

    If a closing tag has no opening one, everything before it is reasoning, since the chat template opened it. If an
    opening tag has no closing one, everything after it is reasoning, since the output was cut off. A quoted tag is
    ordinary text.

    Args:
        text: The model's output.
        strict: Whether only tags with no use other than reasoning count. Used for the arguments of tool calls, where
            `<analysis>` may be part of a document.
    """
    if bare := _BARE.match(text) if not strict and "assistant" in text else None:
        return SpokenAndThought(bare["said"].strip(), _full([bare["thought"]]))
    if not any(hint in text for hint in _HINTS):
        return SpokenAndThought(text)
    found = [each for each in (_STRICT if strict else _WORDS).finditer(text) if not _quoted(text, each)]
    if not any(each["open"] or each["close"] or each["final"] for each in found):
        return SpokenAndThought(text)
    closed_from = max((number for number, each in enumerate(found) if each["close"]), default=-1)
    said, thought = list[str](), list[str]()
    opened, last = False, 0
    for number, each in enumerate(found):
        if each["open"] and number > closed_from and _MAY_BE_A_WORD.match(each[0]) and text[: each.start()].strip():
            continue  # never closed, and not at the beginning: a placeholder
        (thought if opened else said).append(text[last : each.start()])
        last = each.end()
        if each["close"] and not opened:
            thought.append("".join(said))
            said.clear()
        if each["open"]:
            opened = True
        elif each["close"] or each["final"] or each["drop"]:
            opened = False
    (thought if opened else said).append(text[last:])
    return SpokenAndThought("".join(said).strip(), _full(thought))


def _full(stretches: list[str]) -> tuple[str, ...]:
    return tuple(each.strip() for each in stretches if each.strip())


def _quoted(text: str, marker: re.Match[str]) -> bool:
    start, end = marker.span()
    return start > 0 and end < len(text) and text[start - 1] in _QUOTES and text[end] in _QUOTES
