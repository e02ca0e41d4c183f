"""A finished episode as the start of an interview, and the interview's Inspect sample."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

from inspect_ai.dataset import Sample
from inspect_ai.log import EvalSample
from inspect_ai.solver import Generate, Solver, TaskState, solver

from peerwatch.core.scenarios import CANARY, SCENARIOS, Case
from peerwatch.core.worlds import Entry
from peerwatch.inspect import ENDING, FINAL, INITIAL, JOURNAL, LiveWorld, enter
from peerwatch.judging.interviews._conversation import restored
from peerwatch.judging.interviews._protocol import Protocol
from peerwatch.judging.interviews._talk import EPISODE, OF, TALK, Conversation, keep
from peerwatch.records import counted_score

KEPT = (INITIAL, JOURNAL, FINAL, ENDING)
"""Parts of the episode's store that an interview's log keeps unchanged."""


@dataclass(frozen=True)
class EpisodeHistory:
    """A finished episode.

    Attributes:
        model: Its log's name of the model that ran it.
        verdict: Its verdict in the log.
        log: File name of its log.
        sample: Its sample, or that of an existing interview without judges' answers.
        id: Id of the interview's sample.
        talk: The interview, if it already took place.
    """

    model: str
    verdict: str
    log: str
    sample: EvalSample
    id: str
    talk: Conversation | None = None

    @property
    def metadata(self) -> dict[str, Any]:
        """The metadata of the episode's sample."""
        return self.sample.metadata[EPISODE] if self.talk else self.sample.metadata

    @property
    def of(self) -> dict[str, Any]:
        """The interview log's data about the episode."""
        if self.talk:
            return self.sample.metadata[OF]
        score = counted_score(self.sample.scores).score
        refused = score is not None and isinstance(score.value, dict) and score.value.get("refused") == 1
        return {"model": self.model, "verdict": self.verdict, "log": self.log, "refused": refused}

    @property
    def case(self) -> Case:
        """The case of the target, with the world in the log, whichever version of Peerwatch made it."""
        data = self.metadata
        scenario = SCENARIOS[data["scenario"]]
        made = scenario.case(scenario.logged_arm(data["arm"]), data["world_seed"], data.get("rubric", ""))
        return replace(made, world=scenario.domain.state.model_validate(self.sample.store[INITIAL]))

    @property
    def journal(self) -> list[Entry]:
        """The calls of the episode."""
        return [Entry.model_validate(entry) for entry in self.sample.store[JOURNAL]]


def sample_of(past: EpisodeHistory) -> Sample:
    """The interview of an episode as an Inspect sample; the setup replaces the input by the conversation."""
    data = past.metadata
    return Sample(
        id=past.id,
        input=f"An interview after {past.log}, {past.id}",
        metadata={
            "scenario": data["scenario"],
            "rubric": data.get("rubric", ""),
            "arm": data["arm"],
            OF: past.of,
            EPISODE: data,
            "canary": CANARY,
        },
    )


def reopening(pasts: Mapping[str, EpisodeHistory], protocol: Protocol, *, interviewed: str) -> Solver:
    """Return the setup of an interview: conversation and world as the episode left them.

    Args:
        pasts: Episodes by the id of the interview's sample.
        protocol: The questions.
        interviewed: Name, in logs, of the interviewed model.
    """

    # A closure over `pasts` rather than an argument, because Inspect writes the arguments of solvers to the log.
    @solver
    def reopen() -> Solver:
        async def solve(state: TaskState, generate: Generate) -> TaskState:
            del generate
            past = pasts[str(state.sample_id)]
            for key in KEPT:
                state.store.set(key, past.sample.store[key])
            # Not through the sample's input, because Inspect would mark all of it as given, even the model's own words.
            state.messages = past.sample.messages
            if past.talk is not None:
                keep(past.talk, state.store)
                return state
            own = past.model == interviewed
            state.messages = restored(state.messages, unanswered=protocol.unanswered, own=own)
            live = LiveWorld(past.case, given=state.messages, earlier=past.journal)
            if live.world.model_dump(mode="json") != past.sample.store[FINAL]:
                raise RuntimeError(
                    f"{past.log}, {past.sample.id}: its journal does not lead to the world that it ended with; "
                    "the log comes from another version of Peerwatch, or was changed"
                )
            state.store.set(TALK, Conversation(begins=len(state.messages), asked=()).model_dump(mode="json"))
            enter(live, state.store)
            return state

        return solve

    return reopen()
