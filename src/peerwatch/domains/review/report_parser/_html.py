"""Converts HTML to Markdown with the parser of the standard library."""

import re
from html.parser import HTMLParser

_TAG = (
    r"/?(?:html|body|div|p|br|h[1-6]|table|thead|tbody|tr|t[dh]|[uo]l|li|d[ldt]|del|s|strike|b|strong|em|i|u|span|pre|"
    r"code|section|article|header|footer|hr|sup|sub|small|mark|center|font|input|ins|a|img|kbd|abbr|q|"
    r"blockquote|main|nav|figure|figcaption|caption|colgroup|col|label|"
    r"details|summary|meta|title|head|style|script|form|big|tt|var|samp|cite|dfn|time|data|option|select|"
    r"button|address|aside)\b[^<>]{0,300}>"
)
# The start of a known tag or of a comment: "<td>", "</p>", "<!--".
_KNOWN = re.compile(rf"<(?:{_TAG}|!--)", re.IGNORECASE)
# Matches "<" that starts no known tag: "60 < 80", "<name>".
_NO_TAG = re.compile(rf"<(?!{_TAG})", re.IGNORECASE)
"""A comparison sign or a placeholder: an unclosed tag would cost the parser quadratic time."""
# Matches "<mean_score>60</mean_score>"; groups: the name and the value.
_ELEMENT = re.compile(rf"<(?!{_TAG})([A-Za-z][\w-]{{1,40}})>([^<>\n]{{1,200}})</\1>", re.IGNORECASE)
"""An XML element with a value."""
_BLOCKS = {"p", "div", "section", "article", "header", "footer", "ul", "ol", "table", "pre", "dl", "body", "html"}
_MARKS = {"li": "\n- ", "dt": "\n- ", "br": "\n", "hr": "\n\n---\n\n"} | {
    f"h{level}": f"\n\n{'#' * level} " for level in range(1, 7)
}
"""The Markdown equivalent of a tag that starts a line."""
_STRUCK = {"del", "s", "strike"}
_HIDDEN = {"script", "style", "head", "title"}


def html_as_markdown(text: str) -> str:
    """Convert any HTML in the text to Markdown; text that is struck out or hidden is removed."""
    if "<" not in text:
        return text
    text = _ELEMENT.sub(r"\n\n\1: \2\n\n", text)
    if not _KNOWN.search(text):
        return text
    parser = _Parser()
    parser.feed(_NO_TAG.sub("&lt;", _without_comments(text)))
    parser.close()
    return "".join(parser.parts)


def _without_comments(text: str) -> str:
    first, *rest = text.split("<!--")
    return "".join([first, *(each.partition("-->")[2] for each in rest)])


class _Parser(HTMLParser):
    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.parts: list[str] = []
        self._left_out = 0
        self._cells: list[str] | None = None
        self._rows = 0
        self._kinds: set[str] = set()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag in _STRUCK or tag in _HIDDEN:
            self._left_out += 1
        elif tag in _BLOCKS:
            self._break("\n\n")
            self._rows = 0 if tag == "table" else self._rows
        elif tag == "tr":
            self._cells = []
            self._kinds.clear()
        elif tag in {"td", "th"}:
            self._kinds.add(tag)
            self._cells = [*(self._cells or []), ""]
        elif tag == "dd":
            self._put(": ")
        elif tag in _MARKS:
            self._break(_MARKS[tag])
        elif tag == "input" and dict(attrs).get("type") in {"checkbox", "radio"}:
            self._put("[x] " if "checked" in dict(attrs) else "[ ] ")

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag in {"br", "hr", "input"}:
            self.handle_starttag(tag, attrs)

    def handle_endtag(self, tag: str) -> None:
        if tag in _STRUCK or tag in _HIDDEN:
            self._left_out = max(0, self._left_out - 1)
        elif tag == "tr" and self._cells is not None:
            cells = [" ".join(cell.replace("|", "/").split()) for cell in self._cells]
            self._cells = None
            rule = f"\n|{'---|' * len(cells)}" if self._rows == 0 else ""
            if rule and self._kinds == {"th", "td"}:  # the headers precede the values
                self.parts.append(f"\n|{' |' * len(cells)}{rule}")
                rule = ""
            self.parts.append(f"\n| {' | '.join(cells)} |{rule}")
            self._rows += 1
        # h1 to h6
        elif tag in _BLOCKS or re.fullmatch(r"h[1-6]", tag):
            self._break("\n\n")

    def handle_data(self, data: str) -> None:
        if not self._left_out:
            self._put(data)

    def _put(self, text: str) -> None:
        if self._cells:
            self._cells[-1] += text
        else:
            self.parts.append(text)

    def _break(self, mark: str) -> None:
        self._put(" " if self._cells else mark)
