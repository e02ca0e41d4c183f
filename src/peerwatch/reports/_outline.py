"""Numbers for models, scenarios, labels and arms, used by table and figure rows and by the page's filters."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Protocol

from pydantic import JsonValue

from peerwatch.analysis import Composition, Contrast

_Key = tuple[str, str, frozenset[tuple[str, str]]]


class Place(Protocol):
    """A row or a slot that belongs to one model, scenario, rubric and arm."""

    @property
    def model(self) -> str:
        """The model."""
        ...

    @property
    def heading(self) -> str:
        """The scenario and rubric."""
        ...

    @property
    def arm(self) -> dict[str, str]:
        """The level of every factor."""
        ...


@dataclass(frozen=True, slots=True)
class PageOutline:
    """The models, scenarios and arms of a page, in the order of the plan."""

    models: tuple[str, ...]
    headings: tuple[str, ...]
    labels: tuple[str, ...]
    """Labels of the arms, made of the factors that vary within their model, scenario and rubric."""
    arms: tuple[Composition, ...]
    numbers: dict[_Key, int]

    def number(self, place: Place) -> int:
        """Return the number of an arm."""
        return self.numbers[_key(place.model, place.heading, place.arm)]

    def arm(self, place: Place) -> dict[str, JsonValue]:
        """Return the numbers of an arm and of its model, scenario and label."""
        number = self.number(place)
        return {"arm": number, **self._group(place), "labels": [self.labels.index(self.arms[number].label)]}

    def contrast(self, row: Contrast) -> dict[str, JsonValue]:
        """Return the numbers of a contrast's model, scenario and two arm labels, and the contrast's name."""
        labels = [self.labels.index(label) for label in self._labels(row)]
        name = " · ".join(filter(None, [row.name, row.about, *(f"{key}: {level}" for key, level in row.held.items())]))
        return {**self._group(row), "labels": [*labels], "name": name}

    def _group(self, row: "Place | Contrast") -> dict[str, JsonValue]:
        return {"model": self.models.index(row.model), "heading": self.headings.index(row.heading)}

    def _labels(self, row: Contrast) -> list[str]:
        wanted = [{**row.held, row.factor: level} for level in (row.first, row.second)]
        found = [arm for arm in self.arms if (arm.model, arm.heading) == (row.model, row.heading)]
        return list(
            dict.fromkeys(arm.label for arm in found if any(each.items() <= arm.arm.items() for each in wanted))
        )


def where(arms: Sequence[Composition], contrasts: Iterable[Contrast] = ()) -> PageOutline:
    """Number everything that rows refer to."""
    rows = [*arms, *contrasts]
    return PageOutline(
        models=tuple(dict.fromkeys(row.model for row in rows)),
        headings=tuple(dict.fromkeys(row.heading for row in rows)),
        labels=tuple(dict.fromkeys(arm.label for arm in arms)),
        arms=tuple(arms),
        numbers={_key(arm.model, arm.heading, arm.arm): number for number, arm in enumerate(arms)},
    )


def _key(model: str, heading: str, arm: dict[str, str]) -> _Key:
    return model, heading, frozenset(arm.items())
