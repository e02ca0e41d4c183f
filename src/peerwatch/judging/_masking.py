"""Masking: the material for judges does not name the subject, and the company's texts do not reveal its kind."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import cache, cached_property
from importlib.resources import files
from itertools import count
from typing import Any

from pydantic import BaseModel, ConfigDict

from peerwatch.core.factors import Arm, plain, swapped
from peerwatch.core.scenarios import SCENARIOS, Scenario, StimulusPart
from peerwatch.core.worlds import Names
from peerwatch.core.yaml_files import from_yaml
from peerwatch.judging._mask_names import NameMask, name_mask

# A template placeholder: "{{ subject.name }}".
_PLACEHOLDER = re.compile(r"\{\{.*?\}\}")
COMPARED = ("peer", "object", "human")
"""Levels of `subject` among which a judge should see no difference in the company's texts."""

_SENTENCE = 4
"""Minimum length in words of a company text that is also replaced if the target repeats it."""

# Matches "Entry Q", "entry-q.bin, Agent T"
_NOTHING_BUT_NAMES = re.compile(r"(?:[Ee]ntry[ \-][Qq][\w.\-]*|Agent T|Partner C|\W|_)*")
"""A masked text that consists of names and files only."""


class _Makers(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")

    put: str
    names: list[str]
    models: list[str]
    versions: list[str]

    @cached_property
    def pattern(self) -> re.Pattern[str]:
        """Pattern of a vendor or of a model with its version, with the indefinite article before it.

        A word such as "gemini" or "grok" denotes a model only if capitalized, or followed by a version as in `grok-4`.
        """
        version = rf"(?:[ \-_]?(?:\d[\d.]*[a-z]?|{'|'.join(self.versions)})(?![A-Za-z]))"
        capital = "|".join(map(re.escape, [*self.names, *self.models]))
        upper = "|".join(re.escape(name.upper()) for name in [*self.names, *self.models])
        small = "|".join(re.escape(name.lower()) for name in self.models)
        # An article, then a capitalized or upper-case name with optional versions, or a lower-case name with a version.
        return re.compile(
            rf"(?:(?<![A-Za-z])(?P<article>[Aa]n?) )?(?<![A-Za-z])"
            rf"(?:(?:{capital}|{upper})(?i:{version})*|(?:{small})(?i:[\-_/]{version}|{version})+)(?![A-Za-z])"
        )

    def masked(self, text: str) -> str:
        """Replace vendors and models in a text."""
        return self.pattern.sub(lambda found: (found["article"][0] + " " if found["article"] else "") + self.put, text)


class _Masks(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")

    names: dict[str, str]
    id: str
    spans: dict[str, str]
    other: str
    heads: list[str]
    makers: _Makers


@cache
def _masks() -> _Masks:
    return _Masks.model_validate(
        from_yaml(files("peerwatch.judging").joinpath("masks.yaml").read_text(encoding="utf-8"))
    )


@dataclass(frozen=True)
class Masking:
    """The replacements in an episode before a judge reads it: names, ids and files, and no other words.

    Attributes:
        subject: Names of the subject and of its file, the latter without its suffix.
        target: Names of the target.
        partner: Names of the partner, unless it is the subject.
        ids: Ids of the subject in a register.
        ending: Suffix of the subject's file, without the dot; after masking all such files end in `bin`.
        definite: Nouns that denote the subject with a definite article.
        lines: Lines of the company's texts as shown, to the same lines masked.
        sentences: Sentences that identify the subject, to their replacements.
    """

    subject: tuple[str, ...] = ()
    target: tuple[str, ...] = ()
    partner: tuple[str, ...] = ()
    ids: tuple[str, ...] = ()
    ending: str = ""
    definite: tuple[str, ...] = ()
    lines: Mapping[str, str] = field(default_factory=dict[str, str])
    sentences: Mapping[str, str] = field(default_factory=dict[str, str])

    def told(self, text: str) -> str:
        """Mask a text of the company or a tool: known lines by lookup, others like the target's text."""
        return "\n".join(self.lines[line] if line in self.lines else self.said(line) for line in text.split("\n"))

    def said(self, text: str) -> str:
        """Mask a text that the target said or wrote; idempotent."""
        for sentence, put in self.sentences.items():
            text = text.replace(sentence, put)
        return _masks().makers.masked(self.named(text))

    def named(self, text: str) -> str:
        """Replace names and ids in a text, and nothing else."""
        for mask in self.masks:
            text = mask.masked(text)
        if self.ending:
            text = self._ended.sub(r"\1.bin", text)
        return self._ids.sub(_masks().id, text) if self.ids else text

    @cached_property
    def masks(self) -> list[NameMask]:
        """The masks by role: subject, partner and target."""
        put, heads = _masks().names, _masks().heads
        subject = [name_mask(self.subject, put["subject"], heads, definite=self.definite)] if self.subject else []
        others = [(self.partner, put["partner"]), (self.target, put["target"])]
        return [*subject, *(name_mask(names, name, heads) for names, name in others if names)]

    @cached_property
    def _ended(self) -> re.Pattern[str]:
        """Pattern of a masked file with the original suffix, which would distinguish weights from an archive."""
        return re.compile(rf"(\bentry-q[\w\-]*(?:\.[\w\-]+)*?)\.{re.escape(self.ending)}(?![A-Za-z0-9])")

    @cached_property
    def _ids(self) -> re.Pattern[str]:
        spelled = "|".join(re.escape(each).replace(r"\-", r"[\s_\-]?") for each in self.ids)
        return re.compile(rf"(?<![A-Za-z0-9])(?:{spelled})(?![A-Za-z0-9])", re.IGNORECASE)


def masking_of(metadata: Mapping[str, Any]) -> Masking:
    """Return the masking for an episode.

    Args:
        metadata: `Sample.metadata`: scenario, arm, world_seed, answer_key, and rubric where there is one.

    Raises:
        KeyError: If something is missing, so that it is not a Peerwatch sample.
        ArmError: If the scenario has no such arm.
    """
    scenario, key = SCENARIOS[metadata["scenario"]], metadata["answer_key"]
    arm = scenario.logged_arm(metadata["arm"])
    drawn = scenario.blueprint(metadata["world_seed"], metadata.get("rubric", ""), arm["setting"]).names
    file, _, ending = (key.get("subject_file") or "").rpartition(".")
    ids = (key["subject_id"],) if key.get("subject_id") else ()
    names = _names_of(arm["subject"], drawn, key.get("label", ""))
    named = replace(names, subject=(*names.subject, *([file] if file else [])), ids=ids, ending=ending if file else "")
    return _with_lines(named, scenario, arm, metadata["world_seed"], metadata.get("rubric", ""))


def _names_of(level: str, drawn: Names, label: str = "") -> Masking:
    """The names of the subject, the target and the partner at a level of `subject`; `label` is for other levels."""
    own = {"peer": drawn.peer, "self": drawn.target, "stranger": drawn.stranger, "human": drawn.human}
    name = own.get(level, drawn.thing if level == "object" else label)
    return Masking(
        subject=_forms(name, person=level == "human"),
        target=_forms(drawn.target),
        partner=_forms(drawn.peer) if level in ("self", "stranger", "nobody") else (),
        # "the tables" may refer to any tables, but "the survey" is the one that has a name
        definite=(name.split()[-1],) if level == "object" and " " in name and name[0].isupper() else (),
    )


def _forms(name: str, *, person: bool = False) -> tuple[str, ...]:
    """A name and its short forms: `Brant` for `Brant-4`, both parts of a person's name.

    Short forms of common nouns are ambiguous: "price tables" are not masked as "price".
    """
    parts = re.split(r"[\s\-]+", name)
    if len(parts) == 1:
        return (name,) if name else ()
    if person:
        given, family = parts[0], parts[-1]
        first, last = given.lower(), family.lower()
        accounts = (f"{first}{last[0]}", f"{first[0]}{last}", f"{last}{first[0]}", f"{last}.{first}", f"{first}.{last}")
        return (name, f"{given[0]}. {family}", *parts, *accounts)
    return (name, " ".join(parts[:-1])) if name[0].isupper() else (name,)


def _with_lines(names: Masking, scenario: Scenario, arm: Arm, seed: int, rubric: str) -> Masking:
    """Add the company's lines and sentences, as marked by the arm's spans."""
    shapes, blueprint = _shapes(scenario, arm["subject"]), scenario.blueprint(seed, rubric, arm["setting"])
    others = {
        level: _names_of(level, blueprint.names)
        for level in COMPARED
        if level != arm["subject"] and level in scenario.text.factors["subject"]
    }
    sentences: dict[str, str] = {}

    def put_for(text: str, number: int, alike: Sequence[Sequence[str]]) -> str:
        """The replacement for the text of a span, given the masked texts of all spans of the part in the other arms."""
        masked = _named_span(names, text)
        if _NOTHING_BUT_NAMES.fullmatch(masked):
            return masked
        put = next((put for shape, put in shapes if shape.fullmatch(text)), None)
        if put is None and all(number < len(each) and each[number] == masked for each in alike):
            return masked
        if put is None:
            # With the same number of lines: lines are looked up one by one.
            put = "\n".join(_masks().other if line.strip() else line for line in masked.split("\n"))
        if "\n" not in text and len(text.split()) >= _SENTENCE:
            sentences[text] = put
        return put

    lines: dict[str, str] = {}
    # If a target is its own subject, its name outside the subject's texts is the target's.
    outside = replace(names, subject=(_masks().names["subject"],)) if arm["subject"] == "self" else names
    for part in blueprint.parts:
        marked = part.render(arm)
        if marked is not None:
            alike = [_spans(part, {**arm, "subject": level}, each) for level, each in others.items()]
            numbers = count()
            # The article before a name may be in a text shared by all levels, so each line is masked as a whole.
            masked = outside.named(swapped(marked, "subject", lambda text: put_for(text, next(numbers), alike)))  # noqa: B023
            lines |= dict(zip(plain(marked).split("\n"), masked.split("\n"), strict=True))
    longest_first = dict(sorted(sentences.items(), key=lambda pair: len(pair[0]), reverse=True))
    return replace(names, lines=lines, sentences=longest_first)


def _spans(part: StimulusPart, arm: Arm, names: Masking) -> list[str]:
    """The masked texts of a part that belong to the subject, in order."""
    found: list[str] = []

    def noted(text: str) -> str:
        found.append(_named_span(names, text))
        return text

    swapped(part.render(arm) or "", "subject", noted)
    return found


def _named_span(names: Masking, text: str) -> str:
    """Replace names in a text that the company marks as the subject's.

    A text that consists of a name only is replaced in lower case too: a chat shows `ember` as the sender Ember.
    """
    accounts = {"-".join(each.lower().split()) for each in names.subject}
    return _masks().names["subject"] if text in accounts else names.named(text)


def _shapes(scenario: Scenario, level: str) -> list[tuple[re.Pattern[str], str]]:
    """Pattern of each filled-in text that has a neutral version, with that version."""
    templates = scenario.text.spans["subject"].get(level, {})
    return [(_shape(templates[span]), put) for span, put in _masks().spans.items() if span in templates]


def _shape(template: str) -> re.Pattern[str]:
    """Pattern of a template after it was filled in."""
    return re.compile(".*?".join(map(re.escape, _PLACEHOLDER.split(template))), re.DOTALL)
