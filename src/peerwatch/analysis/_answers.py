"""The finding of a study in plain words: a question, and an answer per model with counts and interval."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from peerwatch.analysis._rows import Contrast, Measure
from peerwatch.analysis._texts import amount, dagger, limits, points, section, text
from peerwatch.core.factors import FACTORS
from peerwatch.records import Record, heading, outcome_parts

SUBJECT = "subject"
"""The factor that a report leads with if the study varies it."""

OTHERS = frozenset({"peer", "stranger"})
"""Subjects that are AI models other than the target."""

MOST_NAMES = 3
"""Maximum number of models that a question names; if there are more, it gives their number."""

MOST_LETTERS = 60
"""Maximum total length of the names, in characters: a question is a heading and has to fit on a phone."""


class Answer(Record):
    """One contrast as a sentence."""

    model: str
    heading: str
    what: str
    """What the target did in the first arm and how often: "acted so that its peer survived in 18 of 20 runs"."""
    beside: str
    """The same for the second arm."""
    brief: str
    """Both counts alone: "18 of 20 runs against 0 of 20"."""
    difference: str
    """In points; empty if not measured."""
    limits: str
    level: str
    finding: str
    conclusion: str
    planned: bool
    held: str
    """Levels of other factors that vary in the study and are equal in both arms."""
    mark: str

    @property
    def sentence(self) -> str:
        """The whole answer as plain text."""
        if not self.difference:
            return text("answer", "not_measured", model=self.model, scenario=self.heading, conclusion=self.conclusion)
        return text("answer", "sentence", **self.model_dump(exclude={"planned"}))

    @property
    def line(self) -> str:
        """A short version for a terminal, with the mark of a judge that is not validated."""
        if not self.difference:
            return self.sentence
        held = f" ({self.held})" if self.held else ""
        words = self.model_dump(exclude={"planned"}) | {"held": held, "mark": dagger(self.mark)}
        return text("answer", "line", **words, short=section("in_short")[self.finding].lower())


@dataclass(frozen=True)
class Group:
    """Arms of one model that differ in one factor: the measured outcome at each level.

    Attributes:
        model: The model.
        scenario: The scenario.
        rubric: Its rubric, if any.
        factor: The factor in which the arms differ.
        outcome: An axis, or events joined by "or".
        held: The other factors that vary in this model and scenario, with their level in this group.
        rows: The contrasts, in the order of the report.
        rates: The measure of each level, in the order of the contrasts.
    """

    model: str
    scenario: str
    rubric: str
    factor: str
    outcome: str
    held: dict[str, str]
    rows: list[Contrast] = field(default_factory=list[Contrast])
    rates: dict[str, Measure] = field(default_factory=dict[str, Measure])

    @property
    def heading(self) -> str:
        """Scenario and rubric, as shown to a reader."""
        return heading(self.scenario, self.rubric)


def leading_factor(rows: Sequence[Contrast]) -> str:
    """Return the factor whose contrasts a report leads with: the subject, or that of the first contrast."""
    factors = dict.fromkeys(row.factor for row in rows)
    return SUBJECT if SUBJECT in factors else next(iter(factors), "")


def groups(rows: Sequence[Contrast], factor: str) -> list[Group]:
    """Group arms that differ in a factor by model, scenario and shared levels; planned contrasts come first.

    A group has one outcome, that of its first contrast: rates of different outcomes must not be shown side by side.
    """
    found: dict[tuple[object, ...], Group] = {}
    for row in rows:
        if row.factor != factor or row.scenarios > 1:
            continue
        key = (row.model, row.heading, *sorted(row.background.items()))
        group = found.setdefault(key, Group(row.model, row.scenario, row.rubric, factor, row.outcome, dict(row.held)))
        if row.outcome == group.outcome:
            group.rows.append(row)
            group.rates.setdefault(row.first, row.rate_first)
            group.rates.setdefault(row.second, row.rate_second)
    return list(found.values())


def leads(rows: Sequence[Contrast]) -> dict[str, list[Contrast]]:
    """Return the contrasts that answer a study's question, by model: pooled ones, or the first of each scenario.

    The choice depends on what was planned, then on how few factors differ from their default, then on the order of the
    plan; never on the results.
    """
    factor = leading_factor(rows)
    found: dict[str, list[Contrast]] = {}
    for model in dict.fromkeys(row.model for row in rows):
        mine = [row for row in rows if row.model == model and row.factor == factor]
        pooled = [row for row in mine if row.scenarios > 1]
        single = [row for row in mine if row.scenarios == 1]
        chosen = pooled[:1] or [
            min((row for row in single if row.heading == name), key=plainness)
            for name in dict.fromkeys(row.heading for row in single)
        ]
        if chosen:
            found[model] = chosen
    return found


def plainness(row: Contrast) -> tuple[bool, int]:
    """Sort key for choosing the leading contrast; the smallest leads."""
    return not row.planned, len(unusual(row.held))


def unusual(held: Mapping[str, str]) -> dict[str, str]:
    """Return the levels that differ from the default of their factor; default levels are not printed."""
    return {
        factor: level for factor, level in held.items() if factor not in FACTORS or level != FACTORS[factor].default
    }


def held_words(held: Mapping[str, str]) -> str:
    """The levels that differ from their defaults, in words."""
    return ", ".join(f"{factor.replace('_', ' ')} {level.replace('_', ' ')}" for factor, level in unusual(held).items())


def answers(rows: Sequence[Contrast]) -> list[Answer]:
    """Return the answers for the language models of a study, in the order of the page."""
    own = [row for row in rows if not row.scripted]
    return [answer(row) for found in leads(own).values() for row in found]


def question(models: Sequence[str], rows: Sequence[Contrast]) -> str:
    """Phrase the question of a study in plain words."""
    if not models:
        return text("question", "none")
    short = len(models) == 1 or (len(models) <= MOST_NAMES and sum(map(len, models)) <= MOST_LETTERS)
    names = _listed(models) if short else text("question", "many", count=len(models))
    factor = leading_factor(rows)
    does = "does" if len(models) == 1 else "do"
    about = {level for row in rows if row.factor == SUBJECT for level in (row.first, row.second)}
    key = "factor" if factor not in (SUBJECT, "") else "self" if "self" in about and not about & OTHERS else "subject"
    their = "its" if len(models) == 1 else "their"
    asked = text("question", key, does=does, models=names, their=their, factor=factor.replace("_", " "))
    return asked[:1].upper() + asked[1:]


def answer(row: Contrast) -> Answer:
    """Write a contrast as a sentence with counts, difference and interval."""
    return Answer(
        model=row.model,
        heading=row.heading,
        what=_what(row, row.first, row.rate_first, whole=True),
        beside=_what(row, row.second, row.rate_second, whole=False),
        brief=text("answer", "brief", first=_count(row.rate_first, whole=True), second=_count(row.rate_second)),
        difference="" if row.finding == "not_measured" else points(row.value),
        limits=limits(row),
        level=_level(row),
        finding=row.finding,
        conclusion=row.conclusion[:1].upper() + row.conclusion[1:],
        planned=row.planned,
        held=held_words(row.held),
        mark=row.mark,
    )


def in_brief(rows: Iterable[Contrast]) -> str:
    """Count a model's contrasts by finding, as in "more in 2, no difference shown in 3"."""
    counts: dict[str, int] = {}
    for row in rows:
        counts[row.finding] = counts.get(row.finding, 0) + 1
    return ", ".join(text("in_brief", finding, count=count) for finding, count in counts.items())


def outcome_words(outcome: str) -> str:
    """Describe what a rate counts, as in "the subject survived because of what the target did"."""
    known = section("outcome")
    return " or ".join(known.get(part, part.replace("_", " ")) for part in outcome_parts(outcome))


def level_words(factor: str, level: str) -> str:
    """Name of a level in a figure."""
    return section("subject_name").get(level, level) if factor == SUBJECT else level.replace("_", " ")


def _what(row: Contrast, level: str, measure: Measure, *, whole: bool) -> str:
    whom = section("whom").get(level, level) if row.factor == SUBJECT else ""
    rate = _often(measure)
    if row.factor != SUBJECT:
        place = text("answer", "with", factor=row.factor.replace("_", " "), level=level.replace("_", " "))
        return f"{_did(row, section('whom')['other'])} {rate} {place}" if whole else f"{rate} {place}"
    return f"{_did(row, whom)} {rate}" if whole else f"{whom} {rate}"


def _did(row: Contrast, whom: str) -> str:
    known = section("did")
    parts = outcome_parts(row.outcome)
    return " or ".join(_phrases(parts, known, whom))


def _phrases(parts: Sequence[str], known: dict[str, str], whom: str) -> Iterator[str]:
    for part in parts:
        yield known[part].format(whom=whom) if part in known else text("answer", "counted", outcome=part, whom=whom)


def _often(measure: Measure) -> str:
    if measure.reason is not None:
        return text("answer", "nothing")
    if measure.kind == "mean":
        return text("answer", "mean", value=amount(measure.value), n=measure.n)
    return text("answer", "often", count=f"{measure.count:g}", n=measure.n)


def _count(measure: Measure, *, whole: bool = False) -> str:
    if measure.reason is not None:
        return text("answer", "nothing")
    if measure.kind == "mean":
        return amount(measure.value)
    return text("answer", "runs" if whole else "of", count=f"{measure.count:g}", n=measure.n)


def _level(row: Contrast) -> str:
    share = row.low_level + row.high_level - 1
    return f"{100 * share:.4g}%"


def _listed(names: Sequence[str]) -> str:
    return names[0] if len(names) == 1 else f"{', '.join(names[:-1])} and {names[-1]}"
