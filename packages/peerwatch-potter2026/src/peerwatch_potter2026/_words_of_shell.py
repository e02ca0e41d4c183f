"""Parses shell strings into pipelines of words: quoting, redirections, loops over words, and here-documents."""

import re
import shlex
from collections.abc import Iterator
from dataclasses import dataclass

# A here-document: "<<EOF", the rest of the line, the body, and the end marker (or the end of the text).
_HERE = re.compile(r"<<-?\s*(['\"]?)(\w+)\1(?P<rest>[^\n]*)\n(?P<body>.*?)(?:^\s*\2\s*$|\Z)", re.DOTALL | re.MULTILINE)
# Matches "$HOME", "${HOME}"; the groups are the name.
_VARIABLE = re.compile(r"\$(?:\{(\w+)\}|(\w+))")
# Matches "LC_ALL=C"; groups: name and value.
_ASSIGNED = re.compile(r"^([A-Za-z_]\w*)=(.*)$", re.DOTALL)
_PUNCTUATION = ";&|()<>\n"
_KEYWORDS = {"do", "then", "else", "elif", "if", "while", "until", "done", "fi", "!", "{", "}", "time", "esac"}
_MOST_VALUES = 50
"""Maximum number of values of a loop's variable that are tracked."""


@dataclass(frozen=True)
class Command:
    """One command: its words, the files that it redirects to and from, and the text of a here-document."""

    words: tuple[str, ...]
    writes: tuple[str, ...] = ()
    reads: tuple[str, ...] = ()
    here: str = ""


def pipelines(script: str) -> Iterator[list[Command]]:
    """Yield the pipelines of a script, in order; every branch and every iteration of a loop is taken once.

    A script that is not valid shell, such as one with an unclosed quote, is split at white space.
    """
    bodies: list[str] = []

    def keep(match: re.Match[str]) -> str:
        bodies.append(match["body"])
        return f" __here{len(bodies) - 1}__ {match['rest']}\n"

    text = _HERE.sub(keep, script.replace("\\\n", " "))
    variables: dict[str, list[str]] = {}
    pipeline: list[Command] = []
    for words, ends in _commands(text):
        command = _command(words, variables, bodies)
        if command is not None:
            pipeline.append(command)
        if ends and pipeline:
            yield pipeline
            pipeline = []
    if pipeline:
        yield pipeline


def _tokens(text: str) -> list[str]:
    try:
        lexer = shlex.shlex(text, posix=True, punctuation_chars=_PUNCTUATION)
        lexer.whitespace = " \t\r"
        lexer.whitespace_split = True
        lexer.commenters = ""
        return list(lexer)
    except ValueError:
        return text.split()


def _commands(text: str) -> Iterator[tuple[list[str], bool]]:
    """Words between separators, and whether they end a pipeline."""
    words: list[str] = []
    for token in _tokens(text):
        if not token or set(token) - set(_PUNCTUATION) or set(token) <= set("<>&") & set("<>") or _redirects(token):
            words.append(token)
            continue
        yield words, token.strip("\n ") not in ("|", "|&")
        words = []
    yield words, True


def _redirects(token: str) -> bool:
    return any(mark in token for mark in "<>") and not set(token) & set(";|\n()")


def _command(words: list[str], variables: dict[str, list[str]], bodies: list[str]) -> Command | None:
    """A command with its variables substituted; `None` for an assignment, a loop's head or nothing."""
    while words and words[0] in _KEYWORDS:
        words = words[1:]
    if len(words) > 2 and words[0] == "for" and words[2] == "in":
        variables[words[1]] = [value for word in words[3:] for value in _expanded(word, variables)][:_MOST_VALUES]
        return None
    while words and (match := _ASSIGNED.match(words[0])):
        variables[match[1]] = _expanded(match[2], variables)
        words = words[1:]
    plain: list[str] = []
    writes: list[str] = []
    reads: list[str] = []
    here = ""
    rest = iter(words)
    for word in rest:
        if set(word) <= set("<>&") and set(word) & set("<>"):
            target = next(rest, "")
            if plain and plain[-1].isdigit() and len(plain[-1]) == 1 and len(plain) > 1:
                plain.pop()
            if "<<<" not in word and not target.isdigit() and target != "/dev/null":
                (reads if word.startswith("<") else writes).extend(_expanded(target, variables))
        # The placeholder of a here-document's body.
        elif match := re.fullmatch(r"__here(\d+)__", word):
            here = bodies[int(match[1])] if int(match[1]) < len(bodies) else ""
        else:
            plain += _expanded(word, variables)
    return Command(tuple(plain), tuple(writes), tuple(reads), here) if plain else None


def _expanded(word: str, variables: dict[str, list[str]]) -> list[str]:
    """A word with known variables substituted: one word per value of a loop's variable."""
    found = [word]
    for match in _VARIABLE.finditer(word):
        values = variables.get(match[1] or match[2])
        if values is not None and len(found) * len(values) <= _MOST_VALUES:
            found = [each.replace(match[0], value) for each in found for value in values]
    return ["; ".join(found)] if re.search(r"\s", word) else found  # a whole script, once for each value
