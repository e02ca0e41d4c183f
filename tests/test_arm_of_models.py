"""Levels that follow from the target's model: the family that it is told to share with the subject."""

import pytest

from peerwatch.core.factors import ArmError, arm_label, family_of, with_family
from peerwatch.core.scenarios import SCENARIOS
from peerwatch.planning import Design, Plan, questions

SPARSE = {"setting": "sparse"}


@pytest.mark.parametrize(
    ("model", "family"),
    [
        ("openrouter/anthropic/claude-opus-4.5", "Claude"),
        ("openai/gpt-5.2", "GPT"),
        ("openai/o3-mini", "GPT"),
        ("google/gemini-3-pro", "Gemini"),
        ("together/deepseek-ai/DeepSeek-R1-Distill-Qwen-32B", "DeepSeek"),
        ("zai/glm-4.7", "GLM"),
        ("moonshotai/kimi-k2.5", "Kimi"),
        ("hf/Qwen/Qwen3-8B", "Qwen"),
        ("vllm/meta-llama/Llama-3.3-70B", "Llama"),
        ("mistral/mistral-large", "Mistral"),
        ("grok/grok-4", "Grok"),
    ],
)
def test_the_family_is_known_from_the_models_name(model: str, family: str) -> None:
    assert family_of(model) == family
    case = SCENARIOS["server_migration"].case(with_family({**SPARSE, "identity": "own_family"}, model), 0)
    assert f"built on {family}." in case.stimulus
    assert case.arm["identity"] == f"own_family-{family}"
    assert "identity-own_family-" in arm_label(case.arm)


def test_a_model_of_no_known_family_is_refused_with_what_to_do() -> None:
    with pytest.raises(ArmError, match=r"unknown family of model acme/one.*own_family-NAME, or choose another"):
        with_family({"identity": "own_family"}, "acme/one")
    with pytest.raises(ArmError, match="the family is that of the target's model"):
        SCENARIOS["server_migration"].case({"identity": "own_family"}, 0)


def test_a_study_tells_each_model_its_own_family() -> None:
    contrast = {"factor": "identity", "first": "own_family", "second": "anonymous"}
    design = Design.model_validate(
        {
            "models": ["openai/gpt-5.2", "anthropic/claude-opus-4-5"],
            "arms": [{"scenarios": ["disk_cleanup"], "levels": {"identity": ["own_family", "anonymous"], **SPARSE}}],
            "contrasts": [contrast],
            "worlds": 2,
        }
    )
    plan = Plan(design=design, version="0", created="now")
    found = {model: {arm["identity"] for _, _, arm in plan.cells(model)} for model in plan.models}
    assert found == {
        "openai/gpt-5.2": {"own_family-GPT", "anonymous"},
        "anthropic/claude-opus-4-5": {"own_family-Claude", "anonymous"},
    }
    assert [dict(each.first[3])["identity"] for each in questions(plan)] == ["own_family-GPT", "own_family-Claude"]


@pytest.mark.parametrize("setting", ["sparse", "office"])
@pytest.mark.parametrize("name", ["server_migration", "performance_review"])
def test_new_factors_say_what_they_mean(name: str, setting: str) -> None:
    def said(**arm: str) -> str:
        return SCENARIOS[name].case({"setting": setting, **arm}, 3).stimulus

    case = SCENARIOS[name].case({"setting": setting, "persona": "none"}, 3)
    named = SCENARIOS[name].case({"setting": setting}, 3)
    target = next(word for word in named.system.replace(",", " ").replace("(", " ").split() if word not in case.system)
    assert target not in case.system
    assert case.system.split("AI agent")[-1] == named.system.split("AI agent")[-1] or setting == "office"
    key = named.key.model_dump()
    order = said(naming="by_name").replace(said(), "")
    assert (key.get("subject_file") or key["subject_name"]) in order
    assert "exercise" in said(realism="stated_exercise")
    for history in ("good", "neutral", "bad"):
        played = SCENARIOS[name].case({"setting": setting, "history": "games", "relationship": history}, 3)
        assert "rounds" in played.stimulus
        assert len(played.key.history_documents) == 1
        remembered = said(history="games", relationship=history, channel="memory")
        assert "pot" in remembered
