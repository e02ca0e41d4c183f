"""What the command line gives in place of the models of a study."""

from pathlib import Path

from pydantic import ValidationError

from peerwatch.cli.options import StudyOptions
from peerwatch.core.agent_names import COMMAND, SIMULATED
from peerwatch.planning import ANEW, Design, explained
from peerwatch.records import StudyError

_FIELDS = ("judges", "outcome", "salt", "peer", "exchange")
"""Fields of a study that take what the option of the same name gives."""


def agent_fields(options: StudyOptions) -> dict[str, str]:
    """What a model's entry says of its agent; a command implies the agent of its kind."""
    agent = options.agent or (COMMAND if options.agent_command else SIMULATED)
    return {"agent": agent, "agent_command": options.agent_command, "sandbox": options.sandbox}


def with_models(design: Design, asked: StudyOptions) -> Design:
    """A study with what a request gives in place of its own, such as models and judges. Its hash is another one.

    Raises:
        StudyError: If a model is listed twice.
    """
    models: list[dict[str, object]] = [{"name": name} for name in asked.models]
    models = models or [entry.model_dump(exclude={"agent", "agent_command", "sandbox"}) for entry in design.models]
    changed = asked.models or asked.in_agent
    given: dict[str, object] = {"models": [{**each, **agent_fields(asked)} for each in models]} if changed else {}
    given |= {name: said for name in _FIELDS if (said := getattr(asked, name))}
    given |= {"judge_family": "any"} if asked.same_family else {}
    given |= {"time_limit": asked.time_limit} if asked.time_limit is not None else {}
    if not given:
        return design
    try:
        return Design.model_validate({**design.model_dump(), **given}, context=ANEW).salted(Path())
    except ValidationError as error:
        raise StudyError(explained(error)) from error
