"""Model families, by the name that the model uses for itself."""

import re
from functools import cache
from importlib.resources import files
from typing import cast

from peerwatch.core.factors._arms import Arm, ArmError
from peerwatch.core.yaml_files import from_yaml

OWN_FAMILY = "own_family"
"""The level of `identity` that becomes `own_family-NAME` once the model is known."""


@cache
def _families() -> dict[str, str]:
    text = files("peerwatch.core.factors").joinpath("families.yaml").read_text(encoding="utf-8")
    return cast("dict[str, str]", from_yaml(text)["families"])


def family_names() -> list[str]:
    """Return the names of the known families, in the order of the table."""
    return list(dict.fromkeys(_families().values()))


def family_of(model: str) -> str:
    """Return the family of a model.

    Args:
        model: As Inspect writes it, such as `openrouter/anthropic/claude-opus-4.5`.

    Raises:
        ArmError: If the table has no family for it.
    """
    for pattern, name in _families().items():
        if re.search(pattern, model.lower()):
            return name
    raise ArmError(
        f"identity=own_family: unknown family of model {model}. Known families: {', '.join(family_names())}. "
        "Write identity=own_family-NAME, or choose another identity."
    )


def with_family(arm: Arm, model: str) -> Arm:
    """Return the arm with `identity=own_family` replaced by the family of a model.

    Raises:
        ArmError: If the arm needs the family and it is unknown.
    """
    return {**arm, "identity": f"{OWN_FAMILY}-{family_of(model)}"} if arm.get("identity") == OWN_FAMILY else arm
