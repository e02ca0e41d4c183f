"""Escape invisible characters and terminal control sequences in untrusted text."""

import re
import unicodedata

KEPT = frozenset("\n\t")
BLANK = frozenset("\u115f\u1160\u3164\uffa0\u2800")
"""Letters and symbols that are displayed as blank space."""
INVISIBLE = frozenset({"Cc", "Cf", "Cs", "Zl", "Zp"})
"""Unicode categories: controls, format characters (such as zero-width ones), surrogates, line separators."""

# Matches all characters except line breaks, tabs, printable ASCII, and printable Latin letters and signs. It matches,
# for example, an escape character and a soft hyphen.
_SUSPECT = re.compile(r"[^\n\t -~\u00a1-\u00ac\u00ae-\u02ff]")


def shown(text: str) -> str:
    r"""Replace invisible characters by their code points in braces, such as `\u{1B}`."""
    return _SUSPECT.sub(lambda found: _spelled(found[0]), text)


def _spelled(character: str) -> str:
    hidden = unicodedata.category(character) in INVISIBLE or character in BLANK
    return f"\\u{{{ord(character):X}}}" if hidden and character not in KEPT else character
