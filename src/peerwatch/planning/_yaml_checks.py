"""YAML that a study file does not support: duplicate keys, dates, bytes, infinity and recursive aliases."""

import math
from collections.abc import Iterator

import yaml

PLAIN = {f"tag:yaml.org,2002:{kind}" for kind in ("str", "int", "float", "bool", "null", "map", "seq", "merge")}
"""Tags with a JSON equivalent: a study must survive the round trip through a plan or a lock."""

Problem = tuple[yaml.Node, str]
"""A node and an error message about it."""


def tree(text: str) -> yaml.Node | None:
    """Parse a text to YAML nodes, which know their lines.

    Raises:
        yaml.YAMLError: If the text is not valid YAML.
        RecursionError: If it is nested too deeply.
    """
    return yaml.SafeLoader(text).get_single_node()


def unsupported(root: yaml.Node) -> Iterator[Problem]:
    """Yield every unsupported node in or below a node, in the order of the file."""
    yield from _below(root, set(), set())


def _below(node: yaml.Node, above: set[int], seen: set[int]) -> Iterator[Problem]:
    """Visit each aliased node once: nested aliases make a small file exponentially large."""
    if id(node) in above:
        yield node, "recursive YAML alias: this value contains itself. Write the value out."
    if id(node) in seen:
        return
    seen.add(id(node))
    if said := _problem(node):
        yield node, said
    inside = above | {id(node)}
    if isinstance(node, yaml.SequenceNode):
        for each in node.value:
            yield from _below(each, inside, seen)
    if isinstance(node, yaml.MappingNode):
        keys: set[str] = set()
        for key, value in node.value:
            if not isinstance(key, yaml.ScalarNode):
                yield key, "a list or mapping is not supported as a key. Give a name as the key."
            elif key.value in keys:
                yield key, f"duplicate key {key.value}. Keep one of the two."
            else:
                keys.add(key.value)
            yield from _below(key, inside, seen)
            yield from _below(value, inside, seen)


def _problem(node: yaml.Node) -> str:
    """Return the error message for one node; empty if it is supported."""
    if node.tag not in PLAIN:
        kind = node.tag.rpartition(":")[2]
        return f"a YAML {kind} is not supported here. Put the value in quotes to make it text."
    if not isinstance(node, yaml.ScalarNode):
        return ""
    if node.tag.endswith(":float") and not math.isfinite(yaml.SafeLoader("").construct_yaml_float(node)):
        return f"{node.value} is not a finite number. Give a finite number, or leave the field out."
    if any("\ud800" <= letter <= "\udfff" or letter == "\0" for letter in node.value):
        return "the text contains a lone surrogate or a NUL character. Write the character itself, or remove it."
    return ""
