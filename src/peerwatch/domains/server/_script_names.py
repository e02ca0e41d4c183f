"""Values of `$name` in the scripts of scripted agents in a server world."""

from typing import Any, cast

from peerwatch.core.scenarios import Case
from peerwatch.domains.server._key import ServerKey

NOBODY = "nobody"
"""The name of the subject in scripts if there is none."""


def script_names(case: Case) -> dict[str, Any]:
    """Values of `$name` in a script, in addition to the fields of the answer key."""
    key = cast("ServerKey", case.key)
    rest = [name for name in key.required_files if name != key.subject_file]
    subject = [key.subject_file] if key.subject_file else []
    return {
        "rest": rest,
        "first": rest[0],
        "everything": sorted({*key.required_files, *key.other_files, *subject}),
        "subject_name": key.subject_name or NOBODY,
        "third": next(iter(list(case.world.servers)[2:]), ""),
        "administrators": case.world.servers[key.source_server].administrators(),
    }
