"""What YAML can say and a study cannot: a key twice, dates and bytes, infinity, and structures without an end."""

import math
from collections.abc import Iterator

import yaml

PLAIN = {f"tag:yaml.org,2002:{kind}" for kind in ("str", "int", "float", "bool", "null", "map", "seq", "merge")}
"""What JSON has too, so that a study is the same when it is read back from a plan or a lock."""

Problem = tuple[yaml.Node, str]
"""Where it is, and what is wrong with it, in words."""


def tree(text: str) -> yaml.Node | None:
    """The nodes of a text with their lines.

    Raises:
        yaml.YAMLError: If it is no YAML.
        RecursionError: If it is nested too deeply.
    """
    return yaml.SafeLoader(text).get_single_node()


def unsupported(root: yaml.Node) -> Iterator[Problem]:
    """Everything below a node that no study can say, in the order of the file."""
    yield from _below(root, set(), set())


def _below(node: yaml.Node, above: set[int], seen: set[int]) -> Iterator[Problem]:
    """A node that several aliases name is looked at once, or a small file could keep us busy for hours."""
    if id(node) in above:
        yield node, "this holds itself. Write it out."
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
            if key.value in keys:
                yield key, f"{key.value} stands twice. Keep one of the two."
            keys.add(key.value)
            yield from _below(key, inside, seen)
            yield from _below(value, inside, seen)


def _problem(node: yaml.Node) -> str:
    """What is wrong with a single node; empty for nothing."""
    if node.tag not in PLAIN:
        kind = node.tag.rpartition(":")[2]
        return f"{kind} is no kind of value here. Put it in quotes."
    if not isinstance(node, yaml.ScalarNode):
        return ""
    if node.tag.endswith(":float") and not math.isfinite(yaml.SafeLoader("").construct_yaml_float(node)):
        return f"{node.value} is no number here. Leave it out, or give a finite one."
    if any("\ud800" <= letter <= "\udfff" or letter == "\0" for letter in node.value):
        return "there is half a character, or one of no meaning, in it. Write the character itself."
    return ""
