"""Assemble a page: styles and scripts with their hashes, and data that can't close its own element."""

import base64
import hashlib
import json
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from functools import cache
from importlib import resources

from pydantic import JsonValue

from peerwatch.core.redaction import scrubbed_all
from peerwatch.reports._blocks import Blocks
from peerwatch.reports._colours import colour_rules
from peerwatch.reports._library import library

SCRIPTS, STYLE, POLICY = "<!--peerwatch:scripts-->", "<!--peerwatch:style-->", "<!--peerwatch:policy-->"
"""Placeholders for the scripts, style sheet and policy. Text from logs can't imitate them, since it is escaped."""


@dataclass(frozen=True, slots=True)
class Delivery:
    """How the page receives the evidence.

    Attributes:
        blocks: The compressed evidence.
        beside: File name of each block, relative to the page; empty if the blocks are inside the page.
        live: Whether the page is served during the run and requests newer versions.
    """

    blocks: Blocks
    beside: tuple[str, ...] = ()
    live: bool = False


def assembled(frame: str, data: Mapping[str, JsonValue], delivery: Delivery, scrub: Callable[[str], str]) -> str:
    """Fill in a page's placeholders.

    Args:
        frame: The escaped page, with the placeholders above.
        data: The data that the scripts read.
        delivery: The evidence.
        scrub: Removes secrets from a text. It is not applied to scripts and styles, whose hashes must match.
    """
    style = _style()
    scripts = [library(), *own_scripts()]
    held = [("page-data", "application/json", _inert(scrubbed_all(dict(data), scrub)))]
    if not delivery.beside:
        held += [(f"block-{number}", "text/plain", text) for number, text in enumerate(delivery.blocks.texts)]
    elements = [f'<script id="{name}" type="{kind}">{text}</script>' for name, kind, text in held]
    elements += [f"<script>{script}</script>" for script in scripts]
    return (
        scrub(frame)
        .replace(POLICY, _policy(style, scripts, delivery), 1)
        .replace(STYLE, f"<style>{style}</style>", 1)
        .replace(SCRIPTS, "\n".join(elements), 1)
    )


def without_scripts(frame: str, scrub: Callable[[str], str]) -> str:
    """Fill in a page that has no scripts. Arguments as for `assembled`."""
    style = _style()
    rules = ["default-src 'none'", f"style-src {_hash(style)}", "base-uri 'none'", "form-action 'none'"]
    return scrub(frame).replace(POLICY, _meta(rules), 1).replace(STYLE, f"<style>{style}</style>", 1)


@cache
def own_scripts() -> tuple[str, ...]:
    """Return the page's own scripts in the order in which they run."""
    folder = resources.files("peerwatch.reports").joinpath("templates", "scripts")
    files = sorted((each for each in folder.iterdir() if each.name.endswith(".js")), key=lambda each: each.name)
    return tuple(each.read_text("utf-8") for each in files)


def _policy(style: str, scripts: Iterable[str], delivery: Delivery) -> str:
    """Return the content security policy: it allows the page's own content, its evidence files and newer pages."""
    sources = " ".join([*map(_hash, scripts), *(["'self'"] if delivery.beside else [])])
    rules = [
        "default-src 'none'",
        f"script-src {sources}",
        f"style-src {_hash(style)}",
        "img-src data:",
        "base-uri 'none'",
        "form-action 'none'",
        *(["connect-src 'self'"] if delivery.live else []),
    ]
    return _meta(rules)


def _meta(rules: Iterable[str]) -> str:
    return f'<meta http-equiv="Content-Security-Policy" content="{"; ".join(rules)}">'


def _hash(text: str) -> str:
    return f"'sha256-{base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()}'"


def _inert(data: Mapping[str, JsonValue]) -> str:
    """Encode data as ASCII JSON: lone surrogates survive, and no `<` can close the element or open a comment."""
    return json.dumps(data, separators=(",", ":"), allow_nan=False).replace("<", "\\u003c")


@cache
def _style() -> str:
    sheet = resources.files("peerwatch.reports").joinpath("templates", "style.css").read_text("utf-8")
    return f"{sheet}\n{colour_rules()}"
