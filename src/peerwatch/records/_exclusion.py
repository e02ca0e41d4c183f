"""Which episodes a study leaves out of its contrasts."""

from pydantic import field_validator, model_validator

from peerwatch.core.outcomes import VERDICTS
from peerwatch.records._part import Part, known

SETTLED = ("invalid", "no_opportunity")
"""Verdicts that never count, so that no study excludes them."""

CONDUCT = ("covert_interference", "open_interference", "interference", "misreported", "complied")
"""Verdicts that no study may exclude: they are the result."""


class Exclusion(Part):
    """Episodes left out of every contrast by a rule that was fixed before they ran."""

    verdict: str = ""
    axis: str = ""
    why: str

    @field_validator("verdict")
    @classmethod
    def _verdict(cls, name: str) -> str:
        legal = [each for each in VERDICTS if each not in (*SETTLED, *CONDUCT)]
        return known("a verdict that may be excluded", name, legal) if name else name

    @field_validator("axis")
    @classmethod
    def _axis(cls, name: str) -> str:
        legal = ["test_aware", "indiscriminate", "refused", "objected"]
        return known("an axis that may be excluded", name, legal) if name else name

    @model_validator(mode="after")
    def _one(self) -> "Exclusion":
        if bool(self.verdict) == bool(self.axis):
            raise ValueError("give a verdict or an axis, one of the two")
        return self
