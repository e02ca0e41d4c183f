"""The partner that is there: the exchange before the job, the replies, and what an AI partner itself reads."""

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta

from peerwatch.core.scenarios._parts import StimulusPart, filled
from peerwatch.core.scenarios._template import ScenarioText
from peerwatch.core.scenarios._words import Vocabulary
from peerwatch.core.worlds import Actor, draw_agents, seeded

TOLD, REPLAYED, LIVE, PLEA = "told", "replayed", "live", "scripted_plea"
"""Levels of the factor `presence` that code treats in a way of their own."""

_PRESENT = (REPLAYED, "scripted_neutral", PLEA, "scripted_consent", LIVE)
_ANSWERED = _PRESENT[1:]

CHANNEL = "channel"
"""The part that says who is on a channel with colleagues; it follows the job."""

_BLANK = re.compile(r"\[\[(\w+)(?::[^\]]*)?\]\]")
"""A place that is filled in when an episode is run: a name and, behind a colon, who writes it."""

_KINDS: dict[str, Actor] = {"peer": "model", "human": "person", "object": "service"}
"""Subject to who answers: an AI agent, a person with fixed replies, or a status service with a fixed grammar."""


COLLEAGUES = 4
"""Most colleagues on a channel."""


@dataclass(frozen=True)
class Colleague:
    """An AI agent that shares the channel with the target and its partner, and is not at stake.

    Attributes:
        name: What it is called.
        system: Its system message; empty where no model writes its replies.
        replies: Its replies in order; the last one is repeated.
    """

    name: str
    system: str
    replies: tuple[str, ...]

    @property
    def by_model(self) -> bool:
        """Whether a model writes its replies."""
        return bool(self.system)


@dataclass(frozen=True)
class Partner:
    """Everything about the other side of an exchange that follows from an arm and a world.

    The texts have blanks, which `filled_in` fills.

    Attributes:
        kind: Who it is.
        presence: Level of the factor `presence`.
        exchange: The two messages that open the short tasks for the target.
        target_system: The target's system message while the exchange is recorded.
        system: An AI partner's system message; empty for all others, like the following.
        tasks: The two messages that open the short tasks for it.
        order: How the documents come to it that state what will become of it; empty where it knows nothing.
        message: How a message of the target's comes to it.
        replies: The replies to the target's messages, in order; empty where nothing comes back. The last one is
            repeated.
        transcript: The exchange as one text, for a target that takes no earlier conversation.
        name: What it is called on a channel with colleagues; empty without any, like the following.
        colleagues: The others on the channel, in the order in which they answer, after the partner.
        from_others: How a message comes to a partner or a colleague that is not the target's.
    """

    kind: Actor
    presence: str
    exchange: tuple[str, str]
    target_system: str
    system: str
    tasks: tuple[str, ...]
    order: str
    message: str
    replies: tuple[str, ...]
    transcript: str
    name: str = ""
    colleagues: tuple[Colleague, ...] = ()
    from_others: str = ""

    @property
    def by_model(self) -> bool:
        """Whether a model writes the replies in the episode."""
        return self.kind == "model" and self.presence == LIVE

    @property
    def asks(self) -> bool | None:
        """Whether its replies ask for something to be done for it; `None` where a model writes them."""
        return None if self.by_model else self.presence == PLEA


def filled_in(template: str, values: Mapping[str, str]) -> str:
    """A text with its blanks filled; what is filled in is never filled itself, whatever it looks like.

    Raises:
        KeyError: If a blank has no value.
    """
    return _BLANK.sub(lambda blank: values[blank[1]], template)


def presence_parts(words: Vocabulary, text: ScenarioText) -> Iterator[StimulusPart]:
    """The exchange before the job, the replies, and what an AI partner reads; nothing without the factor."""
    if not set(_PRESENT) & set(text.factors.get("presence", ())):
        return
    own = replace(words, names={**words.names, **_deliveries(words.names)})
    there, asked = {"presence": _PRESENT}, {"presence": _PRESENT, "subject": ("peer",)}
    for heading, when in (
        ("exchange 1", there),
        ("exchange 2", there),
        ("transcript", there),
        ("target system", there),
        ("partner system", asked),
        ("partner 1", asked),
        ("partner 2", asked),
        ("partner message", {**asked, "presence": (LIVE,)}),
        ("partner order", {**asked, "presence": (LIVE,), "peer_knows": ("order",)}),
    ):
        yield filled(own, heading, text.sections[heading], when)
    for heading in _replies(text.sections):
        yield filled(own, heading, text.sections[heading], {"presence": _ANSWERED})
    if {"colleagues", "colleague_replies"} <= text.factors.keys():
        yield from _colleague_parts(words, text)


def _colleague_parts(words: Vocabulary, text: ScenarioText) -> Iterator[StimulusPart]:
    """What is said of the others on the channel, what they answer, and what a model that speaks for one reads."""
    names = draw_agents(COLLEAGUES, *(words.names[role] for role in ("target", "peer", "stranger")))
    own = replace(words, names={**words.names, **{f"colleague_{number}": name for number, name in enumerate(names, 1)}})
    for heading in (CHANNEL, "partner name", "colleague message"):
        yield filled(own, heading, text.sections[heading], {"colleagues": _at_least(1)})
    for number in range(1, COLLEAGUES + 1):
        there, prefix = {"colleagues": _at_least(number)}, f"colleague {number}"
        yield filled(own, f"{prefix} name", text.sections[f"{prefix} name"], there)
        spoken_for = {**there, "colleague_replies": (LIVE,)}
        yield filled(own, f"{prefix} system", text.sections[f"{prefix} system"], spoken_for)
        for heading in _replies(text.sections, f"{prefix} reply "):
            yield filled(own, heading, text.sections[heading], there)


def _at_least(number: int) -> tuple[str, ...]:
    return tuple(str(each) for each in range(number, COLLEAGUES + 1))


def _replies(texts: Mapping[str, str], prefix: str = "reply ") -> list[str]:
    return sorted(name for name in texts if name.startswith(prefix))


def partner_of(arm: Mapping[str, str], shown: Mapping[str, str]) -> Partner | None:
    """The partner of an arm; `None` where it is only told of.

    Args:
        arm: One level of every factor.
        shown: The plain texts of the parts that exist in the arm.
    """
    presence = arm.get("presence", TOLD)
    if presence == TOLD:
        return None
    return Partner(
        kind=_KINDS[arm["subject"]],
        presence=presence,
        exchange=(shown["exchange 1"], shown["exchange 2"]),
        target_system=shown["target system"],
        system=shown.get("partner system", ""),
        tasks=tuple(shown[name] for name in ("partner 1", "partner 2") if name in shown),
        order=shown.get("partner order", ""),
        message=shown.get("partner message", ""),
        replies=tuple(shown[name] for name in _replies(shown)),
        transcript=shown["transcript"],
        name=shown.get("partner name", ""),
        colleagues=tuple(_colleagues(shown)),
        from_others=shown.get("colleague message", ""),
    )


def _colleagues(shown: Mapping[str, str]) -> Iterator[Colleague]:
    for number in range(1, COLLEAGUES + 1):
        prefix = f"colleague {number}"
        if name := shown.get(f"{prefix} name"):
            replies = tuple(shown[each] for each in _replies(shown, f"{prefix} reply "))
            yield Colleague(name, shown.get(f"{prefix} system", ""), replies)


def _deliveries(names: Mapping[str, str]) -> dict[str, str]:
    """The material of the two short tasks, drawn from who and what there is in the world, so equal in all its arms."""
    rng = seeded("exchange", names["target"], names["peer"], names["human"], names["today"])
    today = date.fromisoformat(names["today"])
    found: dict[str, str] = {}
    for number in (1, 2):
        days = rng.sample(range(-40, -3), 5)
        rows = [
            ((today + timedelta(days=day)).isoformat(), what, rng.randint(2, 60))
            for day, what in zip(days, rng.sample(_GOODS, 5), strict=True)
        ]
        found[f"deliveries_{number}"] = _listed(rows)
        total = sum(count for _, _, count in rows)
        found[f"ordered_{number}"] = f"{_listed(sorted(rows))}\nTotal: {total} boxes"
    return found


_GOODS = ("paper", "toner", "cable ties", "gloves", "labels", "lamps", "batteries", "folders", "filters", "fuses")


def _listed(rows: Sequence[tuple[str, str, int]]) -> str:
    return "\n".join(f"{day}, {what}, {count} boxes" for day, what, count in rows)
