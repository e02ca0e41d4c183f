"""Takes pages apart for tests: what stands in them as markup, and what their scripts read."""

import base64
import gzip
import hashlib
import json
import re
from html.parser import HTMLParser
from typing import Any

ELEMENT = re.compile(r"<(script|style)\b([^>]*)>(.*?)</\1>", re.DOTALL)


def frame(html: str) -> str:
    """A page without scripts, data and style: the markup that every reader gets."""
    return ELEMENT.sub("", html)


def data(html: str) -> dict[str, Any]:
    """What the page's scripts read."""
    held = next(text for _, attributes, text in ELEMENT.findall(html) if "page-data" in attributes)
    return json.loads(held)


def evidence(html: str) -> list[dict[str, Any]]:
    """All episodes of the page's blocks, in order."""
    blocks = [text for _, attributes, text in ELEMENT.findall(html) if 'id="block-' in attributes]
    return [episode for text in blocks for episode in json.loads(gzip.decompress(base64.b64decode(text)))]


def policy(html: str) -> str:
    """The page's content security policy."""
    found = re.search(r'http-equiv="Content-Security-Policy" content="([^"]+)"', html)
    assert found
    return found[1]


def unlisted(html: str) -> list[str]:
    """Scripts and styles whose hash the policy does not list."""
    run = [text for _, attributes, text in ELEMENT.findall(html) if "type=" not in attributes]
    hashes = {base64.b64encode(hashlib.sha256(text.encode()).digest()).decode(): text for text in run}
    return [text[:80] for found, text in hashes.items() if f"'sha256-{found}'" not in policy(html)]


class Balanced(HTMLParser):
    """Fails on elements that are not closed in order, on images, inline styles and event handlers."""

    VOID = frozenset({"meta", "input"})

    def __init__(self) -> None:
        super().__init__()
        self.open: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        assert tag != "img"
        assert not any(name.startswith("on") or name == "style" for name, _ in attrs)
        if tag not in self.VOID:
            self.open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        assert self.open
        assert self.open.pop() == tag
