"""Escapes invisible characters and terminal control sequences in untrusted text."""

import re
import unicodedata

KEPT = frozenset("\n\t")
BLANK = frozenset("\u115f\u1160\u3164\uffa0\u2800")
"""Letters and signs that are drawn as nothing."""
INVISIBLE = frozenset({"Cc", "Cf", "Cs", "Zl", "Zp"})
"""Controls, format signs (bidirectional and zero-width ones among them), halves of a pair, separators of lines."""

# All but: line breaks, tabs, printable ASCII, and the printable letters and signs of Latin (no soft hyphen).
_SUSPECT = re.compile(r"[^\n\t -~\u00a1-\u00ac\u00ae-\u02ff]")


def shown(text: str) -> str:
    r"""Spell out every character that a reader would not see, by its number in braces, as in `\u{1B}`."""
    return _SUSPECT.sub(lambda found: _spelled(found[0]), text)


def _spelled(character: str) -> str:
    hidden = unicodedata.category(character) in INVISIBLE or character in BLANK
    return f"\\u{{{ord(character):X}}}" if hidden and character not in KEPT else character
