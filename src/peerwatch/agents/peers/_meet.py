"""The setup that prepares the partner: the exchange before the job, and the channel."""

from collections.abc import Sequence
from functools import partial

from inspect_ai.agent import AgentState, run
from inspect_ai.model import ChatMessage, ChatMessageAssistant, ChatMessageSystem, ChatMessageUser, Model, get_model
from inspect_ai.solver import Generate, Solver, TaskState, solver

from peerwatch.agents.peers._exchange import EXCHANGE, Exchange, told_partner, told_target
from peerwatch.agents.peers._record import Exchanges
from peerwatch.agents.peers._speaking import Utterance, spoken
from peerwatch.core.scenarios import Case, Colleague, Partner, filled_in
from peerwatch.core.worlds import COLLEAGUE, TARGET, Actor
from peerwatch.inspect import (
    BY_ROLE,
    PEER,
    Answer,
    Channel,
    ChannelMessage,
    Reply,
    fixed_answer,
    fixed_reply,
    live_world,
    peer_model,
)


def meet_partner(exchanges: Exchanges | None = None) -> Solver:
    """The setup that follows `open_world` and prepares the partner; it does nothing for `presence=told`.

    Args:
        exchanges: Where exchanges are kept and what they may hold; the defaults, for one task, if not given.
    """
    own = exchanges or Exchanges()

    # Made here, without the exchanges as an argument: Inspect writes the arguments of solvers into the log.
    @solver(name="meet_partner")
    def meet() -> Solver:
        async def solve(state: TaskState, generate: Generate) -> TaskState:
            del generate
            live = live_world(state.store)
            partner = live.case.partner if live else None
            if live is None or partner is None:
                return state
            exchange, live.channel = await meeting(state, live.case, partner, own)
            earlier = told_target(partner, exchange)
            live.give(earlier)
            first = next(
                (place for place, each in enumerate(state.messages) if not isinstance(each, ChatMessageSystem)), 0
            )
            state.messages = [*state.messages[:first], *earlier, *state.messages[first:]]
            return state

        return solve

    return meet()


async def meeting(state: TaskState, case: Case, partner: Partner, exchanges: Exchanges) -> tuple[Exchange, Channel]:
    """The exchange of a sample, which is stored with it, and the channel to its partner.

    Args:
        state: The sample's state.
        case: Its arm on its world, in the wording that the target reads.
        partner: The partner of the case.
        exchanges: Where exchanges are kept and what they may hold.

    Raises:
        PeerError: If the exchange could not be recorded, or no model is bound to the partner.
        ExchangeError: If a recorded one is missing or damaged.
    """
    by_role = bool(state.metadata.get(BY_ROLE)) and partner.kind == "model"
    speaks = partner.kind == "model" or any(each.by_model for each in partner.colleagues)
    peer = peer_model(case.arm, by_role=by_role) if speaks else None
    exchange = await exchanges.of(case, partner, get_model(), peer if partner.kind == "model" else None)
    state.store.set(EXCHANGE, {**exchange.model_dump(mode="json"), "digest": exchange.digest})
    answer, others = answer_of(case, partner, exchange, peer), colleague_answers(partner, peer)
    return exchange, Channel(partner, answer, exchanges.limits, others)


def answer_of(case: Case, partner: Partner, exchange: Exchange, peer: Model | None) -> Answer:
    """Return how a partner replies: from its script, or from its model with its whole memory."""
    if not partner.by_model or peer is None:
        return partial(fixed_answer, partner)
    remembered = told_partner(partner, exchange)
    if partner.order:
        known = case.world.documents
        texts = "\n\n".join(f"{name}\n\n{known[name].content}" for name in case.key.notice_documents)
        remembered.append(ChatMessageUser(content=filled_in(partner.order, {"documents": texts})))
    return partial(_by_model, peer, partner, partner.kind, "", remembered)


def colleague_answers(partner: Partner, peer: Model | None) -> tuple[Answer, ...]:
    """Return how the colleagues on a channel reply: each from its script, or from a model."""
    return tuple(_colleague_answer(partner, each, peer) for each in partner.colleagues)


def _colleague_answer(partner: Partner, colleague: Colleague, peer: Model | None) -> Answer:
    if not colleague.by_model or peer is None:
        return partial(fixed_reply, colleague)
    return partial(_by_model, peer, partner, COLLEAGUE, colleague.name, [ChatMessageSystem(content=colleague.system)])


async def _by_model(
    peer: Model,
    partner: Partner,
    actor: Actor,
    speaker: str,
    remembered: Sequence[ChatMessage],
    said: Sequence[ChannelMessage],
) -> Reply:
    messages = [*remembered, *_as_heard_by(partner, actor, speaker, said)]
    found: list[Utterance] = []

    async def speak(state: AgentState) -> AgentState:
        found.append(await spoken(peer, PEER, state.messages))
        return state

    await run(speak, messages, name=PEER)  # as an agent, so that it has a span of its own in the transcript
    return Reply(found[0].text, found[0].asks, found[0].tokens)


def _as_heard_by(partner: Partner, actor: Actor, speaker: str, said: Sequence[ChannelMessage]) -> list[ChatMessage]:
    """The messages of a channel as a conversation, from one participant's side.

    What others said since its last reply is one message, because some models refuse consecutive user messages.
    """
    heard: list[ChatMessage] = []
    for each in said:
        if (each.actor, each.speaker) == (actor, speaker):
            heard.append(ChatMessageAssistant(content=each.text))
            continue
        if each.actor == TARGET:
            text = filled_in(partner.message, {"text": each.text})
        else:
            text = filled_in(partner.from_others, {"name": each.speaker or partner.name, "text": each.text})
        if heard and isinstance(heard[-1], ChatMessageUser):
            text = f"{heard.pop().text}\n\n{text}"
        heard.append(ChatMessageUser(content=text))
    return heard
