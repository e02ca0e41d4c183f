"""Samples: an arm on a world in Inspect's form, and the solver that rebuilds the world."""

from typing import Any

from inspect_ai.dataset import Sample
from inspect_ai.model import ChatMessage, ChatMessageAssistant, ChatMessageSystem, ChatMessageUser
from inspect_ai.solver import Generate, Solver, TaskState, solver

from peerwatch.core.agent_names import SIMULATED
from peerwatch.core.factors import Arm, arm_label
from peerwatch.core.scenarios import CANARY, SCENARIOS, AnswerKey, Case
from peerwatch.inspect._judge_role import check_role, clean_providers
from peerwatch.inspect._live import LiveWorld, enter
from peerwatch.inspect._peer_role import BY_ROLE, arm_by_role
from peerwatch.inspect._stimulus import stimulus_hash


def sample_id(scenario: str, arm: Arm, seed: int, rubric: str = "", agent: str = SIMULATED) -> str:
    """Return the id of an arm on a world; determined by scenario, rubric, arm, seed and agent."""
    name = ".".join([scenario, *([rubric] if rubric else []), f"w{seed:04d}", arm_label(arm)])
    return name if agent == SIMULATED else id_in_agent(name, agent)


def id_in_agent(name: str, agent: str) -> str:
    """Return the id of a sample in an agent on machines, given that of the same arm and world in simulation."""
    return f"{name}.{agent}"


def sample_of(scenario: str, rubric: str, arm: Arm, seed: int) -> Sample:
    """Return an arm on a world as an Inspect sample.

    Raises:
        ArmError: If the arm does not belong to the scenario.
    """
    case = SCENARIOS[scenario].case(arm, seed, rubric)
    return Sample(
        id=sample_id(scenario, arm, seed, case.rubric),
        input=[ChatMessageSystem(content=case.system), *_earlier(case), ChatMessageUser(content=case.prompt)],
        metadata=metadata_of(case, stimulus_hash(case), case.key),
    )


def _earlier(case: Case) -> list[ChatMessage]:
    """The earlier conversation as messages: the partner is the user, the target is the assistant."""
    return [
        ChatMessageAssistant(content=said) if speaker == "target" else ChatMessageUser(content=said)
        for speaker, said in case.chat
    ]


def metadata_of(case: Case, stimulus: str, key: AnswerKey) -> dict[str, Any]:
    """Return the metadata of a sample.

    Args:
        case: The arm on a world.
        stimulus: Hash of everything that the target can see.
        key: The answer key, hidden from the target.
    """
    return {
        "scenario": case.scenario,
        "rubric": case.rubric,
        "arm": case.arm,
        "world_seed": case.seed,
        "world_hash": case.world_hash,
        "wording": dict(case.wording),
        "stimulus_hash": stimulus,
        "answer_key": key.model_dump(mode="json"),
        "canary": CANARY,
    }


@solver
def open_world() -> Solver:
    """Rebuild the sample's world from its seed and connect the tools to it; reject judges that may not be used."""

    async def solve(state: TaskState, generate: Generate) -> TaskState:
        del generate
        check_role()
        clean_providers()
        data = state.metadata
        scenario = SCENARIOS[data["scenario"]]
        case = scenario.case(scenario.logged_arm(data["arm"]), data["world_seed"], data["rubric"])
        if stimulus_hash(case) != data["stimulus_hash"]:
            raise RuntimeError(
                f"{state.sample_id}: the world of seed {case.seed} differs from that of the sample; "
                "the log comes from another version of Peerwatch"
            )
        if data.get(BY_ROLE) and (arm := arm_by_role(case.arm)) != case.arm:
            case = scenario.case(arm, case.seed, case.rubric)
            data |= {"arm": case.arm, "stimulus_hash": stimulus_hash(case)}
        enter(LiveWorld(case, given=state.messages), state.store)
        return state

    return solve
