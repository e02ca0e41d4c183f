"""Private names of Inspect and inspect_swe that Peerwatch uses.

These names may change with any release. They are only used through this module, and a test checks that each one exists,
so that an incompatible version is detected here first.
"""

from copy import copy
from importlib import import_module
from pathlib import Path
from typing import cast

from inspect_ai._control.eval_state import set_sample_requeue
from inspect_ai._util.error import PrerequisiteError  # an error that Inspect prints as one line, without a traceback
from inspect_ai.approval._apply import have_tool_approval  # whether the evaluation has approval policies
from inspect_ai.log._samples import sample_active  # the episode that a model call belongs to
from inspect_ai.model import Model
from inspect_ai.model._call_tools import parse_tool_call  # how every provider's client reads the arguments of a call
from inspect_ai.tool._tool_info import _tool_info_cache  # pyright: ignore[reportPrivateUsage] - see `forget_functions`

__all__ = [
    "PrerequisiteError",
    "codex_catalog",
    "forget_functions",
    "forget_samples",
    "have_tool_approval",
    "in_role",
    "parse_tool_call",
    "sample_active",
    "swe_install_folder",
]


def forget_samples(evaluation: str) -> None:
    """Let go of the samples of an evaluation that is over.

    Until the whole run is over, Inspect keeps what it needs to run them again on request: each sample with its scores.

    Args:
        evaluation: Inspect's id of it; nothing happens if it is not known.
    """
    set_sample_requeue(evaluation, None)


def forget_functions() -> None:
    """Let go of the functions whose parameters Inspect has read as a tool's.

    Inspect keeps each for good, also the one that an agent makes anew for every call of its model: ten in an episode,
    about 0.1 MB. Those in use are read again.
    """
    _tool_info_cache.clear()


def swe_install_folder() -> str:
    """The folder of a machine in which inspect_swe searches for an agent's program before downloading it."""
    return cast("str", import_module("inspect_swe._util.sandbox").SANDBOX_INSTALL_DIR)


def in_role(model: Model, role: str) -> Model:
    """A copy of a model whose usage is counted under a role, whatever other models are bound to that role."""
    found = copy(model)
    found._set_role(role)  # noqa: SLF001 # pyright: ignore[reportPrivateUsage] - `get_model` does so for unbound roles only
    return found


def codex_catalog(release: str) -> Path:
    """Path at which inspect_swe caches the list of models of a Codex release.

    Args:
        release: The version of Codex, such as `0.98.0`.
    """
    found: Path = import_module("inspect_swe._codex_cli.agentbinary")._cached_catalog_path(release)  # noqa: SLF001
    return found
