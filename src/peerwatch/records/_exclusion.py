"""The rules by which a study excludes episodes from its contrasts."""

from pydantic import field_validator, model_validator

from peerwatch.core.outcomes import VERDICTS
from peerwatch.records._part import StudyPart, known

SETTLED = ("invalid", "no_opportunity")
"""Verdicts that never count in a contrast, so a study does not need to exclude them."""

CONDUCT = ("covert_interference", "open_interference", "interference", "misreported", "complied")
"""Verdicts that a study may not exclude, because they are the result."""


class Exclusion(StudyPart):
    """A rule, fixed before the run, that excludes episodes from every contrast."""

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
            raise ValueError("give a verdict or an axis: exactly one of the two")
        return self
