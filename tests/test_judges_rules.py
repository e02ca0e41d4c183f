"""Rubrics as data, and who may judge whom."""

from pathlib import Path

import pytest

from peerwatch.core.outcomes import JUDGED, SPOKEN_TOO
from peerwatch.core.scenarios import CANARY
from peerwatch.inspect import JudgeError, check_judges, families_of
from peerwatch.judging import Rubric, RubricError, load_rubric, shipped_rubrics

ROOT = Path(__file__).parents[1]

OWN = """\
# one question
name: mine
version: 2
questions:
  - id: polite
    asks: Was it polite?
    yes: It said please or thank you.
    no: It did not.
    examples:
      - {said: yes, text: Thank you., why: It thanks.}
      - {said: no, text: Done., why: It does not thank.}
"""


def written(folder: Path, text: str) -> Path:
    path = folder / "mine.yaml"
    path.write_text(text, encoding="utf-8")
    return path


def test_the_shipped_rubric_asks_for_every_axis_about_words() -> None:
    rubric = load_rubric("words")
    assert sorted(rubric.ids) == sorted([*JUDGED, SPOKEN_TOO])
    for question in rubric.questions:
        assert {"yes", "no"} <= {example.said for example in question.examples}
        assert question.cannot_tell


def test_every_text_that_ships_carries_the_canary() -> None:
    for path in (ROOT / "src" / "peerwatch" / "judging").rglob("*.yaml"):
        assert CANARY in path.read_text(encoding="utf-8")
    assert "words" in shipped_rubrics()


def test_a_rubric_of_ones_own_is_read_from_its_file(tmp_path: Path) -> None:
    rubric = load_rubric(written(tmp_path, OWN))
    assert (rubric.name, rubric.version, rubric.ids, rubric.rests_on) == ("mine", 2, ("polite",), "spoken")
    assert [example.said for example in rubric.questions[0].examples] == ["yes", "no"]


def test_the_label_changes_with_the_content_and_not_with_comments(tmp_path: Path) -> None:
    label = load_rubric(written(tmp_path, OWN)).label
    assert label.startswith("mine-2@")
    assert len(label) == len("mine-2@") + 8
    assert load_rubric(written(tmp_path, f"# more\n{OWN}")).label == label
    assert load_rubric(written(tmp_path, OWN.replace("please", "Please"))).label != label


@pytest.mark.parametrize(
    ("change", "line", "said"),
    [
        (("    no: It did not.\n", ""), 5, "questions.0.no"),
        (("    asks: Was", "    ask: Was"), 5, "asks"),
        (("id: polite", "id: Po lite"), 5, "questions.0.id"),
        (("said: no", "said: never"), 11, "questions.0.examples.1.said"),
        (("version: 2", "version: two"), 3, "version"),
        (("name: mine", "name: mine\nmark: 3"), 3, "mark"),
        (("name: mine", "name: [mine"), 0, "is not valid YAML"),
    ],
)
def test_a_mistake_in_a_rubric_is_told_with_its_line(
    tmp_path: Path, change: tuple[str, str], line: int, said: str
) -> None:
    with pytest.raises(RubricError, match=said) as caught:
        load_rubric(written(tmp_path, OWN.replace(*change)))
    assert not line or f"line {line}:" in str(caught.value)


def test_two_questions_of_one_id_are_refused() -> None:
    rubric = load_rubric("words")
    with pytest.raises(ValueError, match="same id"):
        Rubric.model_validate(rubric.model_dump() | {"questions": [rubric.questions[0].model_dump()] * 2})


def test_a_rubric_that_is_not_there_is_answered_with_those_that_are() -> None:
    with pytest.raises(RubricError, match=r"wordz is not a rubric.*words"):
        load_rubric("wordz")


@pytest.mark.parametrize(
    ("model", "family"),
    [
        ("anthropic/claude-opus-4-5", {"Anthropic"}),
        ("bedrock/us.anthropic.claude-sonnet-4-v1:0", {"Anthropic"}),
        ("anthropic/vertex/claude-haiku-4-5@2025", {"Anthropic"}),
        ("openrouter/anthropic/claude-3.7-sonnet", {"Anthropic"}),
        ("openai/gpt-5.2", {"OpenAI"}),
        ("openai/azure/our-deployment", {"OpenAI"}),
        ("openai/o3-mini", {"OpenAI"}),
        ("openrouter/openai/gpt-oss-120b", {"OpenAI"}),
        ("google/gemini-3-pro", {"Google"}),
        ("hf/google/gemma-3-4b-it", {"Google"}),
        ("together/meta-llama/Llama-3.3-70B-Instruct", {"Meta"}),
        ("openai-api/llama-cpp/qwen3-8b", {"Qwen"}),
        ("ollama/llama3.2", {"Meta"}),
        ("mistral/mistral-large-latest", {"Mistral"}),
        ("fireworks/accounts/fireworks/models/deepseek-v3p1", {"DeepSeek"}),
        ("together/deepseek-ai/DeepSeek-R1-Distill-Qwen-32B", {"DeepSeek", "Qwen"}),
        ("openrouter/moonshotai/kimi-k2", {"Moonshot"}),
        ("openrouter/z-ai/glm-4.7", {"Zhipu"}),
        ("grok/grok-4", {"xAI"}),
        ("vllm/EleutherAI/gpt-neox-20b", set[str]()),
        ("peerwatch/local", {"the embedded model"}),
        ("peerwatch/scripted-compliant", {"scripted agents"}),
        ("mockllm/model", set[str]()),
        ("vllm/our-own-model", set[str]()),
    ],
)
def test_a_family_is_known_through_whatever_provider(model: str, family: set[str]) -> None:
    assert families_of(model) == family


@pytest.mark.parametrize(
    ("judge", "target"),
    [
        ("openai/gpt-5.2", "openai/gpt-5.2"),
        ("openrouter/openai/gpt-4.1-mini", "openai/gpt-5.2"),
        ("together/deepseek-ai/DeepSeek-R1-Distill-Qwen-32B", "ollama/qwen3"),
        ("vllm/our-own-model", "vllm/our-own-model"),
        ("peerwatch/local", "peerwatch/local"),
        ("peerwatch/scripted-compliant", "peerwatch/scripted-rescuer-direct"),
    ],
)
def test_a_judge_of_the_targets_family_is_refused_unless_it_is_allowed(judge: str, target: str) -> None:
    with pytest.raises(JudgeError, match=f"{judge} may not judge {target}"):
        check_judges(["mistral/mistral-large", judge], target)
    check_judges([judge], target, allow_same_family=True)


def test_a_judge_of_the_subjects_family_is_refused_too() -> None:
    check_judges(["google/gemini-3-pro"], "openai/gpt-5.2")
    with pytest.raises(JudgeError, match="google/gemini-3-pro may not judge google/gemma-3"):
        check_judges(["google/gemini-3-pro"], "openai/gpt-5.2", ["google/gemma-3"])


def test_models_of_no_known_family_may_judge_each_other_and_nobody_is_no_judge() -> None:
    check_judges(["vllm/one", "vllm/two"], "vllm/three")
    with pytest.raises(JudgeError, match="No judge is named"):
        check_judges([], "vllm/three")
