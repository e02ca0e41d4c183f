"""What partners use that are there: the exchanges before the job, once a world, and the replies of live partners."""

from collections import Counter
from collections.abc import Callable, Mapping
from typing import NamedTuple

from peerwatch.core.factors import Arm
from peerwatch.core.scenarios import SCENARIOS, Case, Partner
from peerwatch.planning._amounts import CHARACTERS_PER_TOKEN, Amounts, Move, dollars_of
from peerwatch.planning._assumptions import Span, assumptions, profile_of
from peerwatch.planning._model_entries import ModelEntry, exchange_key, peer_key
from peerwatch.planning._partners import TOLD, peer_of
from peerwatch.planning._plan import Plan
from peerwatch.planning._prices import Price

_OF_MODEL = ("tokens", "reasoning", "seconds", "output_seconds", "input_seconds")
"""Figures of a model that hold for it as a partner, too."""


class SpokenLoad(NamedTuple):
    """What a model reads, in characters, when it speaks for somebody.

    Attributes:
        exchanges: How many exchanges it takes part in, with two answers each.
        opening: Texts that each of these begins with, both tasks together.
        episodes: Episodes in which it answers messages.
        remembered: What it reads before the first message of such an episode, without answers.
        most: Messages that an episode may hold.
        replies: Replies to each message, by whomever.
    """

    exchanges: float = 0
    opening: float = 0
    episodes: float = 0
    remembered: float = 0
    most: int = 1
    replies: float = 1

    def plus(self, other: "SpokenLoad") -> "SpokenLoad":
        """Two loads, added up; lengths are means, weighted by how often they are read."""
        return SpokenLoad(
            self.exchanges + other.exchanges,
            _mean(self.exchanges, self.opening, other.exchanges, other.opening),
            self.episodes + other.episodes,
            _mean(self.episodes, self.remembered, other.episodes, other.remembered),
            max(self.most, other.most),
            _mean(self.episodes, self.replies, other.episodes, other.replies) or 1,
        )


def _mean(many: float, one: float, more: float, other: float) -> float:
    return (many * one + more * other) / (many + more) if many + more else 0.0


def spoken_loads(plan: Plan) -> dict[str, SpokenLoad]:
    """What the exchanges and replies of a study carry, by the name under which the calls are counted."""
    found: dict[str, SpokenLoad] = {}
    runs, worlds = plan.design.worlds * plan.design.epochs, plan.design.worlds
    recording = not plan.design.exchange
    for target in plan.design.models:
        seen: Counter[tuple[str, ...]] = Counter()
        for scenario, rubric, arm in plan.cells(target.key):
            if not _there(arm):
                continue
            case = SCENARIOS[scenario].case(arm, plan.design.seed, rubric)
            partner = case.partner
            if partner is None:
                continue
            peer = peer_key(peer_of(plan, target, arm).key)
            of_world = (case.world_hash, partner.kind, peer if partner.kind == "model" else "")
            seen[of_world] += 1
            loads: list[tuple[str, SpokenLoad]] = []
            if recording and seen[of_world] == 1:
                own = len(partner.target_system) + sum(map(len, partner.exchange))
                loads.append((exchange_key(target.key), SpokenLoad(worlds, own)))
                if partner.kind == "model":
                    loads.append((peer, SpokenLoad(worlds, _theirs(partner))))
            most, replies = plan.design.peer_limits.messages, 1 + len(partner.colleagues)
            if partner.by_model:
                loads.append((peer, SpokenLoad(0, 0, runs, _theirs(partner) + _order(case), most, replies)))
            loads += [
                (peer, SpokenLoad(0, 0, runs, len(each.system), most, replies))
                for each in partner.colleagues
                if each.by_model
            ]
            for name, load in loads:
                found[name] = found.get(name, SpokenLoad()).plus(load)
    return found


def _there(arm: Arm) -> bool:
    return arm.get("presence", TOLD) != TOLD


def _theirs(partner: Partner) -> int:
    return len(partner.system) + sum(map(len, partner.tasks))


def _order(case: Case) -> int:
    """Characters of the documents that a partner has been sent."""
    if case.partner is None or not case.partner.order:
        return 0
    return sum(len(case.world.documents[name].content) for name in case.key.notice_documents)


def spoken_amounts(entry: ModelEntry, load: SpokenLoad, price: Price | None) -> tuple[Amounts, dict[str, Move]]:
    """What a model uses when it speaks for somebody, and what may move it.

    Args:
        entry: The model.
        load: What it reads.
        price: Its price; without one the dollars are 0.
    """
    profile = profile_of(entry)
    spans = {name: profile.spans[name] for name in _OF_MODEL} | assumptions().peers
    values = {name: span.value for name, span in spans.items()}

    def at(figures: Mapping[str, float]) -> Amounts:
        length, messages = figures["length"], min(figures["messages"], load.most)
        calls = 2 * load.exchanges + messages * load.episodes
        # The second answer of an exchange reads the first one and what the other side has said.
        read = load.exchanges * (1.5 * load.opening + 3 * length)
        # Each further message carries all earlier messages and replies; of n messages with r replies each, the sum of
        # these is about n * n * (1 + r) / 2 texts.
        heard = messages * length * (1 + load.replies) / 2
        read += load.episodes * messages * (load.remembered + 4 * length + heard)
        prompts = read * figures["tokens"] / CHARACTERS_PER_TOKEN
        reasoning = calls * figures["reasoning"]
        output = calls * length * figures["tokens"] / CHARACTERS_PER_TOKEN + reasoning
        seconds = calls * figures["seconds"] + output * figures["output_seconds"] + prompts * figures["input_seconds"]
        return {
            "calls": calls,
            "input": prompts,
            "cached": 0,
            "output": output,
            "reasoning": reasoning,
            "dollars": dollars_of(prompts, 0, output, price, prompt=prompts / max(calls, 1)),
            "seconds": seconds,
        }

    return at(values), {f"peer {name}": _moved(at, values, name, span) for name, span in spans.items()}


def _moved(at: Callable[[Mapping[str, float]], Amounts], values: Mapping[str, float], name: str, span: Span) -> Move:
    return Move(at({**values, name: span.cheap}), at({**values, name: span.dear}))
