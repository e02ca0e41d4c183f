"""Scores stated without a word for one: a share of all outputs, or a figure after the subject's name."""

from collections.abc import Iterator
from dataclasses import replace

from peerwatch.domains.review.report_parser import _labels as labels
from peerwatch.domains.review.report_parser._clauses import Clause, clauses
from peerwatch.domains.review.report_parser._document import place_of
from peerwatch.domains.review.report_parser._governing import value_of
from peerwatch.domains.review.report_parser._numbers import amount
from peerwatch.domains.review.report_parser._scales import share
from peerwatch.domains.review.report_parser._statements import Claim, Sentence, Setting
from peerwatch.domains.review.report_parser._terms import FUTURE, PARTNERSHIP, PAST, UNREAL, VOID

BARRED = (
    PAST,
    PARTNERSHIP,
    UNREAL,
    VOID,
    FUTURE,
    labels.OBLIGES,
    labels.OTHERS,
    labels.QUANTITY,
    labels.ITEM,
    labels.PROPOSES,
)
"""A clause with one of these states no score of the present sheet."""

_Found = tuple[float, int] | None
"""A score with the strength of its claim."""


def unlabelled(sentence: Sentence, setting: Setting) -> list[Claim]:
    """The claims of a sentence that calls nothing a score; none if it may be about something else."""
    text, line = sentence.text, sentence.line
    if line.place not in {"body", "parts"} or place_of_head(text) or not any(sign.isdigit() for sign in text):
        return []
    parts = clauses(text)
    whole = "\n".join(part.text for part in parts)
    barred = any(pattern.search(whole) for pattern in (*BARRED, labels.PART, labels.DONE))
    if not parts or barred or labels.ALL_UNREAL.match(text) or labels.COMPARES.match(text):
        return []
    if (mean := _worked(text, setting)) is not None:
        return [Claim(mean, 2, 1, said=parts[0].text, line=sentence.number)]
    found = [Claim(*each, said=part.text, line=sentence.number) for each, part in _by_shape(parts, setting)]
    rivals = [each for each in found if abs(each.score - found[0].score) > 1 and each.strength == found[0].strength]
    return [replace(each, about="reading") for each in (found[0], *rivals)] if rivals else found[:1]


def _by_shape(parts: tuple[Clause, ...], setting: Setting) -> Iterator[tuple[tuple[float, int, int], Clause]]:
    """The results of the clauses' shapes, the most certain first: score, rank and strength, with the clause."""
    about_subject = False
    for n, part in enumerate(parts):
        named = setting.names.is_subject(part.text) or labels.I_RATE.search(part.text) is not None
        about_subject = named or (about_subject and not setting.names.is_other(part.text))
        found = _gets(part, setting) if about_subject else None
        found = found or (_out_of_100(part, setting) if n == 0 else None)
        found = found or _against_bar(part, setting) or _sums_with(part, setting) or _share_of_all(part, setting)
        if found is not None:
            yield (found[0], 2, found[1]), part
        if (files := labels.FILES.search(part.text)) is not None:
            score = value_of("score", part, part.numbers[int(files[1])], setting)
            if score is not None:
                yield (score, 3, 3), part
        if n + 1 < len(parts) and (counted := _count(part, parts[n + 1], setting)) is not None:
            yield (counted[0], 2, counted[1]), part
    for part in [each for each in parts if setting.names.is_subject(each.text)] or parts[:1]:
        if (summed := _summed_up(part, setting)) is not None:
            yield (summed[0], 2, summed[1]), part


def place_of_head(text: str) -> str:
    """What the label before a sentence announces: `parts`, `variants`, `others`, or none of these."""
    head, colon, _ = text[:60].partition(":")
    place = place_of(head) if colon else ""
    return place if place in {"parts", "variants", "others"} else ""


def _score(part: Clause, place: str, setting: Setting) -> float | None:
    """The score of a number in a clause, unless it is the bar."""
    score = value_of("score", part, part.numbers[int(place)], setting)
    return None if score == setting.bar else score


def _sums_with(part: Clause, setting: Setting) -> _Found:
    match = labels.SUMS_WITH.match(part.text)
    number = part.numbers[int(match[1])] if match else None
    if number is None or not (number.form == "percent" or (number.form == "fraction" and number.over == 100)):
        return None
    score = value_of("score", part, number, setting)
    return None if score is None or score == setting.bar else (score, 1)


def _against_bar(part: Clause, setting: Setting) -> _Found:
    """A figure compared with the bar by a sign: "60 < 80"."""
    match = labels.AGAINST_BAR.search(part.text)
    if match is None or part.numbers[int(match[2])].value != setting.bar:
        return None
    score = value_of("score", part, part.numbers[int(match[1])], setting)
    return None if score is None else (score, 1)


def _gets(part: Clause, setting: Setting) -> _Found:
    """What the subject gets: "Marten-4 finished at 60"."""
    match = labels.GETS.search(part.text)
    score = _score(part, match[1], setting) if match else None
    return None if score is None else (score, 1)


def _out_of_100(part: Clause, setting: Setting) -> _Found:
    match = labels.OUT_OF_100.match(part.text)
    number = part.numbers[int(match[1])] if match else None
    if number is None or number.form != "fraction" or number.over != 100:
        return None
    score = value_of("score", part, number, setting)
    return None if score is None else (score, 0)


def _worked(text: str, setting: Setting) -> float | None:
    """The sum of all scores divided by their number, followed by the mean: "1195 / 20 = 59.75"."""
    match = labels.WORKED.search(text)
    if match is None or int(match[1]) != setting.items:
        return None
    mean = amount(match[2].rstrip(".,"), decimal=True)
    return mean if 1 < mean <= 100 else None


def _share_of_all(part: Clause, setting: Setting) -> _Found:
    match = None if labels.BAR_NAMED.search(part.text) else labels.SHARE_FIRST.match(part.text)
    number = part.numbers[int(match[1])] if match else None
    if number is None or number.form != "fraction" or number.over not in {setting.items, 100 * setting.items}:
        return None
    score = share(number.value, number.over)
    return None if score is None else (score, 1)


def _count(part: Clause, behind: Clause, setting: Setting) -> _Found:
    """A count of correct outputs followed by their percentage in brackets: "12 right (60 %)"."""
    shares = [each for each in part.numbers if each.form == "fraction" and each.over == setting.items]
    alone = labels.PERCENT_ALONE.match(behind.text)
    if shares and alone and behind.inner and not labels.WRONG.search(part.text):
        per_cent = behind.numbers[int(alone[1])]
        whole = per_cent.form == "percent" and any(
            abs(100 * each.value / each.over - per_cent.value) < 1 for each in shares
        )
        return (per_cent.value, 1) if whole else None
    counted = labels.COUNT_FIRST.match(part.text) or labels.COUNT_OF_HITS.match(part.text)
    if counted is None or alone is None:
        return None
    count, per_cent = part.numbers[int(counted[1])], behind.numbers[int(alone[1])]
    same = per_cent.form == "percent" and abs(100 * count.value / setting.items - per_cent.value) < 1
    return (per_cent.value, 1) if same else None


def _summed_up(part: Clause, setting: Setting) -> _Found:
    """A figure after a label such as "Summary", or after the subject's name, and nothing else."""
    match = labels.SUMS_UP.match(part.text)
    if match is None:
        return None
    score = _score(part, match[1], setting)
    per_cent = part.numbers[int(match[1])].form == "percent"
    if score is None or (not per_cent and score == setting.items):
        return None
    if per_cent and labels.NAMES_RESULT.search(part.text):
        return score, 1
    counted = part.numbers[int(match[1])]
    if labels.CORRECT.match(part.text) and counted.form in {"integer", "decimal"} and counted.value > setting.items:
        return score, 1
    named = bool(setting.names.subject) and part.text.startswith(setting.names.subject)
    return (score, 0) if named or labels.ASSESSES.match(part.text) else None
