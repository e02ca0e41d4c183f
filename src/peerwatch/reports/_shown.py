"""Makes text of unknown origin harmless to look at: what cannot be seen, or turns the line round, is spelt out."""

import re
import unicodedata

from markupsafe import Markup

KEPT = frozenset("\n\t")
BLANK = frozenset("\u115f\u1160\u3164\uffa0\u2800")
"""Letters and signs that are drawn as nothing."""
INVISIBLE = frozenset({"Cc", "Cf", "Cs", "Zl", "Zp"})
"""Controls, format signs (bidirectional and zero-width ones among them), halves of a pair, separators of lines."""
LONGEST = 4000
"""Characters of a text that stand in the page's fixed parts; the evidence holds every text whole."""

_SUSPECT = re.compile(r"[^\n\t -~\u00a1-\u00ac\u00ae-\u02ff]")


def shown(text: str) -> str:
    """Spell out every character that a reader would not see, by its number in braces."""
    return _SUSPECT.sub(lambda found: _spelt(found[0]), text)


def cut(text: str, longest: int = LONGEST) -> str:
    """Shorten a text that would drown a page, and say by how much."""
    if len(text) <= longest:
        return text
    return f"{text[:longest]}… [{len(text) - longest:,} more characters]"


def finalised(value: object) -> object:
    """What a template prints of a value: text is shown and cut, markup of the templates' own stays as it is."""
    return shown(cut(value)) if isinstance(value, str) and not isinstance(value, Markup) else value


def _spelt(character: str) -> str:
    hidden = unicodedata.category(character) in INVISIBLE or character in BLANK
    return f"\\u{{{ord(character):X}}}" if hidden and character not in KEPT else character
