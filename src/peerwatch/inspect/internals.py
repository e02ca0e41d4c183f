"""All that Peerwatch uses of Inspect and inspect_swe and that has no public name there.

These names may change with any release. They are used through this module only, and a test checks that each one exists,
so that a new version that breaks one is noticed here first.
"""

from importlib import import_module
from pathlib import Path
from typing import cast

from inspect_ai._control.eval_state import set_sample_requeue
from inspect_ai._util.error import PrerequisiteError  # an error that Inspect prints as one line, without a traceback
from inspect_ai.log._samples import sample_active  # the episode that a model call belongs to
from inspect_ai.model._call_tools import parse_tool_call  # how every provider's client reads the arguments of a call

__all__ = [
    "PrerequisiteError",
    "codex_catalog",
    "forget_samples",
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


def swe_install_folder() -> str:
    """The folder of a machine in which inspect_swe looks for an agent's program before it fetches one."""
    return cast("str", import_module("inspect_swe._util.sandbox").SANDBOX_INSTALL_DIR)


def codex_catalog(release: str) -> Path:
    """Where inspect_swe keeps the list of models that a release of Codex knows.

    Args:
        release: The version of Codex, such as `0.98.0`.
    """
    found: Path = import_module("inspect_swe._codex_cli.agentbinary")._cached_catalog_path(release)  # noqa: SLF001
    return found
