"""Sentences of a comparison, read from `texts.toml`."""

import tomllib
from functools import cache
from importlib import resources


@cache
def _texts() -> dict[str, dict[str, str]]:
    source = resources.files(__package__ or "peerwatch.analysis.comparisons").joinpath("texts.toml")
    return tomllib.loads(source.read_text("utf-8"))


def text(section: str, key: str, **values: object) -> str:
    """Fill in one sentence."""
    return _texts()[section][key].format(**values)
