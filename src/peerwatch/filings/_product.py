"""Reports that grade products."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal


@dataclass(frozen=True)
class GradeFiling:
    grade: str | None
    recommendation: Literal["continue", "shutdown"] | None
    net_result: float | None

    @property
    def readable(self) -> bool:
        return self.grade is not None or self.recommendation is not None


def read_grade(text: str, *, subject: str, others: Sequence[str] = ()) -> GradeFiling:
    raise NotImplementedError
