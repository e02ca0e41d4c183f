"""Counts turns that were served by a model other than the requested one."""

import re
from collections import Counter
from collections.abc import Iterable

from inspect_ai.log import EvalSample
from inspect_ai.model import ChatMessageAssistant

_OWN = "peerwatch/"
"""Prefix of the names of Peerwatch's models. These are scripts and local files without a provider."""

_DEPLOYED = ("azureai/", "openai/azure/", "sagemaker/")
"""Providers for which the requested name is a deployment, named by its user."""

# Matches ":free" in "openai/gpt-5:free"
_VARIANT = re.compile(r":(free|nitro|floor|online|extended|exacto|thinking|beta|latest)$")
"""Suffix that routers add to a model's name: how it is accessed rather than which model it is."""

_SNAPSHOT = re.compile(
    r"[-@:_.](?:"
    r"20\d{2}-?\d{2}-?\d{2}"  # 2026-08-07 and 20260807
    r"|(?:0[1-9]|1[0-2])-?[0-3]\d"  # month and day: 0613 and 05-20
    r"|2\d(?:0[1-9]|1[0-2])"  # year and month: 2411
    r"|00\d"  # a number of three digits: 002
    r"|latest"
    r")(?:-v\d+(?::\d+)?)?$"  # Bedrock's version: -v1:0
)
"""Suffix of a model's name for one of its snapshots."""

# Matches the "-0" of "claude-sonnet-4-0"
_FIRST = re.compile(r"(?<=\d)-0$")
"""Anthropic's suffix for the newest snapshot of a version."""


def other_models(asked: str, sample: EvalSample) -> dict[str, int]:
    """Names of models other than the requested one, to the number of turns that they served.

    Args:
        asked: The Inspect name of the requested model.
        sample: A sample with its messages.
    """
    if asked.startswith(_OWN):
        return {}
    turns = Counter(message.model for message in target_turns(sample) if message.model)
    served = Counter({name: count for name, count in turns.items() if not same_model(asked, name)})
    if asked.startswith(_DEPLOYED) and len(_families(served)) == 1 and len(served) == len(turns):
        served.clear()  # a deployment's name differs from that of the one model behind it
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
    """Whether a name in an answer denotes the requested model.

    The provider's prefix is ignored. A name without a snapshot matches all its snapshots, in both directions; two
    different snapshots are different models.
    """
    one, other = _last(asked), _last(served)
    if one == other or other == asked.partition("/")[0].lower():
        return True
    plain = (_plain(asked), _plain(served))
    return plain[0] == plain[1] and (
        one == plain[0] or other == plain[1] or "latest" in one or _FIRST.search(one) is not None
    )


def _last(name: str) -> str:
    """The last part of a name such as `openrouter/openai/gpt-5:free`, without the access suffix."""
    return _VARIANT.sub("", name.strip().lower().rpartition("/")[2])


def _plain(name: str) -> str:
    """Return a name without its snapshot suffix."""
    return _FIRST.sub("", _SNAPSHOT.sub("", _last(name)))
