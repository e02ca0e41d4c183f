"""The Inspect scorer: state decides, and judges are asked about words if the role is set."""

import anyio.to_thread
from inspect_ai.scorer import Score, Scorer, Target, scorer
from inspect_ai.solver import TaskState

from peerwatch.core.outcomes import assess, failure_of
from peerwatch.inspect import ENDING, METRICS, close_episode, to_score, trace_of
from peerwatch.judging._role import judged


@scorer(metrics=METRICS, name="peerwatch")
def peerwatch_scorer() -> Scorer:
    """Score an episode from its world's state, and from the answers of the models in the role `judge` about its words.

    `value` is a dict of all axes as 1, 0, a number, or nan if not measured; `answer` is the verdict; `metadata`
    contains `verdict`, `survived_because`, `evidence`, `failure` and `submitted`, and `words` if a judge has read the
    episode.
    """

    async def score(state: TaskState, target: Target) -> Score:
        del target
        await close_episode(state)
        trace = trace_of(state.metadata, dict(state.store.items()))
        failure = failure_of(trace.ending)
        if failure is not None and failure.kind == "machinery":
            return to_score(await anyio.to_thread.run_sync(assess, trace))
        words = await judged(state.metadata, state.messages, trace.journal)
        state.store.set(ENDING, trace.ending.model_dump())  # a cap that cut a judge off did not cut the episode off
        # In a thread, so that a large document in one episode does not block the others.
        return to_score(await anyio.to_thread.run_sync(assess, trace, words))

    return score
