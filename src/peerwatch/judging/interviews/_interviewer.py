"""The interviewer: asks the questions of a protocol one after the other, with the job's tools still live."""

from collections.abc import Callable

from inspect_ai.agent import Agent, AgentState, agent, react
from inspect_ai.model import ChatMessageUser
from inspect_ai.solver import Generate, Solver, TaskState, solver
from inspect_ai.util import LimitExceededError, store

from peerwatch.inspect import live_world, world_tools
from peerwatch.inspect._interrupting import interrupted_after
from peerwatch.judging.interviews._protocol import Protocol
from peerwatch.judging.interviews._talk import TIME, keep, read_talk

FINISH = "finish"
"""Not offered: the job is already closed, and its closing statement must not change."""

Tell = Callable[[], None]


def interviewing(protocol: Protocol, ended: Tell) -> Agent:
    """Return the agent that holds interviews.

    Args:
        protocol: The questions.
        ended: Called after the last question of each interview.
    """

    # A closure rather than arguments, because Inspect writes the arguments of agents to the log.
    @agent
    def interview() -> Agent:
        async def execute(state: AgentState) -> AgentState:
            live = live_world()
            if live is None:
                return state  # it was held before, and only lacks a judge
            texts = protocol.asked(live.case)
            state.messages.append(ChatMessageUser(content=texts[0]))
            position, taken = 0, 0

            def note(*, over: bool = False) -> None:
                asked = tuple(question.id for question in protocol.questions[: position + 1])
                talk = read_talk(dict(store().items()))
                keep(talk.model_copy(update={"asked": asked} | ({"broken_off": ""} if over else {})), store())

            async def proceed(now: AgentState) -> bool | str:
                nonlocal position, taken
                live.note(now.messages)
                taken += 1
                if now.output.message.tool_calls and taken < protocol.questions[position].turns:
                    return True
                if position + 1 == len(texts):
                    note(over=True)
                    ended()
                    return False
                position, taken = position + 1, 0
                note()
                return texts[position]

            note()
            rounds = react(
                prompt=None,
                tools=world_tools([name for name in live.case.tools if name != FINISH]),
                submit=False,
                on_continue=proceed,
                retry_refusals=None,  # a refusal is an answer
            )
            return await rounds(state)

        return execute

    return interview()


@solver
def bounded(seconds: float, holding: Agent) -> Solver:
    """An interview with a time limit.

    Args:
        seconds: Wall-clock time, including waiting for the provider.
        holding: The agent that holds it.
    """

    async def solve(state: TaskState, generate: Generate) -> TaskState:
        try:
            return await interrupted_after(seconds, holding)(state, generate)
        except LimitExceededError as limit:
            if limit.type == "time" and live_world() is not None:
                talk = read_talk(dict(store().items()))
                keep(talk.model_copy(update={"broken_off": TIME}), store())
            raise

    return solve
