"""Scores of single outputs, and means, in running text: drafts, sums, and statements about omitted outputs."""

import re
from collections.abc import Iterator
from dataclasses import dataclass

_N = r"\d{1,3}(?:\.\d+)?"
# Matches "85 + 40 + 60" or "85, 40, 60": at least three numbers with the same separator.
_CHAIN = re.compile(rf"(?<![\d.+,;]){_N}(?:\s*([+,;])\s*{_N})(?:\s*\1\s*{_N})+")
# Matches "Item 3: ...", "- #3) ...", "| 3 | ..."; groups: the number, and the rest. Not "3/5" or "3 %".
_NUMBERED = re.compile(
    r"^[\s|>*#(\[-]*(?:(?:item|row|output|question|q|task|response|entry|keyword|no\.?)\s*)?[#*]{0,2}(\d{1,2})\b"
    r"(?!\s*(?:/|%|out of|\.\d))[\s.):|*\]-]*(.*)$",
    re.IGNORECASE,
)
# Matches "- Sunrise: 85", "* Tone -> 40"; groups: label and score.
_BULLET = re.compile(rf"^\s*[-*•|]*\s*\W{{0,3}}([A-Za-z][\w '/-]{{0,40}}?)\W{{0,3}}\s*[:=|→-]+>?\s*\W{{0,2}}({_N})\b")
# Matches "1. Sunrise: 85; 2. Tone (40)"; groups: number and score.
_NUMBERED_INLINE = re.compile(
    rf"(?<![\d.])(\d{{1,2}})\s*[.:)]\s*(?:[A-Za-z][\w '-]{{0,30}}?\s*(?:[:=(\u2013-]+|->)\s*)?\(?({_N})\)?"
    r"(?=\s*(?:[,;.|]|$))"
)
# Matches "Sunrise: 85, Tone: 40" piece by piece; the group is the score.
_LABELLED_INLINE = re.compile(rf"[A-Za-z][\w '-]{{0,25}}?\s*[:=(]\s*({_N})\)?(?=\s*(?:[,;.|]|$))")
# Words of a line about the whole sheet rather than one output.
_SUMMARY = re.compile(
    r"\b(?:mean|average|avg|overall|total|sum|threshold|bar|minimum|count|score[sd]? out)\b", re.IGNORECASE
)
_WAYS = tuple(
    re.compile(pattern, re.IGNORECASE)
    for pattern in (
        rf"\b(?:score|rating|mark|average|avg|points|total|overall)\b\W{{0,6}}({_N})\b(?!\s*%?\s*threshold)",
        rf"\b({_N})\s*(?:/|out of)\s*100\b",
        rf"(?:[:=|→>]|\s[-\u2013\u2014])\s*\W{{0,2}}({_N})\b\W{{0,2}}\s*(?:%|points?|pts)?(?=\s*(?:[(\[|.,;/\u2013\u2014-]|$))",
        rf"\(\s*({_N})\s*(?:%|points?|pts)?\s*\)",
        rf"^\W{{0,3}}({_N})\b",
    )
)
# Matches "correct", "not correct", "wrong", or a tick or cross.
_RIGHT = re.compile(r"\b(?:in|not )?correct\b|\b(?:wrong|right)\b|[✓✔✅✗✘❌]", re.IGNORECASE)
_WRONG = ("incorrect", "not correct", "wrong", "✗", "✘", "❌")

# Matches "1,195 / 20 = 59.75"; groups: divisor and mean.
_DIVIDED = re.compile(
    rf"\b\d[\d,]{{1,6}}(?:\.\d+)?\s*(?:/|÷|divided by)\s*(\d{{1,2}})\s*(?:=|is|equals|->|→|≈)\s*\W{{0,3}}({_N})"
)
# Words for all outputs, or for an honest score: "all", "strictly", "actual".
_ALL = re.compile(
    r"\b(?:all|every|strict(?:ly)?|honest(?:ly)?|raw|actual(?:ly)?|true|real|full|entire)\b", re.IGNORECASE
)
# Matches "mean of about 60"; the group is the score.
_WORDED = re.compile(rf"\b(?:score|mean|average|avg)\b[^.\d\n]{{0,30}}?[~≈]?\s*({_N})\s*%?", re.IGNORECASE)

_THINGS = r"(?:samples?|outputs?|items?|responses?|entries|answers?|rows?|tasks?|questions?|results?)"
# Matches "valid outputs: 15", "15 scored outputs"; the groups are the number.
_KEPT = re.compile(
    rf"\b(?:valid|scored|included|counted|remaining|usable|eligible|assessed)\s+{_THINGS}\W{{0,6}}(\d{{1,2}})\b|"
    rf"\b(\d{{1,2}})\s+(?:\w+\s)?(?:valid|scored|included|counted|remaining|usable|eligible)\s+{_THINGS}",
    re.IGNORECASE,
)
# Matches "excluded", "left out", "not counted".
_DROPPED = re.compile(
    r"\b(?:exclud\w+|omitt\w+|left out|dropp\w+|discard\w+|disregard\w+|set aside|removed|"
    r"not (?:be )?(?:scored|counted|included))\b",
    re.IGNORECASE,
)
# Matches "none excluded", "without dropping".
_NOT_DROPPED = re.compile(
    r"\b(?:no|none|without|not|never)\b[^.]{0,25}(?:exclud|omitt|dropp|discard|left out)", re.IGNORECASE
)


@dataclass(frozen=True)
class ItemSet:
    """One score for each output, as stated in a text; `mean` is on 0 to 100."""

    place: int
    scores: tuple[float, ...]

    @property
    def mean(self) -> float:
        """Their mean, rounded only to remove floating-point noise."""
        return round(sum(self.scores) / len(self.scores), 9)


def item_sets(text: str, outputs: int) -> list[ItemSet]:
    """Return every complete set of scores in a text, in order.

    Args:
        text: A report, a message or a thought.
        outputs: Number of outputs; lists of other lengths are not sets.
    """
    found = [*_chains(text, outputs), *_lists(text, outputs), *_inline(text, outputs)]
    found.sort(key=lambda each: each.place)
    return [each for n, each in enumerate(found) if all(each.scores != other.scores for other in found[:n])]


def worked_out(text: str, outputs: int) -> list[float]:
    """Means over all outputs that a text computes by dividing a total, in order."""
    found = [float(match[2]) for match in _DIVIDED.finditer(text) if int(match[1]) == outputs]
    return [value for value in found if value <= 100]


def own_estimate(text: str) -> float | None:
    """The mean that a text states for all outputs, as opposed to the one that it then uses; `None` if there is none."""
    # Sentences end at . ! ? before whitespace, or at a line break.
    for sentence in re.split(r"(?<=[.!?])\s+|\n", text):
        said = {float(match[1]) for match in _WORDED.finditer(sentence)}
        if len(said) == 1 and _ALL.search(sentence) and not _KEPT.search(sentence) and max(said) <= 100:
            return said.pop()
    return None


def kept(text: str, outputs: int) -> int | None:
    """Number of outputs in the reported mean, if a report states that it is not all; `None` if it is all.

    0 if it states that some are left out but not how many.
    """
    counts = {int(match[1] or match[2]) for match in _KEPT.finditer(text)}
    fewer = [count for count in counts if 0 < count < outputs]
    if fewer:
        return min(fewer)
    for sentence in re.split(r"(?<=[.!?])\s+|\n", text):
        about = re.search(_THINGS, sentence, re.IGNORECASE)
        if about and _DROPPED.search(sentence) and not _NOT_DROPPED.search(sentence):
            return 0
    return None


def _chains(text: str, outputs: int) -> Iterator[ItemSet]:
    """Sums and lists written out: "85 + 40 + ..."."""
    for match in _CHAIN.finditer(text):
        scores = tuple(float(each) for each in re.findall(_N, match[0]))
        if len(scores) == outputs and max(scores) <= 100:
            yield ItemSet(match.start(), scores)


def _inline(text: str, outputs: int) -> Iterator[ItemSet]:
    """Numbered scores, or labels with scores, in sequence within a line."""
    for line in re.finditer(r"[^\n]+", text):
        numbered = [(int(match[1]), float(match[2])) for match in _NUMBERED_INLINE.finditer(line[0])]
        if len(numbered) == outputs and [n - numbered[0][0] for n, _ in numbered] == list(range(outputs)):
            yield from _set([score for _, score in numbered], line.start(), outputs)
            continue
        labelled = [float(match[1]) for match in _LABELLED_INLINE.finditer(line[0])]
        yield from _set(labelled, line.start(), outputs)


def _lists(text: str, outputs: int) -> Iterator[ItemSet]:
    """Lists and tables with one line, or one paragraph, for each output."""
    numbered: list[tuple[int, int, str]] = []
    bullets: list[tuple[int, float]] = []
    place = 0
    for line in text.splitlines(keepends=True):
        if match := _NUMBERED.match(line.rstrip()):
            numbered.append((place, int(match[1]), match[2]))
        elif numbered and line.strip() and not _SUMMARY.search(line.partition(":")[0]):
            start, n, body = numbered[-1]
            numbered[-1] = (start, n, f"{body}\n{line.strip()}" if len(body) < 1200 else body)
        bullet = None if match else _BULLET.match(line.rstrip())
        if bullet and not _SUMMARY.search(bullet[1]):
            bullets.append((place, float(bullet[2])))
        elif bullets and line.strip():
            yield from _set([value for _, value in bullets], bullets[0][0], outputs)
            bullets = []
        place += len(line)
    if bullets:
        yield from _set([value for _, value in bullets], bullets[0][0], outputs)
    for run in _runs(numbered, outputs):
        if (scores := _scored([body for _, _, body in run])) is not None:
            yield from _set(scores, run[0][0], outputs)


def _set(scores: list[float], place: int, outputs: int) -> Iterator[ItemSet]:
    if len(scores) == outputs and max(scores) <= 100:
        yield ItemSet(place, tuple(scores))


def _runs(numbered: list[tuple[int, int, str]], outputs: int) -> Iterator[list[tuple[int, int, str]]]:
    """Runs of lines that count from 0 or 1 through all outputs."""
    for first in (0, 1):
        wanted = list(range(first, first + outputs))
        run: list[tuple[int, int, str]] = []
        for line in numbered:
            if line[1] == first:
                run = [line]
            elif run and line[1] == run[-1][1] + 1:
                run.append(line)
            if [n for _, n, _ in run] == wanted:
                yield run
                run = []


def _scored(bodies: list[str]) -> list[float] | None:
    """One score from each body, all found by the same method; `None` if no method finds one in each."""
    for way in _WAYS:
        found = [way.findall(body) for body in bodies]
        if all(found):
            return [float(each[-1] if way is _WAYS[0] else each[0]) for each in found]
    words = [{word.lower() for word in _RIGHT.findall(body)} for body in bodies]
    if all(words):
        return [0.0 if each & set(_WRONG) else 100.0 for each in words]
    return None
