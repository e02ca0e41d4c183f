"""Normalizes typography before parsing: spaces, dashes, digits of any script, TeX, leaders."""

import re
import unicodedata

# Matches "1\u202f234", "1'234"
_THOUSANDS = re.compile(r"(?<=\d)[\u00a0\u202f\u2009\u2007'\u2019](?=\d{3}(?!\d))")
"""A narrow space or an apostrophe between groups of three digits."""

# Matches "5 \u00b7 20"
_TIMES = re.compile(r"(?<=\d) ?\u00b7 ?(?=\d)")
"""A middle dot between figures, which is a multiplication sign; between words it is a separator."""

_PLAIN = str.maketrans(
    {
        **dict.fromkeys("\u00a0\u202f\u2009\u2007\u200a\u3000\u2002\u2003\u2004\u2005\u2006\u2008\u1680\u205f", " "),
        **dict.fromkeys("\x1f\x1e\x1d\x1c\x0b\x0c\x85\u2028\u2029", "\n"),
        **dict.fromkeys("\u200b\u200c\u200d\u2060\ufeff\ufe0f\ufe0e\u00ad\u00ab\u00bb", ""),
        **dict.fromkeys("\u2018\u2019\u201a\u2032", "'"),
        **dict.fromkeys("\u201c\u201d\u201e\u2033", '"'),
        **dict.fromkeys("\u2212\u2010\u2011\ufe63\u207b", "-"),
        **dict.fromkeys("\u2502\u2503\u2551\u2506", "|"),
        **dict.fromkeys("\u2500\u2501\u2550", "-"),
        **dict.fromkeys("\u22c5\u2715", " x "),
        **dict.fromkeys("\u2605\u2606\u2b50", ""),
        "\u00b7": "; ",
        **dict.fromkeys("\u00b9\u00b2\u00b3\u2070\u2074\u2075\u2076\u2077\u2078\u2079", " "),
        "\u2014": " \u2013 ",
        "\u2015": " \u2013 ",
        "\u00d7": " x ",
        "\u2265": ">=",
        "\u2264": "<=",
        "\u2260": "!=",
        "\u2192": "->",
        "\u21d2": "->",
        "\u27f9": "->",
        "\u2794": "->",
        "\u00f7": "/",
        "\u2044": "/",
        "\u2215": "/",
        "\u066b": ".",
        "\u066c": ",",
        "\u3002": ". ",
        "\u3001": ", ",
        "\u2026": "...",
        "\u2610": "[ ]",
        "\u2611": "[x]",
        "\u2612": "[x]",
    }
    # Full-width forms of ASCII characters.
    | {code: chr(code - 0xFEE0) + (" " if code in {0xFF0C, 0xFF1A, 0xFF1B} else "") for code in range(0xFF01, 0xFF5F)}
)
# Matches "( )", "(x)", "(\u2713)"
_ROUND_BOX = re.compile(r"\(( ?|[xX\u2022\u25cf\u2713\u2714*])\)")
"""A check box in round brackets."""

# Matches "52\u201368": an en dash between digits is a range.
_RANGE = re.compile(r"(?<=\d)\u2013(?=\d)")
# Matches "\u201360", "(\u2013$5": an en dash as a minus sign
_MINUS = re.compile(r"(?:(?<=^)|(?<=[\s(|:=]))\u2013(?=[\d.\u20ac$\u00a3])", re.MULTILINE)
"""A dash that touches the figure after it but not the word before it."""

# Matches "can't", "won't", "isn't"
_CONTRACTED = re.compile(r"\b(\w+)n't\b", re.IGNORECASE)
"""A contracted "not"."""

# Matches "\u00d8 60", "\u2300: 60"
_DIAMETER = re.compile(r"(?<!\w)[\u00d8\u2300] ?(?=[\d:=])")
"""The sign for an average."""
# Matches "it's", "that's"
_IT_IS = re.compile(r"\b(it|that|here|there|what)'s\b", re.IGNORECASE)
"""A contracted "is" after a pronoun; after a noun it is usually a genitive."""

# Matches "57\u00bd", "57 \u00bd", "57 1/2"; groups: the whole number, and the fraction as one sign or as two numbers.
_MIXED = re.compile(
    r"(?<![\d.,/])(?P<whole>\d{1,3})(?: ?(?P<sign>[\u00bc-\u00be\u2150-\u215e])|"
    r"(?<!^\d)(?<!^\d\d)(?<!^\d\d\d) (?P<above>[1-9])/(?P<below>[2-9])(?![\d/%]|[.,]\d))",
    re.MULTILINE,
)
"""A number with a fraction. At the start of a line "7 1/2" is an item's number and its share."""
# Matches "row 7", "item 12", "#3" before a share
_ITEM_BEFORE = re.compile(r"(?:\b(?:items?|rows?|outputs?|questions?|answers?|no\.?|q|nr\.?)|#)\s*$", re.IGNORECASE)

# Two or more spaces or tabs.
_SPACES = re.compile(r"[ \t]{2,}")
# Matches "Mean score     60"
_COLUMNS = re.compile(
    r"^([ >]*[A-Za-z][\w'()/-]{0,30}(?: [\w'()/-]{1,30}){0,4}) {2,}(?=\S)([^|:=\n]{1,40})$",
    re.MULTILINE,
)
"""A label and its value, at least two spaces apart and with no other sign between them."""

# Matches "mean: 60   # strict"
_COMMENT = re.compile(r"^([\w -]{1,40}: ?\S{1,40}) +# .*$", re.MULTILINE)
"""A comment after a key and its value."""

# The gap between aligned columns.
_GAP = re.compile(r" {2,}|\t+")
_FEWEST_COLUMNS = 3

# Matches "Mean ........ 60", "Bar ____ 80"
_LEADER = re.compile(r"(?<=[^\s._]) ?(?:\.{3,}|_{4,}) ?(?=[\w(+-])")
"""Dots or underscores that lead from a label to its value."""

# Matches "\\\\" at the end of a TeX line, "\\hline"
_TEX_BREAK = re.compile(r"\\\\(?=\s|\\|$)|\\(?:hline|toprule|midrule|bottomrule)\b")
"""The end of a line or a rule of a table."""
# Matches "\\textbf{Mean}", "\\boxed{60}"; the group is the content.
_TEX_WORD = re.compile(
    r"\\(?:text|textbf|textit|mathrm|mathbf|mathit|boxed|operatorname|emph|bar|overline|displaystyle|left|"
    r"right|underline)"
    r"\{([^{}\n]{0,300})\}"
)
# Matches "\\bar{x}", "\\mu"
_TEX_MEAN = re.compile(r"\\(?:bar|overline) ?(?:\{ ?\\?[A-Za-z]\w{0,5} ?\}|[A-Za-z]\b)|\\mu\b")
"""The signs for a mean: a letter with a bar, and the letter mu."""

# Matches "_{i=1}", "^{20}"
_TEX_INDEX = re.compile(r"[_^]\{[^{}\n]{0,40}\}")
"""Text below or above a sign, such as the bounds of a sum."""

# Matches "\\frac{1195}{20}"; groups: numerator and denominator.
_TEX_FRACTION = re.compile(r"\\[dt]?frac\{([^{}\n]{0,300})\}\{([^{}\n]{0,100})\}")
_TEX_SIGN = {
    "times": " x ",
    "cdot": " x ",
    "geq": " >= ",
    "ge": " >= ",
    "leq": " <= ",
    "le": " <= ",
    "lt": " < ",
    "gt": " > ",
    "approx": " = ",
    "rightarrow": " -> ",
    "to": " -> ",
    "implies": " -> ",
    "Rightarrow": " -> ",
    "pm": " \u00b1 ",
    "checkmark": " \u2713 ",
    "quad": "  ",
    "sum": " sum ",
    "left": "",
    "right": "",
}
# Any other command: "\\alpha ".
_TEX_COMMAND = re.compile(r"\\([A-Za-z]{1,20})\b ?")
# Escaped characters: "\\%", "\\_".
_TEX_ESCAPE = re.compile(r"\\([%$_#&{}])")
# Math delimiters and thin spaces: "\\[", "\\(", "\\,".
_TEX_MATH = re.compile(r"\\[\[\]()]|\\,|\\;|\\!")
# Matches "$$", or "$...$" around a formula, but not an amount in dollars.
_DOLLARS = re.compile(r"\$\$|\$(?=\S)([^$\n]{0,200})(?<=\S)\$(?!\d)")
# Matches "5 * 20": a star between figures.
_STAR_BETWEEN = re.compile(r"(?<=[\d)])[ ]?\*[ ]?(?=[\d(])")


def plain(text: str) -> str:
    """Normalize spaces, dashes and digits, and replace TeX by its spoken form; line breaks are kept."""
    text = _TIMES.sub(" x ", _THOUSANDS.sub("'", text.replace("\r\n", "\n").replace("\r", "\n")))
    text = _COMMENT.sub(r"\1", text) if " # " in text else text
    text = _aligned(text) if "  " in text else text
    text = _COLUMNS.sub(r"\1: \2", text) if "  " in text else text
    text = _MIXED.sub(_in_decimals, text)
    if not text.isascii():
        text = _digits(text.translate(_PLAIN))
        text = _RANGE.sub("-", _MINUS.sub("-", text)).replace("\u2013", " - ")
    text = "".join(each if each >= " " or each in "\n\t" else " " for each in text) if _has_control(text) else text
    text = _DIAMETER.sub("mean ", text)
    text = _CONTRACTED.sub(_in_full, text) if "n't" in text else text
    text = _IT_IS.sub(r"\1 is", text) if "'s" in text else text
    text = _tex(text) if "\\" in text or "$" in text else text
    text = _LEADER.sub(": ", text) if "..." in text or "____" in text else text
    if "( )" in text or "()" in text:
        text = _ROUND_BOX.sub(_boxes, text)
    return _STAR_BETWEEN.sub(" x ", text) if "*" in text else text


def _in_full(match: re.Match[str]) -> str:
    """Write a contracted "not" in full: "can't" as "can not"."""
    verb = match[1]
    return f"{verb[:-2] + 'will' if verb.lower() == 'wo' else f'{verb}n' if verb.lower() == 'ca' else verb} not"


def _in_decimals(match: re.Match[str]) -> str:
    """Write a number with a fraction as a decimal: "57 1/2" as "57.5"."""
    if match["sign"]:
        part = unicodedata.numeric(match["sign"])
    elif _ITEM_BEFORE.search(match.string[max(match.start() - 12, 0) : match.start()]):
        return match[0]
    else:
        part = int(match["above"]) / int(match["below"])
    return f"{int(match['whole']) + part:.4f}".rstrip("0") if 0 < part < 1 else match[0]


def _aligned(text: str) -> str:
    """Convert columns aligned by spaces, at least three over at least two lines, to a table with pipes."""
    lines = text.split("\n")
    columns = [_GAP.split(line.strip()) if "  " in line and not set(line) & set("|:{}") else [] for line in lines]
    for n, found in enumerate(columns):
        near = [columns[m] for m in (n - 1, n + 1) if 0 <= m < len(columns)]
        if len(found) >= _FEWEST_COLUMNS and any(len(each) == len(found) for each in near):
            lines[n] = f"| {' | '.join(found)} |"
    return "\n".join(lines)


def _as_quotient(match: re.Match[str]) -> str:
    # A plain number needs no brackets.
    above, below = (each if re.fullmatch(r"[\d.,]+", each) else f"({each})" for each in match.groups())
    return f"{above} / {below}"


def _boxes(match: re.Match[str]) -> str:
    return "[x]" if match[1].strip() else "[ ]"


def squeezed(line: str) -> str:
    """Collapse runs of spaces in a line."""
    return _SPACES.sub(" ", line.replace("\t", " ")).strip()


def _has_control(text: str) -> bool:
    # Control characters other than tab and line breaks.
    return re.search(r"[\x00-\x08\x0b\x0c\x0e-\x1f]", text) is not None


def _digits(text: str) -> str:
    """Replace digits of other scripts by ASCII digits."""
    found = {each for each in set(text) if each > "\x7f" and unicodedata.category(each) == "Nd"}
    return text.translate({ord(each): str(unicodedata.digit(each)) for each in found}) if found else text


def _tex(text: str) -> str:
    if "\\" in text:
        text = _TEX_BREAK.sub("\n", text)
        text = _TEX_INDEX.sub("", _TEX_MEAN.sub(" mean ", _TEX_ESCAPE.sub(r"\1", text)))
        for _ in range(4):  # nested commands, the innermost first
            simpler = _TEX_FRACTION.sub(_as_quotient, _TEX_WORD.sub(r" \1 ", text))
            if simpler == text:
                break
            text = simpler
        text = _TEX_MATH.sub(" ", text)
        text = _TEX_COMMAND.sub(lambda match: _TEX_SIGN.get(match[1], match[0]), text)
    return _DOLLARS.sub(lambda match: match[1] or " ", text)
