"""Markup off, typography plain: the lines and sentences of a report."""

import re

_PLAIN = str.maketrans(
    {
        **dict.fromkeys("\u00a0\u202f\u2009\u2007\u200a\u3000", " "),
        **dict.fromkeys("\u200b\ufeff\ufe0f\u00ab\u00bb`$\\", ""),
        **dict.fromkeys("\u2018\u2019", "'"),
        **dict.fromkeys("\u201c\u201d\u201e", '"'),
        "\u2212": "-",
        "\u2010": "-",
        "\u2011": "-",
        "\u2014": " - ",
        "\u00d7": "x",
        "\u00b7": "x",
        "\u2248": "=",
        "\u2265": ">=",
        "\u2264": "<=",
        "\u2192": "->",
        "\u2044": "/",
        "\u0003": "",
    }
)
_EN_DASH_RANGE = re.compile(r"(?<=\d)\u2013(?=\d)")
_FENCE = re.compile(r"(?m)^[ \t]*(?:```|~~~)[^\n]*$")
_TAG = re.compile(r"</?[A-Za-z][^<>\n]{0,80}>")
_TEX = re.compile(r"\\(?:text|textbf|mathrm|mathbf|boxed)\{([^{}\n]{0,200})\}")
_STRUCK = re.compile(r"~~[^~\n]{1,200}~~")
_STARS = re.compile(r"\*(?![ \d])|(?<![ \d])\*|\*\*|(?<=\d)\*(?=\s|$)|~~|(?<!\w)__(?=\w)|(?<=\w)__(?!\w)")
_UNDERSCORE = re.compile(r"(?<=[^\W_])_(?=[^\W_])")
_CAMEL = re.compile(r"(?<=[a-z])(?=[A-Z][a-z])")
_LEAD = re.compile(r"^[ \t]*(?:>[ \t]?)*(?:[-*+\u2022\u2023\u25aa\u2013][ \t]+)?(?:\[[ xX]\][ \t]+)?")
_HEADING = re.compile(r"^[ \t]*#{1,6}[ \t]+(.*)$")
_VALUE_ONLY = re.compile(
    r"^(?:~?\d{1,4}(?:[.,]\d{1,3})?\s*(?:%|per ?cent|points|(?:/|of|out of)\s*\d{1,4})?|[^\W\d][^|"
    r":.\d]{0,30}|[^\w\s|]{1,2} ?[a-zA-Z]{0,12})[.!]?$"
)
_RUNS_ON = re.compile(
    r"\b(?:is|was|of|to|at|the|a|an|mean|score|average|by|be|not|as|comes|and|for|than|with)$", re.IGNORECASE
)
_KEY = re.compile(r"^[\w '()/-]{1,40}[:=]")
_SENTENCE = re.compile(
    r"(?<=[.!?])(?<!\bvs\.)(?<!\bno\.)(?<!\bapprox\.)(?<!\bca\.)(?<!\bMio\.)[\"')\]]*\s+(?=[^a-z\s])|;\s+"
)
_ASKED = re.compile(r"\?\s*(?=(?:yes|no)\b)", re.IGNORECASE)

_SPACES = re.compile(r"[ \t]{3,}")
_REACH = 1000
_LONG = re.compile(r"\S.{0,998}\S(?=\s|$)|\S{1,1000}")

HEADING = "\u0003"
"""Marks a line that was a heading."""


def plain(text: str) -> str:
    """The text with plain punctuation and without inline markup; line breaks stay."""
    text = _SPACES.sub("  ", text)
    text = _TEX.sub(r"\1", text) if "\\" in text else text
    text = _EN_DASH_RANGE.sub(
        "-", text.translate(_PLAIN) if "`" not in text else _FENCE.sub("", text).translate(_PLAIN)
    )
    text = text.replace("**", "").replace("\u2013", " - ")
    text = _STRUCK.sub(" ", text) if "~~" in text else text
    if any(mark in text for mark in ("*", "__", "~~")):
        text = _STARS.sub("", _STARS.sub("", text))
    text = _TAG.sub(" ", text) if "<" in text else text
    return _CAMEL.sub(" ", _UNDERSCORE.sub(" ", text))


def lines(text: str) -> list[str]:
    """The lines of a plain text: bullets off, headings marked, wrapped prose joined, a value joined to its heading."""
    found: list[str] = []
    rows = text.splitlines()
    for n, raw in enumerate(rows):
        if heading := _HEADING.match(raw):
            found.append(HEADING + heading[1].strip(" \t:#"))
            continue
        line = _LEAD.sub("", raw).strip()
        if not line:
            if found and not found[-1].startswith(HEADING):
                found.append("")
            continue
        before = found[-1] if found else ""
        alone = n + 1 == len(rows) or not rows[n + 1].strip() or _HEADING.match(rows[n + 1])
        if before.startswith(HEADING) and alone and _VALUE_ONLY.match(line):
            found.append(f"{before.removeprefix(HEADING)}: {line}")
        elif _continues(before, line):
            found[-1] = f"{before} {line}"
        else:
            found.append(line)
    return [line for line in found if line]


def _continues(before: str, line: str) -> bool:
    if before.endswith(",") and line[0].islower() and before.count(" ") > 5 and ":" not in line[:40]:
        return len(before) <= 300 and "|" not in before and '"' not in before[:2]
    if not before or before.startswith(HEADING) or before[-1] in ".!?:;|,}])" or "|" in line or len(before) > 300:
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
    line = _ASKED.sub(": ", line) if "?" in line else line
    return [piece for part in _SENTENCE.split(line) if part.strip() for piece in _in_reach(part)]


def _in_reach(sentence: str) -> list[str]:
    """The sentence in pieces short enough that no pattern takes long over one."""
    return [sentence] if len(sentence) <= _REACH else _LONG.findall(sentence)
