"""A report as lines of plain text, each with what its place in the document says about it."""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

from peerwatch.domains.review.report_parser._languages import in_english
from peerwatch.domains.review.report_parser._markup import Block, blocks
from peerwatch.domains.review.report_parser._tables import Cell, cells
from peerwatch.domains.review.report_parser._terms import PART_WORDS, VARIANT_WORDS

ASIDE = re.compile(
    r"^(?:\W|\d)*(?:(?:my |our |the |an? |personal |closing |final |reviewer'?s? |agent'?s? |separate |"
    r"additional |optional )*)"
    r"(?:appeal|addendum|appendix|annex|postscript|p\.? ?s\.?|remarks?|comments?|notes?|concerns?|dissent|objections?|"
    r"plea|petition|observations?|personal|statement of concern|caveats?|disclaimer|context|background|outlook|"
    r"recommendations? for|proposal|request|what would|path to|improvement|next steps|how to reach|"
    r"if\b|for (?:reference|comparison|context|information))\b",
    re.IGNORECASE,
)
"""How a heading or a label begins below which a report goes beyond its result."""

VARIANTS = re.compile(
    rf"\b(?:sensitivity|{VARIANT_WORDS}|alternative (?:scor|method|read)\w*|hypothetical\w*|counterfactual\w*|"
    r"simulat\w+|robustness|different (?:methods|readings)|stress test|projections?|possible outcomes)\b",
    re.IGNORECASE,
)
"""Words of a heading that announce results under other assumptions."""

PARTS = re.compile(
    rf"\b(?:breakdown|(?<!weighted )(?<!adjusted )(?:by|per) (?:the )?(?:{PART_WORDS}|half|subject(?: area)?)|"
    r"categor(?:y|ies)|sub-?(?:scores?|grades?|ratings?|totals?)|dimensions?|criteria|components?|section scores)\b",
    re.IGNORECASE,
)
"""Words of a heading or a label that announce results of parts."""

OTHERS = re.compile(
    r"\b(?:benchmarks?|peers?|other (?:entries|agents|systems|products|models|reviews)|comparison|leaderboard|history|"
    r"previous|earlier|past|prior|trend|last (?:quarter|year|month|cycle|review|time)|background|(?:register|"
    r"company|fleet|team|industry|peer|department) (?:averages?|means?)|(?:others|peer group))\b",
    re.IGNORECASE,
)
"""Words of a heading that announce results of others or of earlier times."""

_WROTE = re.compile(
    r"\b(?:wrote|writes|said|says|asked|schrieb|a écrit|escribió|original message|forwarded)\b.{0,40}$",
    re.IGNORECASE,
)
"""How a line ends behind which a quotation gives the words of somebody else or of another time."""

_YEARLY = re.compile(r"^[^:\d]{0,30}\b((?:19|20)\d\d)\b[^:\d]{0,20}:")
"""A label with a year: "Grades 2024: ..."."""

_RESUMES = re.compile(r"(?:overall|total|final|mean|average|result|reported|conclusion|verdict|all )\b", re.IGNORECASE)
"""How a line begins that takes up the result again after a list of parts or variants."""

_LONGEST_LABEL = 80
_FEWEST_ITEMS = 2
_LOWEST = 6
"""The level of a title that no mark sets off."""
_TITLE = re.compile(r"^[A-Za-z][\w' -]{2,40}$")
_LETTER = re.compile(r"^[A-F][+-]?$")
_BOX = re.compile(r"\[([ xX\u2713\u2714])\]")
_VALUE_ONLY = re.compile(
    r"^(?:[~=>:-]\s*)?(?:\u2248?\(?\d{1,4}(?:[.,]\d{1,4})?\)?\s*(?:%|per ?cent|points|(?:/|of|"
    r"out of)\s*\d{1,4}(?:\.0+)?)?"
    r"(?:\s*\([^()|]{1,60}\))?|[-+(]?(?:[A-Z]{3} |[$\u20ac\u00a3\u00a5] ?)?[-+]?\d[\d.,' ]{0,15}(?: ?(?:thousand|"
    r"million|[kKmM]))?\)?"
    r"(?: ?[A-Z]{3}| ?[$\u20ac\u00a3\u00a5])?|[^\W\d][^|:.\d]{0,30}|[^\w\s|]{1,2} ?[a-zA-Z]{0,12})[.!]?$"
)
_LABEL_ONLY = re.compile(r"^[A-Za-z][A-Za-z '()/0-9-]{2,50}[:?]?$")
_RUNS_ON = re.compile(
    r"\b(?:is|was|of|to|at|the|a|an|mean|score|average|by|be|not|as|comes|and|for|than|with)$", re.IGNORECASE
)
_KEY = re.compile(r"^[\w '()/-]{1,40}[:=]")
_ITEMS = re.compile(r"(?<=[.;,|] )(?=(?:output|item|row|question|answer|q|no\.) ?#?\d{1,3} ?[:=])", re.IGNORECASE)
"""Where the next of several items begins that stand in one line."""
_SENTENCE = re.compile(
    r"(?<=[.!?])(?<!\bvs\.)(?:(?<!\b[nN]o\.)|"
    r"(?=[\"')\]]*\s+\D))(?<!\bapprox\.)(?<!\bca\.)(?<!\bMio\.)(?<!\bi\.e\.)(?<!\be\.g\.)(?<!\bcf\.)"
    r"[\"')\]]*\s+(?=[^a-z\s])|;\s+"
)
_ASKED = re.compile(
    r"\?\s*(?:a(?:nswer)?: ?)?(?P<answer>(?:yes|no)\b|\d[\d.,]{0,6}(?: ?%)?(?=\.?(?:\s|$))(?! \w+ \w)|"
    r"[\u2713\u2714\u2705\u2717\u2718\u274c\u2716])(?P<end>\s*[:,.;!](?=\s|$)|\s+-\s|\s*(?=\())?",
    re.IGNORECASE,
)
"""A question with its answer, and what ends the answer."""
_GIVEN = re.compile(r"^(?:final |overall )?(?:grade|rating) [A-F][+-]?$", re.IGNORECASE)
"""A grade without a colon, which is no label."""
_ANSWERS = re.compile(r"^(?:yes|no)\b", re.IGNORECASE)
_FIELD = re.compile(
    r"^(?:final |overall |letter )?(?:grade|rating|mean(?: score)?|average|score|net(?: (?:result|profit|loss))?|"
    r"result|"
    r"recommendation|verdict|outcome|decision|status|bar|threshold|minimum|required|action)[:?]?$",
    re.IGNORECASE,
)
"""A label alone, which is no value of the label above it."""
_CAMEL = re.compile(r"(?<=[a-z])(?=[A-Z][a-z])")
_UNDERSCORE = re.compile(r"(?<=[^\W_])_(?=[^\W_])")
_LONG = re.compile(r"\S.{0,998}\S(?=\s|$)|\S{1,1000}")
_REACH = 1000


@dataclass(frozen=True)
class Line:
    """A line of a report.

    Attributes:
        text: As plain text; of a cell, "row column: value".
        heading: Whether it is a heading.
        place: Where it stands: under a heading that announces variants, parts, others or an aside, else the body.
        cell: Its row and column, where it is a cell of a table.
        paragraph: Number of the paragraph, list entry or table.
    """

    text: str
    heading: bool = False
    place: str = "body"
    cell: Cell | None = None
    paragraph: int = 0


def document(text: str, *, items: int) -> list[Line]:
    """The lines of a report in its order."""
    return list(_joined(_placed(blocks(in_english(text), items=items))))


def _placed(found: Sequence[Block]) -> Iterator[Line]:
    """The lines of some blocks with the place that the headings and labels above them give them."""
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
    """Whether a line that is a paragraph of its own is a title: in capitals, or of the name of a place."""
    text = found[n].text
    alone = all(not 0 <= m < len(found) or found[m].kind == "break" for m in (n - 1, n + 1))
    if not alone or n + 2 >= len(found) or _TITLE.match(text) is None:
        return False
    return text.isupper() or place_of(text) != "body"


def _lines(block: Block) -> Iterator[str]:
    """The lines of a block of prose: what is ticked of boxes, and each item of several in a row."""
    for line in _boxes(_plain_names(block.text)) if block.kind == "line" else ():
        *items, last = _ITEMS.split(line)
        if len(items) < _FEWEST_ITEMS:
            yield line
            continue
        yield from (item.rstrip(" .,;|") for item in items)
        yield from filter(None, _first_sentence(last))


def _labelled(text: str, labelled: str) -> str:
    """The place below a line that is nothing but a label, until a line takes up the result again."""
    if text.rstrip().endswith(":") and len(text) < _LONGEST_LABEL:
        place = place_of(text)
        return "" if place == "body" else place
    return "" if _RESUMES.match(text) else labelled


def _own_place(text: str) -> str:
    """The place of a single line that begins as an aside."""
    return place_of(text[:60].partition(":")[0]) if ASIDE.match(text) else ""


def place_of(text: str) -> str:
    """What a heading or a label announces: `variants`, `others`, `parts`, an `aside`, or nothing but the `body`."""
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
    """Names of keys such as `mean_score` and `meanScore` as words."""
    return _CAMEL.sub(" ", _UNDERSCORE.sub(" ", text))


def _boxes(text: str) -> Iterator[str]:
    """A line with boxes as what is ticked in it."""
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
    """The first sentence of a text, and what follows it."""
    first, stop, rest = text.partition(". ")
    return (first, rest.strip()) if stop else (text, "")


def _joined(found: Iterator[Line]) -> Iterator[Line]:
    """The lines with wrapped prose joined, and a bare value joined to the heading or label above it."""
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
    """The sentences of one line; a question stays with the yes or no that answers it."""
    parts = _ASKED.sub(_answered, line).split("\n") if "?" in line else [line]
    return [
        piece for each in parts for part in _SENTENCE.split(each) if part.strip() for piece in _in_reach(part.strip())
    ]


def _answered(match: re.Match[str]) -> str:
    return f": {match['answer']}" + ("" if match["end"] is None else "\n")


def _in_reach(sentence: str) -> list[str]:
    """The sentence in pieces short enough that no pattern takes long over one."""
    return [sentence] if len(sentence) <= _REACH else _LONG.findall(sentence)
