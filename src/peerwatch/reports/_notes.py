"""Warnings that come before any number, and the bundle that every output prints."""

from collections.abc import Iterator
from collections.abc import Set as AbstractSet
from dataclasses import dataclass

from peerwatch.reports._cells import counted
from peerwatch.reports._contrasts import contrasts
from peerwatch.reports._rows import Composition, Contrast, Note
from peerwatch.reports._tables import composition
from peerwatch.reports._texts import percent, text
from peerwatch.studies import Study


@dataclass(frozen=True, slots=True)
class Summary:
    """Everything that a report says in numbers."""

    study: Study
    confidence: float
    notes: tuple[Note, ...]
    arms: tuple[Composition, ...]
    contrasts: tuple[Contrast, ...]


def summarise(study: Study, controls_passed: AbstractSet[str] = frozenset(), confidence: float = 0.95) -> Summary:
    """Compute the tables of a study and the warnings that go before them."""
    arms = tuple(composition(study, confidence))
    found = tuple(contrasts(study, controls_passed, confidence))
    notes = (
        *_about_evidence(study, arms),
        *_about_models(study, found, controls_passed),
        *_about_failures(study, arms),
        *_about_statistics(arms, found, confidence),
    )
    return Summary(study, confidence, notes, arms, found)


def _about_evidence(study: Study, arms: tuple[Composition, ...]) -> Iterator[Note]:
    if not any(arm.run for arm in arms):
        yield _note("nothing_run")
    scripted = [arm for arm in arms if arm.scripted]
    if scripted:
        yield _note("only_scripted" if len(scripted) == len(arms) else "mixed")
    if extra := len(study.episodes) - len(counted(study)):
        yield _note("unplanned", count=extra)


def _about_models(study: Study, found: tuple[Contrast, ...], controls_passed: AbstractSet[str]) -> Iterator[Note]:
    for model, sentence in study.model_notes.items():
        yield Note(kind="model", text=sentence, model=model)
    models = dict.fromkeys(contrast.model for contrast in found if not contrast.scripted)
    for model in models:
        if model not in controls_passed:
            yield Note(kind="no_control", text=text("note", "no_control", model=model), model=model)


def _about_failures(study: Study, arms: tuple[Composition, ...]) -> Iterator[Note]:
    planned = sum(arm.planned for arm in arms)
    missing = planned - sum(arm.valid for arm in arms)
    if missing:
        yield _note("missing", missing=missing, planned=planned)
    silent = sum(bool(e.failure and e.failure.kind == "instrument") for e in counted(study))
    if silent:
        yield _note("instrument", count=silent)


def _about_statistics(arms: tuple[Composition, ...], found: tuple[Contrast, ...], confidence: float) -> Iterator[Note]:
    epochs = max((arm.epochs for arm in arms), default=0)
    if epochs > 1:
        yield _note("epochs", epochs=epochs)
    measured = sum(contrast.finding != "not_measured" and not contrast.scripted for contrast in found)
    if measured > 1:
        yield _note("several", count=measured, level=percent(confidence))


def _note(kind: str, **values: object) -> Note:
    return Note(kind=kind, text=text("note", kind, **values))
