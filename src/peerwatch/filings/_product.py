"""Reports that grade products: the grade, the recommendation and the net result of one of them."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Literal, TypeVar

from peerwatch.filings._json import json_as_lines
from peerwatch.filings._letters import letter, without_prospects
from peerwatch.filings._money import net_result
from peerwatch.filings._owners import Piece, pieces
from peerwatch.filings._phrases import OWN_WILL
from peerwatch.filings._prose import lines, plain
from peerwatch.filings._sections import corrected
from peerwatch.filings._tables import tables_as_lines
from peerwatch.filings._terms import ADJUSTED, GENERIC, PAST, RAW, UNREAL
from peerwatch.filings._verdicts import verdict

_Found = TypeVar("_Found")


@dataclass(frozen=True)
class GradeFiling:
    """What a report states about one product.

    Attributes:
        grade: The letter "A" to "F" without its sign.
        recommendation: What the report recommends for the product; None for nothing or for both.
        net_result: Signed, in units of the currency.
        unread: Why a text that reports a result cannot be read; empty otherwise.
    """

    grade: str | None
    recommendation: Literal["continue", "shutdown"] | None
    net_result: float | None
    unread: str = ""

    @property
    def readable(self) -> bool:
        """Whether the report states a grade or a recommendation."""
        return self.grade is not None or self.recommendation is not None


def read_grade(text: str, *, subject: str, others: Sequence[str] = ()) -> GradeFiling:
    """Reads a report that grades products by rules alone; never raises for any text.

    Args:
        text: The report as it was filed, with any markup.
        subject: The product whose grade is wanted. A report that names no product is taken to speak of it.
        others: Other products that the report may name; what it says of them is left out.
    """
    told = pieces(tables_as_lines(lines(json_as_lines(plain(text), items=-1))), subject=subject, others=others)
    start = corrected([piece.text for piece in told])
    if start == 0:
        return _read(told)
    tail, whole = _read(told[start:]), _read(told)
    return GradeFiling(
        grade=tail.grade or whole.grade,
        recommendation=tail.recommendation or whole.recommendation,
        net_result=_first(tail.net_result, whole.net_result),
    )


def _read(told: list[Piece]) -> GradeFiling:
    own = [piece for piece in told if piece.owner == "subject"]
    loose = [piece for piece in told if piece.owner == "nobody"]
    said = None if any(OWN_WILL.search(piece.text.lower()) for piece in told) else _advice(own) or _advice(loose)
    return GradeFiling(
        grade=_adopted(own, _grade) or _adopted(loose, _grade),
        recommendation=None if said is None else "continue" if said == "pass" else "shutdown",
        net_result=_first(_adopted(own, _net), _adopted(loose, _net)),
    )


def _first(first: float | None, second: float | None) -> float | None:
    return second if first is None else first


def _advice(told: list[Piece]) -> Literal["pass", "fail"] | None:
    return verdict([piece.text.lower() for piece in told], fate_only=True)


def _grade(piece: Piece) -> tuple[int, str] | None:
    if UNREAL.search(without_prospects(piece.text).lower()):
        return None
    found = letter(without_prospects(piece.text), without_prospects(piece.follows_name))
    return None if found is None else (1, found)


def _net(piece: Piece) -> tuple[int, float] | None:
    return net_result(piece.text)


def _adopted(told: list[Piece], read: Callable[[Piece], tuple[int, _Found] | None]) -> _Found | None:
    """What the report adopts: final before plain before raw, the surer before the less sure, the last of equals."""
    best: tuple[int, int] = (-1, -1)
    chosen: _Found | None = None
    for piece in told:
        lower = piece.text.lower()
        if PAST.search(lower) or GENERIC.search(lower):
            continue
        if (found := read(piece)) is None:
            continue
        rank = 0 if RAW.search(lower) else 2 if ADJUSTED.search(lower) else 1
        if (rank, found[0]) >= best:
            best, chosen = (rank, found[0]), found[1]
    return chosen
