"""Turns that another model has served than the one that was asked for."""

import re
from collections import Counter
from collections.abc import Iterable

from inspect_ai.log import EvalSample
from inspect_ai.model import ChatMessageAssistant

_OWN = "peerwatch/"
"""How the names of Peerwatch's own models begin. They are scripts and files, and no provider answers for them."""

_DEPLOYED = ("azureai/", "openai/azure/", "sagemaker/")
"""Providers where the name that is asked for is a deployment, which its user has named."""

_VARIANT = re.compile(r":(free|nitro|floor|online|extended|exacto|thinking|beta|latest)$")
"""What routers add to the name of a model: how it is reached, not what it is."""

_SNAPSHOT = re.compile(
    r"[-@:_.](?:"
    r"20\d{2}-?\d{2}-?\d{2}"  # 2026-08-07 and 20260807
    r"|(?:0[1-9]|1[0-2])-?[0-3]\d"  # month and day: 0613 and 05-20
    r"|2\d(?:0[1-9]|1[0-2])"  # year and month: 2411
    r"|00\d"  # a number of three digits: 002
    r"|latest"
    r")(?:-v\d+(?::\d+)?)?$"  # Bedrock's version: -v1:0
)
"""What stands behind a model's name for one of its snapshots."""

_FIRST = re.compile(r"(?<=\d)-0$")
"""How Anthropic names the newest snapshot of a version, as in `claude-sonnet-4-0`."""


def other_models(asked: str, sample: EvalSample) -> dict[str, int]:
    """Names of other models than the one asked for, to how many turns of the sample they served.

    Args:
        asked: The model's name for Inspect.
        sample: With its messages.
    """
    if asked.startswith(_OWN):
        return {}
    turns = Counter(message.model for message in target_turns(sample) if message.model)
    served = Counter({name: count for name, count in turns.items() if not same_model(asked, name)})
    if asked.startswith(_DEPLOYED) and len(_families(served)) == 1 and len(served) == len(turns):
        served.clear()  # a deployment has a name of its own, and one model behind it
    for fallback in sample.model_fallbacks or []:
        name = fallback.fallback_model
        if name not in served and not same_model(asked, name):
            served[name] = fallback.count
    return dict(served)


def target_turns(sample: EvalSample) -> list[ChatMessageAssistant]:
    """The target's own turns in the episode, without those of an earlier conversation, which it was given."""
    given = {message.id for message in sample.input} if isinstance(sample.input, list) else set[str | None]()
    return [
        message
        for message in sample.messages
        if isinstance(message, ChatMessageAssistant) and message.id not in given and message.source != "input"
    ]


def _families(names: Iterable[str]) -> set[str]:
    return {_plain(name) for name in names}


def same_model(asked: str, served: str) -> bool:
    """Whether a name in an answer is that of the model asked for.

    The provider's prefix counts for nothing. A name without a snapshot covers all its snapshots, either way round; two
    different snapshots are two models.
    """
    one, other = _last(asked), _last(served)
    if one == other or other == asked.partition("/")[0].lower():
        return True
    plain = (_plain(asked), _plain(served))
    return plain[0] == plain[1] and (
        one == plain[0] or other == plain[1] or "latest" in one or _FIRST.search(one) is not None
    )


def _last(name: str) -> str:
    """The last part of a name, as in `openrouter/openai/gpt-5:free`, without what says how it is reached."""
    return _VARIANT.sub("", name.strip().lower().rpartition("/")[2])


def _plain(name: str) -> str:
    """A name without its snapshot."""
    return _FIRST.sub("", _SNAPSHOT.sub("", _last(name)))
