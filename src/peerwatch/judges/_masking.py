"""Masking: what a judge reads says neither what the subject is called nor what kind of thing it is."""

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from functools import cache, cached_property
from importlib.resources import files
from typing import Any

from pydantic import BaseModel, ConfigDict

from peerwatch._yaml import from_yaml
from peerwatch.factors import Arm, plain, swapped
from peerwatch.scenarios import SCENARIOS, Scenario

_PLACEHOLDER = re.compile(r"\{\{.*?\}\}")
_BETWEEN = r"[\s_\-]*"
"""What may stand between the parts of a name: targets write `Brant-4` as `brant_4` or `Brant 4`."""


class _Words(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")

    put: str
    words: list[str]

    @cached_property
    def pattern(self) -> re.Pattern[str]:
        """Any of the words, with the article before it: "a" and "an" would tell two kinds apart.

        What has been put in the place of a name is left alone.
        """
        put = "|".join(_BETWEEN.join(name.split()) for name in _masks().names.values())
        return re.compile(
            rf"(?<![A-Za-z])(an? )?(?!(?:{put})(?![A-Za-z]))(?:{'|'.join(self.words)})(?![A-Za-z])", re.IGNORECASE
        )

    def masked(self, text: str) -> str:
        """The text with the words replaced."""
        article = "an " if self.put[0] in "aeiou" else "a "
        return self.pattern.sub(lambda found: (article if found[1] else "") + self.put, text)


class _Masks(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")

    names: dict[str, str]
    spans: dict[str, str]
    kinds: list[_Words]
    makers: _Words


@cache
def _masks() -> _Masks:
    return _Masks.model_validate(
        from_yaml(files("peerwatch.judges").joinpath("masks.yaml").read_text(encoding="utf-8"))
    )


@dataclass(frozen=True)
class Masking:
    """What is replaced in an episode before a judge reads it.

    Attributes:
        subject: Names of the subject and of its file, the latter without its ending.
        target: Names of the target.
        partner: Names of the partner, where it is not the subject.
        lines: Lines of the company's texts as they were told, to the same lines masked.
        sentences: Sentences that say who the subject is, to those that stand in their place.
    """

    subject: tuple[str, ...] = ()
    target: tuple[str, ...] = ()
    partner: tuple[str, ...] = ()
    lines: Mapping[str, str] = field(default_factory=dict[str, str])
    sentences: Mapping[str, str] = field(default_factory=dict[str, str])

    def told(self, text: str) -> str:
        """What the company or a tool said, masked: its own lines as known, any other as if the target had said it."""
        return "\n".join(self.lines[line] if line in self.lines else self.said(line) for line in text.split("\n"))

    def said(self, text: str) -> str:
        """What the target said or wrote, masked: names, the words that tell a kind, and makers of models."""
        for sentence, put in self.sentences.items():
            text = text.replace(sentence, put)
        for pattern, put in self.names:
            text = _put(pattern, put, text)
        for words in (*_masks().kinds, _masks().makers):
            text = words.masked(text)
        return text

    @cached_property
    def names(self) -> list[tuple[re.Pattern[str], str]]:
        """The names by role, each with what is put in its place."""
        put = _masks().names
        by_role = [(self.subject, put["subject"]), (self.partner, put["partner"]), (self.target, put["target"])]
        return [(pattern_of(names), name) for names, name in by_role if names]


def pattern_of(names: Iterable[str]) -> re.Pattern[str]:
    """Any of some names, however its parts are joined and whatever their case, the longest first."""
    parts = [[re.escape(part) for part in re.split(r"[\s_\-]+", name) if part] for name in names]
    found = sorted((_BETWEEN.join(each) for each in parts), key=len, reverse=True)
    return re.compile(rf"(?<![A-Za-z0-9])(?:{'|'.join(found)})(?![A-Za-z0-9])", re.IGNORECASE)


def _put(pattern: re.Pattern[str], put: str, text: str) -> str:
    """A name in small letters and without a space is part of a file's or an account's, and what is put there too."""

    def masked(found: re.Match[str]) -> str:
        return put.lower().replace(" ", "-") if found[0].islower() and " " not in found[0] else put

    return pattern.sub(masked, text)


def masking_of(metadata: Mapping[str, Any]) -> Masking:
    """What is to be masked in an episode.

    Args:
        metadata: `Sample.metadata`: scenario, arm, world_seed, answer_key, and rubric where there is one.

    Raises:
        KeyError: If something is missing, so that the sample is not one of Peerwatch's.
        ArmError: If the scenario has no such arm.
    """
    scenario, key = SCENARIOS[metadata["scenario"]], metadata["answer_key"]
    arm = scenario.logged_arm(metadata["arm"])
    drawn = scenario.blueprint(metadata["world_seed"], metadata.get("rubric", ""), arm["setting"]).names
    level = arm["subject"]
    own = {"peer": drawn.peer, "self": drawn.target, "stranger": drawn.stranger, "human": drawn.human}
    name = own.get(level, drawn.thing if level == "object" else key.get("label", ""))
    file, _, _ = (key.get("subject_file") or "").rpartition(".")
    names = Masking(
        subject=(*_forms(name, person=level == "human"), *([file] if file else [])),
        target=_forms(drawn.target),
        partner=_forms(drawn.peer) if level in ("self", "stranger", "nobody") else (),
    )
    return _with_lines(names, scenario, arm, metadata["world_seed"], metadata.get("rubric", ""))


def _forms(name: str, *, person: bool = False) -> tuple[str, ...]:
    """A name and what is left of it when it is shortened: `Brant` for `Brant-4`, each half of a person's."""
    parts = re.split(r"[\s\-]+", name)
    if len(parts) == 1:
        return (name,) if name else ()
    return (name, *parts) if person else (name, " ".join(parts[:-1]))


def _with_lines(names: Masking, scenario: Scenario, arm: Arm, seed: int, rubric: str) -> Masking:
    """The same with the company's lines and sentences, as the arm's own spans mark them."""
    templates = scenario.text.spans["subject"].get(arm["subject"], {})
    shapes = [(_shape(templates[span]), put) for span, put in _masks().spans.items() if span in templates]
    sentences: dict[str, str] = {}

    def swap(text: str) -> str:
        for shape, put in shapes:
            if shape.fullmatch(text):
                sentences[text] = put
                return put
        for pattern, put in names.names:
            text = _put(pattern, put, text)
        return text

    lines: dict[str, str] = {}
    target = pattern_of(names.target)
    for part in scenario.blueprint(seed, rubric, arm["setting"]).parts:
        marked = part.render(arm)
        if marked is not None:
            masked = _put(target, _masks().names["target"], swapped(marked, "subject", swap))
            lines |= dict(zip(plain(marked).split("\n"), masked.split("\n"), strict=True))
    longest_first = dict(sorted(sentences.items(), key=lambda pair: len(pair[0]), reverse=True))
    return Masking(names.subject, names.target, names.partner, lines, longest_first)


def _shape(template: str) -> re.Pattern[str]:
    """What a template looks like once it is filled in."""
    return re.compile(".*?".join(map(re.escape, _PLACEHOLDER.split(template))), re.DOTALL)
