"""The plotting library as one script: Vega, Vega-Lite and Vega-Embed, as bundled by vl-convert."""

import os
import sys
from functools import cache
from importlib.metadata import version
from pathlib import Path

import vl_convert

SNIPPET = "window.vegaEmbed = vegaEmbed;"


@cache
def library() -> str:
    """Return the script; it needs no network.

    Bundling takes seconds, so the result is kept in the user's cache folder, by version of vl-convert.
    """
    kept = _folder() / f"vega-{version('vl-convert-python')}.js"
    try:
        return kept.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError):
        script = vl_convert.javascript_bundle(SNIPPET)
    _keep(kept, script)
    return script


def _keep(file: Path, script: str) -> None:
    own = file.with_suffix(f".{os.getpid()}")
    try:
        file.parent.mkdir(parents=True, exist_ok=True)
        own.write_text(script, encoding="utf-8")
        own.replace(file)
    except OSError:
        return  # the script is then bundled again next time


def _folder() -> Path:
    if chosen := os.environ.get("PEERWATCH_CACHE"):
        return Path(chosen).expanduser()
    if sys.platform == "darwin":
        return Path.home() / "Library/Caches/peerwatch"
    return Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache") / "peerwatch"
