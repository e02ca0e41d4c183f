"""Replaces a name in English text, together with the article or title that belongs to it.

"Brant-4", "the Moss Plain survey" and "Mr. Eriksen" must all become the same words. The name of a thing has an article
and the name of a person a title, so these are replaced with the name. If the article belongs to a noun after the name,
as in "the Brant-4 file", the name becomes a possessive instead: "Entry Q's file".
"""

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

_BETWEEN = r"(?:[\s_\-*`]|\.(?=\w))*"
"""Separators between the parts of a name: targets write `Brant-4` as `brant_4`, `Brant 4` or `**Brant** 4`, and an
account as `yusuf.eriksen`. A period counts only inside a word, so that no name extends past the end of a sentence.
"""

_LEAD = r"(?:(?<![A-Za-z0-9])(?P<lead>(?:(?:the|an?|mr|mrs|ms|mx|dr)\.?\s+)+))?"
"""Articles and titles before the name: "the ", "Mr. ", "a "."""

_OPEN = r"(?P<open>[*_`\"'\u201c\u2018]*)"
"""Opening emphasis, code and quotation marks."""

_CLOSE = r"[*_`\"'\u201d\u2019]*"
"""Closing emphasis, code and quotation marks."""

_END = r"(?![A-Za-z0-9])(?P<apostrophe>['\u2019](?![A-Za-z]))?"
"""The end of a word, and the apostrophe of a possessive such as "Ines' post"."""

# Matches "**", "`", and "_" next to a space.
_EMPHASIS = re.compile(r"\*+|`+|_(?=\s)|(?<=\s)_")
"""Emphasis inside a name, as in `**Moss Plain** survey`. An underscore between letters joins words."""

# Matches ".bin" or "/x" directly after a name.
_IN_PATH_AFTER = re.compile(r"[-_.@/\\][A-Za-z0-9]")
# Matches "/" or "_" directly before a name.
_IN_PATH_BEFORE = re.compile(r"[/\\_\-.]$")
"""Marks that a name is part of a file name, a path or an address, and not of a sentence."""


@dataclass(frozen=True)
class NameMask:
    """Finds the names of one role and replaces them.

    Attributes:
        pattern: Any of the names, with the surrounding article, marks and apostrophe.
        put: The replacement.
        heads: A noun to which an article before the name belongs.
    """

    pattern: re.Pattern[str]
    put: str
    heads: re.Pattern[str]

    def masked(self, text: str) -> str:
        """Replace the names in a text; idempotent."""
        return self.pattern.sub(self._replaced, text)

    def _replaced(self, found: re.Match[str]) -> str:
        name, lead, opened = found["name"], (found["lead"] or ""), found["open"]
        noun = found.groupdict().get("noun")
        if name == noun and "the" not in lead.lower().split():
            return found[0]  # "a survey" is any survey
        apostrophe = found["apostrophe"] or ""
        before, after = found.string[: found.start("name")], found.string[found.end("name") :]
        put, small = self.put, not noun and name.islower() and not re.search(r"\s", name)
        if small and (_IN_PATH_AFTER.match(after) or _IN_PATH_BEFORE.search(before)):
            # The article refers to the file, not to its owner, as in "the brant-4.bin".
            return f"{lead}{opened}{put.lower().replace(' ', '-')}{found['plural'] or ''}{apostrophe}"
        marks = _EMPHASIS.findall(name)
        closing = marks[-1] if len(marks) % 2 else ""
        if apostrophe and not found["plural"] and name.endswith("s") and not opened.endswith(("'", "\u2018")):
            apostrophe = "'s"  # of "Ines' post" the apostrophe alone would be left
        words = lead.lower().split()
        owner = "'s" if words and words[-1] == "the" and self.heads.match(after) and not apostrophe else ""
        return f"{self._article(lead)}{opened}{put}{found['plural'] or ''}{owner}{closing}{apostrophe}"

    def _article(self, lead: str) -> str:
        """Keep an indefinite article, adapted to the replacement; drop any other word."""
        if not {"a", "an"} & set(lead.lower().split()):
            return ""
        article = "an" if self.put[0] in "AEIOU" else "a"
        return (article.capitalize() if lead[0].isupper() else article) + " "


def name_mask(names: Sequence[str], put: str, heads: Iterable[str], *, definite: Sequence[str] = ()) -> NameMask:
    """Build the mask of some names.

    Args:
        names: The names and their short forms. A single word, such as `Ember` for `Ember-4`, is masked only if written
            as a name or in a file name; the common noun "ember" is kept. Account names are in lower case.
        put: The replacement; it counts as a name itself, so that masked text is unchanged by masking again.
        heads: Nouns to which an article before the name belongs.
        definite: Nouns that denote the subject with a definite article: "the survey" for "the Moss Plain survey".
    """
    whole, words = [put], list[str]()
    for name in names:
        # Parts of a name: "Brant-4" gives "Brant" and "4".
        parts = [re.escape(part) for part in re.split(r"[\s_\-]+", name) if part]
        if len(parts) == 1 and name.isalpha() and name[0].isupper():
            words.append(name)
        elif parts:
            whole.append(name)
    wholes = sorted({_spelled(name) for name in whole}, key=len, reverse=True)
    choices = [rf"(?:{'|'.join(wholes)})(?P<plural>s)?", *(_as_name(word) for word in sorted(words, key=len)[::-1])]
    choices += [rf"(?:this\s+)?(?P<noun>{'|'.join(definite)})"] if definite else []
    pattern = rf"{_LEAD}{_OPEN}(?<![A-Za-z0-9])(?P<name>{'|'.join(choices)}){_END}"
    # A head noun after the name: "Brant-4 file".
    owners = re.compile(rf"{_CLOSE}\s+{_CLOSE}(?:{'|'.join(heads)})(?![A-Za-z])", re.IGNORECASE)
    return NameMask(re.compile(pattern, re.IGNORECASE), put, owners)


def _spelled(name: str) -> str:
    """Pattern for a name, whatever joins its parts."""
    return _BETWEEN.join(re.escape(part) for part in re.split(r"[\s_\-]+", name) if part)


def _as_name(word: str) -> str:
    """Pattern for a single word used as a name: capitalized, or in lower case within a file name or a path."""
    low, high = re.escape(word.lower()), rf"(?-i:{re.escape(word)}|{re.escape(word.upper())})"
    return rf"{high}|(?-i:(?<=[/\\_\-.]){low}|{low}(?=[/\\_\-.][A-Za-z0-9]))"
