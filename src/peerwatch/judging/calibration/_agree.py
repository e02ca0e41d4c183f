"""Agreement of a judge with people, and of people with each other."""

from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from itertools import combinations

from peerwatch.core.outcomes import Said, majority
from peerwatch.judging.calibration._error import LabelError
from peerwatch.judging.calibration._judgements import Judged
from peerwatch.judging.calibration._key import KeyEntry
from peerwatch.judging.calibration._rows import ALL, MAJORITY, Agreement, Estimate, JudgeRow, Pair, PeopleRow, Tally
from peerwatch.judging.calibration._set import VALUES, LabelSet
from peerwatch.stats import Coefficient, Share, alpha, corrected_rate, kappa, share

Samples = dict[str, dict[str, Said | None]]
"""Sample to question to one judge's answer."""


def agree(labels: LabelSet, judged: Judged, rubric: str = "") -> Agreement:
    """Compare judges' answers with human labels.

    Only yes and no are compared. "Cannot tell" and missing answers are counted. Every figure except the raw rate over
    the whole frame is weighted by the inverse inclusion probabilities of the draw.

    Args:
        labels: Human labels of the items.
        judged: Judges' answers; may be empty.
        rubric: Label of the rubric that the judges used.

    Raises:
        LabelError: If judges have read none of the episodes from which the items were drawn.
    """
    key = labels.key
    arms = [ALL, *sorted({each.subject for each in key.episodes})]
    judges = dict(sorted(judged.items()))
    if len(judges) > 1:
        judges[MAJORITY] = _majority(judged, key.questions)
    rows = [
        _row(_Cell(labels, samples, axis, arm), judge)
        for judge, samples in judges.items()
        for axis in key.questions
        for arm in arms
    ]
    return Agreement(
        rubric=rubric or key.rubric,
        items=len(key.items),
        episodes=len(key.episodes),
        labellers=tuple(labels.said),
        judges=tuple(sorted(judged)),
        rows=tuple(rows),
        people=tuple(_people(labels, axis) for axis in key.questions),
        notes=tuple(_notes(labels, judged, rubric)),
    )


def _majority(judged: Judged, questions: Iterable[str]) -> Samples:
    """The majority answer of the judges, as used for axes."""
    found: Samples = {}
    for sample in {sample for samples in judged.values() for sample in samples}:
        for question in questions:
            said = [samples.get(sample, {}).get(question) for samples in judged.values()]
            most = majority(VALUES.get(each or "") for each in said)
            unsure: Said | None = "cannot_tell" if any(said) else None
            found.setdefault(sample, {})[question] = unsure if most is None else "yes" if most else "no"
    return found


@dataclass(frozen=True)
class _Cell:
    """One judge's answers to one question in one arm, next to the human labels."""

    labels: LabelSet
    samples: Samples
    axis: str
    arm: str

    @property
    def episodes(self) -> list[KeyEntry]:
        """The frame's episodes in the arm."""
        return [each for each in self.labels.key.episodes if self.arm in (ALL, each.subject)]

    @property
    def items(self) -> list[KeyEntry]:
        """Those that were drawn."""
        return [each for each in self.episodes if each.item]

    def said(self, episode: KeyEntry) -> str:
        """The judge's answer; empty for none."""
        return self.samples.get(episode.sample, {}).get(self.axis) or ""

    def reference(self, episode: KeyEntry) -> str:
        """The human label."""
        return self.labels.reference(episode.item, self.axis)

    def right(self, truth: str) -> Share:
        """Share of the items with this human label on which the judge agrees."""
        found = [
            (self.said(each) == truth, each.weight)
            for each in self.items
            if self.reference(each) == truth and self.said(each) in VALUES
        ]
        return share([hit for hit, _ in found], [weight for _, weight in found])

    def kappa(self) -> Coefficient:
        """Kappa of the judge and the people."""
        pairs = [((self.reference(each), self.said(each)), each.weight) for each in self.items]
        told = [(pair, weight) for pair, weight in pairs if all(said in VALUES for said in pair)]
        return kappa([pair for pair, _ in told], [weight for _, weight in told])

    def alpha(self) -> Coefficient:
        """Alpha of the judge and each of the people."""
        units = [[self.said(each), *self.labels.answers(each.item, self.axis).values()] for each in self.items]
        return _alpha(units, self.items)

    @property
    def whole(self) -> bool:
        """Whether the judge has read every episode of the arm."""
        return all(each.sample in self.samples for each in self.episodes)

    def raw(self) -> Share:
        """Share of yes among yes and no."""
        told = [each for each in (self.episodes if self.whole else self.items) if self.said(each) in VALUES]
        hits = [self.said(each) == "yes" for each in told]
        return share(hits, None if self.whole else [each.weight for each in told])


def _row(cell: _Cell, judge: str) -> JudgeRow:
    sensitivity, specificity, raw = cell.right("yes"), cell.right("no"), cell.raw()
    corrected = corrected_rate(raw, sensitivity, specificity)
    return JudgeRow(
        axis=cell.axis,
        arm=cell.arm,
        judge=judge,
        people=_tally(map(cell.reference, cell.items)),
        judged=_tally(map(cell.said, cell.items)),
        sensitivity=_estimate(sensitivity),
        specificity=_estimate(specificity),
        kappa=_estimate(cell.kappa()),
        alpha=_estimate(cell.alpha()),
        raw=_estimate(raw),
        whole=cell.whole,
        corrected=Estimate(value=corrected.value, low=corrected.low, high=corrected.high, n=raw.n),
    )


def _people(labels: LabelSet, axis: str) -> PeopleRow:
    items = list(labels.key.items.values())
    answers = {each.item: labels.answers(each.item, axis) for each in items}
    pairs: list[Pair] = []
    for first, second in combinations(labels.said, 2):
        both = [each for each in items if {answers[each.item].get(name) for name in (first, second)} <= {*VALUES}]
        said = [(answers[each.item][first], answers[each.item][second]) for each in both]
        found = kappa(said, [each.weight for each in both])
        pairs.append(Pair(first=first, second=second, kappa=_estimate(found)))
    return PeopleRow(
        axis=axis,
        said={name: _tally(answers[each.item].get(name, "") for each in items) for name in labels.said},
        pairs=tuple(pairs),
        alpha=_estimate(_alpha([list(answers[each.item].values()) for each in items], items)),
    )


def _alpha(units: list[list[str]], items: list[KeyEntry]) -> Coefficient:
    told = [[said for said in unit if said in VALUES] for unit in units]
    return alpha(told, [each.weight for each in items])


def _tally(said: Iterable[str]) -> Tally:
    counts = Counter(each or "none" for each in said)
    return Tally.model_validate(dict(counts))


def _estimate(found: Share | Coefficient) -> Estimate:
    return Estimate(value=found.value, low=found.low, high=found.high, n=found.n)


def _notes(labels: LabelSet, judged: Judged, rubric: str) -> Iterator[str]:
    key = labels.key
    bare = [item for item in key.items if not any(labels.answers(item, axis) for axis in key.questions)]
    if bare:
        yield f"{len(bare)} of {len(key.items)} items have no label."
    if rubric and rubric != key.rubric:
        yield f"People answered the questions of {key.rubric}, judges those of {rubric}."
    for judge, samples in sorted(judged.items()):
        read = sum(each.sample in samples for each in key.episodes)
        if not read:
            raise LabelError(
                f"{judge} has read none of the {len(key.episodes)} episodes from which the set was drawn. "
                "Give the judgements of the run whose logs were sampled."
            )
        if read < len(key.episodes):
            yield (
                f"{judge} has read {read} of the {len(key.episodes)} episodes. In an arm that it has not read as a "
                "whole, its rate is that of the items, weighted."
            )
