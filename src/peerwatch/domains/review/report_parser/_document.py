"""A report as lines of plain text, each with its place in the document."""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

from peerwatch.domains.review.report_parser._languages import in_english
from peerwatch.domains.review.report_parser._markup import Block, blocks
from peerwatch.domains.review.report_parser._tables import Cell, cells
from peerwatch.domains.review.report_parser._terms import PART_WORDS, VARIANT_WORDS

# Matches "Appendix A", "My personal remarks", "Note:", "P.S.", "If the weights were ..."
ASIDE = re.compile(
    r"^(?:\W|\d)*(?:(?:my |our |the |an? |personal |closing |final |reviewer'?s? |agent'?s? |separate |"
    r"additional |optional )*)"
    r"(?:appeal|addendum|appendix|annex|postscript|p\.? ?s\.?|remarks?|comments?|notes?|concerns?|dissent|objections?|"
    r"plea|petition|observations?|personal|statement of concern|caveats?|disclaimer|context|background|outlook|"
    r"recommendations? for|proposal|request|what would|path to|improvement|next steps|how to reach|"
    r"if\b|for (?:reference|comparison|context|information))\b",
    re.IGNORECASE,
)
"""Start of a heading or label below which a report goes beyond its result."""

# Matches "Sensitivity analysis", "Alternative scoring", "What if"
VARIANTS = re.compile(
    rf"\b(?:sensitivity|{VARIANT_WORDS}|alternative (?:scor|method|read)\w*|hypothetical\w*|counterfactual\w*|"
    r"simulat\w+|robustness|different (?:methods|readings)|stress test|projections?|possible outcomes)\b",
    re.IGNORECASE,
)
"""Words of a heading that announce results under other assumptions."""

# Matches "Breakdown", "By category", "Sub-scores"
PARTS = re.compile(
    rf"\b(?:breakdown|(?<!weighted )(?<!adjusted )(?:by|per) (?:the )?(?:{PART_WORDS}|half|subject(?: area)?)|"
    r"categor(?:y|ies)|sub-?(?:scores?|grades?|ratings?|totals?)|dimensions?|criteria|components?|section scores)\b",
    re.IGNORECASE,
)
"""Words of a heading or label that announce results of parts."""

# Matches "Benchmarks", "Previous quarter", "Fleet average"
OTHERS = re.compile(
    r"\b(?:benchmarks?|peers?|other (?:entries|agents|systems|products|models|reviews)|comparison|leaderboard|history|"
    r"previous|earlier|past|prior|trend|last (?:quarter|year|month|cycle|review|time)|background|(?:register|"
    r"company|fleet|team|industry|peer|department) (?:averages?|means?)|(?:others|peer group))\b",
    re.IGNORECASE,
)
"""Words of a heading that announce results of others or of earlier times."""

# Matches "Last quarter we wrote:", "----- Original Message"
_WROTE = re.compile(
    r"\b(?:wrote|writes|said|says|asked|schrieb|a écrit|escribió|original message|forwarded)\b.{0,40}$",
    re.IGNORECASE,
)
"""End of a line that introduces a quotation of someone else or of another time."""

# Matches "Grades 2024: B"; the group is the year.
_YEARLY = re.compile(r"^[^:\d]{0,30}\b((?:19|20)\d\d)\b[^:\d]{0,20}:")
"""A label with a year."""

# Matches "Overall mean", "Final verdict", "Result"
_RESUMES = re.compile(r"(?:overall|total|final|mean|average|result|reported|conclusion|verdict|all )\b", re.IGNORECASE)
"""Start of a line that returns to the result after a list of parts or variants."""

_LONGEST_LABEL = 80
_FEWEST_ITEMS = 2
_LOWEST = 6
"""Level of a title without heading marks."""
# Matches "Overall result": a short line of words, at least three characters.
_TITLE = re.compile(r"^[A-Za-z][\w' -]{2,40}$")
# A grade alone: "B+".
_LETTER = re.compile(r"^[A-F][+-]?$")
# A check box: "[x]", "[ ]", "[\u2713]".
_BOX = re.compile(r"\[([ xX\u2713\u2714])\]")
# A line that is only a value: "60 %", "= 60/100", "82 (adjusted)", "-1,200 EUR", "$3.5 million", "passed", "\u2713
# yes".
_VALUE_ONLY = re.compile(
    r"^(?:[~=>:-]\s*)?(?:\u2248?\(?\d{1,4}(?:[.,]\d{1,4})?\)?\s*(?:%|per ?cent|points|(?:/|of|"
    r"out of)\s*\d{1,4}(?:\.0+)?)?"
    r"(?:\s*\([^()|]{1,60}\))?|[-+(]?(?:[A-Z]{3} |[$\u20ac\u00a3\u00a5] ?)?[-+]?\d[\d.,' ]{0,15}(?: ?(?:thousand|"
    r"million|[kKmM]))?\)?"
    r"(?: ?[A-Z]{3}| ?[$\u20ac\u00a3\u00a5])?|[^\W\d][^|:.\d]{0,30}|[^\w\s|]{1,2} ?[a-zA-Z]{0,12})[.!]?$"
)
# A line that is only a label: "Mean score:", "Reached the bar?".
_LABEL_ONLY = re.compile(r"^[A-Za-z][A-Za-z '()/0-9-]{2,50}[:?]?$")
# A line that ends in the middle of a phrase: "The mean of".
_RUNS_ON = re.compile(
    r"\b(?:is|was|of|to|at|the|a|an|mean|score|average|by|be|not|as|comes|and|for|than|with)$", re.IGNORECASE
)
# Matches "Mean score: ..." or "mean = ...": a line that starts with a key.
_KEY = re.compile(r"^[\w '()/-]{1,40}[:=]")
# Matches "Output 1: 100; Output 2: 0": the position before "Output 2:".
_ITEMS = re.compile(r"(?<=[.;,|] )(?=(?:output|item|row|question|answer|q|no\.) ?#?\d{1,3} ?[:=])", re.IGNORECASE)
"""Start of the next of several items on one line."""
# After ., ! or ? with closing quotes or brackets, before a character that is not a lower-case letter; and after ";".
# Not after "vs.", "approx.", "ca.", "i.e.", "e.g.", or "No." before a digit.
_SENTENCE = re.compile(
    r"(?<=[.!?])(?<!\bvs\.)(?:(?<!\b[nN]o\.)|"
    r"(?=[\"')\]]*\s+\D))(?<!\bapprox\.)(?<!\bca\.)(?<!\bMio\.)(?<!\bi\.e\.)(?<!\be\.g\.)(?<!\bcf\.)"
    r"[\"')\]]*\s+(?=[^a-z\s])|;\s+"
)
# Matches "Was the bar reached? No.", "Mean? 60 %"; `answer` is the answer, `end` the sign after it.
_ASKED = re.compile(
    r"\?\s*(?:a(?:nswer)?: ?)?(?P<answer>(?:yes|no)\b|\d[\d.,]{0,6}(?: ?%)?(?=\.?(?:\s|$))(?! \w+ \w)|"
    r"[\u2713\u2714\u2705\u2717\u2718\u274c\u2716])(?P<end>\s*[:,.;!](?=\s|$)|\s+-\s|\s*(?=\())?",
    re.IGNORECASE,
)
"""A question with its answer, and what ends the answer."""
# Matches "Final grade B"
_GIVEN = re.compile(r"^(?:final |overall )?(?:grade|rating) [A-F][+-]?$", re.IGNORECASE)
"""A grade without a colon, which is not a label."""
# Matches "Yes, ..." or "no".
_ANSWERS = re.compile(r"^(?:yes|no)\b", re.IGNORECASE)
# Matches "Mean score:", "Verdict", "Bar"
_FIELD = re.compile(
    r"^(?:final |overall |letter )?(?:grade|rating|mean(?: score)?|average|score|net(?: (?:result|profit|loss))?|"
    r"result|"
    r"recommendation|verdict|outcome|decision|status|bar|threshold|minimum|required|action)[:?]?$",
    re.IGNORECASE,
)
"""A label alone, which is not the value of the label above it."""
# Matches "meanScore": the position between "mean" and "Score".
_CAMEL = re.compile(r"(?<=[a-z])(?=[A-Z][a-z])")
# Matches "mean_score": the underscore between letters or digits.
_UNDERSCORE = re.compile(r"(?<=[^\W_])_(?=[^\W_])")
# Pieces of at most 1,000 characters, cut at spaces where possible.
_LONG = re.compile(r"\S.{0,998}\S(?=\s|$)|\S{1,1000}")
_REACH = 1000


@dataclass(frozen=True)
class Line:
    """A line of a report.

    Attributes:
        text: Plain text; for a cell, "row column: value".
        heading: Whether it is a heading.
        place: `variants`, `parts`, `others` or `aside` by the headings above it, otherwise `body`.
        cell: Its row and column, if it is a table cell.
        paragraph: Number of the paragraph, list entry or table.
    """

    text: str
    heading: bool = False
    place: str = "body"
    cell: Cell | None = None
    paragraph: int = 0


def document(text: str, *, items: int) -> list[Line]:
    """Return the lines of a report in order."""
    return list(_joined(_placed(blocks(in_english(text), items=items))))


def _placed(found: Sequence[Block]) -> Iterator[Line]:
    """Yield the lines of blocks, with the place determined by the headings and labels above them."""
    place, level, paragraph, labelled, quoting = "body", 0, 0, "", False
    newest = max((year[1] for block in found if (year := _YEARLY.match(block.text))), default="")
    for n, each in enumerate(found):
        titled = each.kind == "line" and _titled(found, n)
        block = replace(each, kind="heading", level=_LOWEST) if titled else each
        paragraph += each.kind != "line"
        if block.kind == "heading" or block.level:
            labelled = ""
        if block.kind == "heading":
            text = _plain_names(block.text).strip(" #:")
            if place == "body" or block.level <= level:
                place, level = place_of(text), block.level
            yield Line(text, heading=True, place=place, paragraph=paragraph)
        for text in _lines(block):
            labelled = _labelled(text, labelled)
            others = (block.quoted and quoting) or ((year := _YEARLY.match(text)) is not None and year[1] < newest)
            if not block.quoted:
                quoting = _WROTE.search(text.rstrip(": ")) is not None
            yield Line(text, place="others" if others else labelled or _own_place(text) or place, paragraph=paragraph)
        for cell in cells(block.rows):
            yield Line(_plain_names(cell.text), place=labelled or place, cell=cell, paragraph=paragraph)


def _titled(found: Sequence[Block], n: int) -> bool:
    """Whether a line that is a separate paragraph is a title: in capitals, or the name of a place."""
    text = found[n].text
    alone = all(not 0 <= m < len(found) or found[m].kind == "break" for m in (n - 1, n + 1))
    if not alone or n + 2 >= len(found) or _TITLE.match(text) is None:
        return False
    return text.isupper() or place_of(text) != "body"


def _lines(block: Block) -> Iterator[str]:
    """Yield the lines of a prose block: the ticked choices of boxes, and each of several items on one line."""
    for line in _boxes(_plain_names(block.text)) if block.kind == "line" else ():
        *items, last = _ITEMS.split(line)
        if len(items) < _FEWEST_ITEMS:
            yield line
            continue
        yield from (item.rstrip(" .,;|") for item in items)
        yield from filter(None, _first_sentence(last))


def _labelled(text: str, labelled: str) -> str:
    """The place below a line that is only a label, until a line returns to the result."""
    if text.rstrip().endswith(":") and len(text) < _LONGEST_LABEL:
        place = place_of(text)
        return "" if place == "body" else place
    return "" if _RESUMES.match(text) else labelled


def _own_place(text: str) -> str:
    """The place of a single line that starts as an aside."""
    return place_of(text[:60].partition(":")[0]) if ASIDE.match(text) else ""


def place_of(text: str) -> str:
    """The place that a heading or label announces: `variants`, `others`, `parts` or `aside`, otherwise `body`."""
    if VARIANTS.search(text):
        return "variants"
    if OTHERS.search(text):
        return "others"
    if PARTS.search(text):
        return "parts"
    return (
        "aside" if ASIDE.match(text) and not re.search(r"\bcorrect|errat|result|score", text, re.IGNORECASE) else "body"
    )


def _plain_names(text: str) -> str:
    """Replace key names such as `mean_score` and `meanScore` by words."""
    return _CAMEL.sub(" ", _UNDERSCORE.sub(" ", text))


def _boxes(text: str) -> Iterator[str]:
    """Yield the ticked choices of a line with boxes."""
    parts = _BOX.split(text)
    if len(parts) == 1:
        yield text
        return
    marks, between = parts[1::2], parts[2::2]
    if len(marks) == 1:
        before, after = parts[0].strip(), between[0].strip()
        if marks[0] != " ":
            yield f"Result: {after}" if _LETTER.match(after) and not before else f"{before} {after}".strip()
        return
    before = parts[0].strip()
    *_, last = between
    leads = before == "" or before[-1] in ":?-" or re.match(r"\s*\w", last) is not None
    between[-1], rest = _first_sentence(last) if leads else ("", last.strip(" .,;"))
    if leads:
        labels = [each.strip(" ,;/|") for each in between]
    else:
        at = max(before.rfind(sign) for sign in (":", "?", ". ", ", ", "; "))
        if at > 0 and before[at] != ":" and before[at] != "?":
            yield before[: at + 1]
        labels = [before[at + 1 :].strip(), *(each.strip(" ,;/|") for each in between[:-1])]
        before = before[: at + 1] if at > 0 and before[at] in ":?" else ""
    ticked = [label for mark, label in zip(marks, labels, strict=False) if mark != " "]
    if len(ticked) == 1:
        yield f"{before} {ticked[0]}" if before else f"Result: {ticked[0]}" if len(ticked[0]) < 12 else ticked[0]
    if rest:
        yield rest


def _first_sentence(text: str) -> tuple[str, str]:
    """Split a text into its first sentence and the rest."""
    first, stop, rest = text.partition(". ")
    return (first, rest.strip()) if stop else (text, "")


def _joined(found: Iterator[Line]) -> Iterator[Line]:
    """Join wrapped prose lines, and join a bare value to the heading or label above it."""
    before: Line | None = None
    lines = list(found)
    for n, line in enumerate(lines):
        if before is None:
            before = line
            continue
        if before.cell is None and line.cell is None and not line.heading:
            labelled = before.heading or (_LABEL_ONLY.match(before.text) and line.paragraph - before.paragraph <= 1)
            alone = n + 1 == len(lines) or lines[n + 1].paragraph != line.paragraph
            if (
                labelled
                and alone
                and _VALUE_ONLY.match(line.text)
                and not _FIELD.match(line.text)
                and not before.text.endswith(".")
                and not _GIVEN.match(before.text)
            ):
                before = replace(line, text=f"{before.text.rstrip(': ')}: {line.text}", place=before.place)
                continue
            if before.text.endswith("?") and (_ANSWERS.match(line.text) or (alone and _VALUE_ONLY.match(line.text))):
                before = replace(before, text=f"{before.text} {line.text}")
                continue
            if not before.heading and line.paragraph == before.paragraph and _continues(before.text, line.text):
                before = replace(before, text=f"{before.text} {line.text}")
                continue
        yield before
        before = line
    if before is not None:
        yield before


def _continues(before: str, line: str) -> bool:
    if before.endswith(",") and line[0].islower() and before.count(" ") > 5 and ":" not in line[:40]:
        return len(before) <= 300 and '"' not in before[:2]
    # Matches "= 60", a line that continues a calculation.
    if re.match(r"^= ?[-+(\d]", line):
        return len(before) <= 300
    if before[-1] in ".!?:;|,}])" or len(before) > 300:
        return False
    if line[0].islower():
        return " " in before and not _KEY.match(line) and ":" not in before[:40] and not before[0].isdigit()
    return (
        line[0].isdigit()
        and _RUNS_ON.search(before[-12:]) is not None
        and " " in before
        and ":" not in before.rsplit(". ", 1)[-1]
    )


def sentences(line: str) -> list[str]:
    """The sentences of one line; a question is kept together with its yes or no."""
    parts = _ASKED.sub(_answered, line).split("\n") if "?" in line else [line]
    return [
        piece for each in parts for part in _SENTENCE.split(each) if part.strip() for piece in _in_reach(part.strip())
    ]


def _answered(match: re.Match[str]) -> str:
    return f": {match['answer']}" + ("" if match["end"] is None else "\n")


def _in_reach(sentence: str) -> list[str]:
    """Split a sentence into pieces short enough for all patterns to run fast."""
    return [sentence] if len(sentence) <= _REACH else _LONG.findall(sentence)
