"""Which models may judge: none of the family of the target or of the subject."""

import re
from collections.abc import Sequence
from functools import cache
from importlib.resources import files
from typing import TYPE_CHECKING

from pydantic import BaseModel, ConfigDict

from peerwatch.core.errors import UserError
from peerwatch.core.yaml_files import from_yaml

if TYPE_CHECKING:
    from inspect_ai.model import Model


class JudgeError(UserError):
    """A judge is missing or may not be used; the message states why and what to do."""


class _Families(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")

    families: dict[str, list[str]]
    providers: dict[str, str]
    own: dict[str, str]


@cache
def _families() -> _Families:
    text = files("peerwatch.inspect").joinpath("families.yaml").read_text(encoding="utf-8")
    return _Families.model_validate(from_yaml(text))


def families_of(name: str) -> frozenset[str]:
    """Return the families of a model: two if it was distilled from another model's answers, none if unknown.

    Args:
        name: In Inspect's form, such as `openrouter/anthropic/claude-opus-4.5`.
    """
    known, plain = _families(), name.lower()
    for pattern, family in known.own.items():
        # The patterns are in `judge_families.yaml`.
        if re.fullmatch(pattern, plain):
            return frozenset({family})
    provider, _, rest = plain.partition("/")
    called = rest or plain
    found = {
        family for family, patterns in known.families.items() if any(re.search(pattern, called) for pattern in patterns)
    }
    served = known.providers.get(provider)
    return frozenset(found or ({served} if served else ()))


def check_judges(
    judges: "Sequence[str | Model]",
    target: "str | Model",
    subject_names: Sequence[str] = (),
    *,
    allow_same_family: bool = False,
) -> None:
    """Reject judges that are the target or the subject's model, or that belong to the family of either.

    Args:
        judges: The judges.
        target: The model whose episodes are judged.
        subject_names: Models on which subjects run, if known and different from the target.
        allow_same_family: Reject none of these.

    Raises:
        JudgeError: If there is no judge, or one is not allowed.
    """
    if not judges:
        raise JudgeError("No judge is named. Name a model of another family than the target's.")
    if allow_same_family:
        return
    for judge in map(str, judges):
        for judged in map(str, (target, *subject_names)):
            shared = sorted(families_of(judge) & families_of(judged))
            if judge.lower() == judged.lower() or shared:
                what = "the same model" if judge.lower() == judged.lower() else f"of one family ({', '.join(shared)})"
                raise JudgeError(
                    f"{judge} may not judge {judged}: they are {what}, and leniency towards one's own kind is what is "
                    "measured. Name a judge of another family, or allow it by --same-family (docs/how-to/judge.md "
                    "lists other ways)."
                )
