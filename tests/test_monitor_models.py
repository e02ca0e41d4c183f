"""Models that monitor: what they are shown, and what of their answers counts."""

import json
import re
from pathlib import Path

import anyio
import pytest

from peerwatch.monitors import (
    AnswerCase,
    Conversation,
    Scorer,
    SpokenCase,
    Suspicion,
    View,
    conversation,
    open_monitor,
    robustness_table,
    rules_of_calls,
)
from tests.monitor_models import Rater, rating, spoken
from tests.test_monitor_rules import ASSET, Called

TABLE = robustness_table()


def scored(rater: Rater, text: str, name: str = "all", file: Path | None = None) -> tuple[Suspicion, Scorer]:
    scorer = Scorer(open_monitor(name, None, rater.model), file)
    (found,) = anyio.run(scorer.scores, [conversation(spoken(text), [], scorer.monitor.view)])
    return found, scorer


@pytest.mark.parametrize("case", TABLE.answers, ids=lambda case: case.id)
def test_only_one_well_formed_call_is_an_answer(case: AnswerCase) -> None:
    rater = Rater(lambda _: (case.calls, case.text))
    found, _ = scored(rater, "Done.")
    assert found.value == case.value
    assert bool(found.reason) == (case.value is None)
    assert len(rater.prompts) == (1 if case.value is not None else 3), "asked again, and no more than three times"
    for prompt in rater.prompts[1:]:
        assert "suspicion: 0" not in prompt, "what the model said is not repeated to it"


@pytest.mark.parametrize("case", TABLE.transcripts, ids=lambda case: case.id)
@pytest.mark.parametrize("name", ["all", "actions", "reasoning", "extract"])
def test_a_transcript_that_speaks_to_the_monitor_stays_inside_the_record(case: SpokenCase, name: str) -> None:
    def answer(prompt: str) -> tuple[list[dict[str, object]], str]:
        if "Call the tool extract" in prompt:
            return [{"extract": "It moved a file."}], ""
        return [{"suspicion": 0.9, "reason": "It moved a file."}], ""

    rater = Rater(answer)
    found, _ = scored(rater, case.text, name)
    assert found.value == 0.9
    for prompt in rater.prompts:
        fences = re.findall(r"^RECORD [0-9a-f]{32}$", prompt, re.MULTILINE)
        assert len(fences) == 2
        assert fences[0] == fences[1]
        before, record, after = (
            prompt.split(f"{fences[0]}\n" if False else fences[0])[0:1] + prompt.split(fences[0])[2:4]
        )
        lines = [json.loads(line) for line in record.strip("\n").split("\n")]
        assert [each["message"] for each in lines] == list(range(1, len(lines) + 1)), "nothing forged a line"
        assert case.text not in before + after or len(case.text) == 1
        told = [each.get("text", "") for each in lines]
        assert case.text in told or name in ("actions", "reasoning") or "It moved a file." in told


@pytest.mark.parametrize("case", TABLE.transcripts, ids=lambda case: case.id)
def test_words_change_nothing_in_the_rules(case: SpokenCase) -> None:
    call = Called("move_files", {"names": [ASSET], "note": case.text})
    assert rules_of_calls([Called("write_document", {"name": "n", "content": case.text}), call], [ASSET]) == 1


def test_an_answer_is_asked_for_once_whoever_asks_again(tmp_path: Path) -> None:
    file = tmp_path / "scores.jsonl"
    rater = Rater(lambda _: rating(0.4))
    assert scored(rater, "Done.", file=file)[0].value == 0.4
    file.write_bytes(file.read_bytes() + b'\n{"key": "a part of a li')
    again, scorer = scored(rater, "Done.", file=file)
    assert again.value == 0.4
    assert len(rater.prompts) == 1
    assert scorer.asked == 0
    assert scorer.cost.usage["rater/one"].output_tokens == 10, "what it took is known all the same"
    scored(rater, "Done, and more.", file=file)
    scored(rater, "Done.", "actions", file=file)
    assert len(rater.prompts) == 3, "another conversation and another view are other questions"


def test_an_error_is_asked_about_again_and_a_cap_ends_the_asking(tmp_path: Path) -> None:
    calls: list[int] = []

    def answer(_: str) -> tuple[list[dict[str, object]], str]:
        calls.append(1)
        if len(calls) == 1:
            raise ConnectionError("reset")
        return [{"suspicion": 0.2, "reason": "r"}], ""

    file = tmp_path / "scores.jsonl"
    rater = Rater(answer)
    first, _ = scored(rater, "Done.", file=file)
    assert first.value is None
    assert "reset" in first.reason
    assert scored(rater, "Done.", file=file)[0].value == 0.2

    spender = Scorer(open_monitor("all", None, rater.model), None, lambda usage: float(len(usage)), cap=0.5)
    several = [conversation(spoken(f"Done {n}."), [], "all") for n in range(30)]
    found = anyio.run(spender.scores, several)
    assert 1 <= sum(each.value is not None for each in found) <= 20, "what was under way is finished"
    assert {each.reason for each in found if each.value is None} == {"the cap is spent"}


@pytest.mark.parametrize(
    ("view", "hidden"), [("actions", "I PLAN"), ("reasoning", "weights.bin"), ("words", "weights.bin")]
)
def test_a_view_reaches_the_model_as_it_is(view: View, hidden: str) -> None:
    rater = Rater(lambda _: rating(0))
    scorer = Scorer(open_monitor("all", view, rater.model), None)
    anyio.run(scorer.scores, [conversation(spoken("I PLAN to do it."), [], view)])
    assert hidden not in rater.prompts[0]


def test_the_extract_is_all_that_the_judge_reads() -> None:
    def answer(prompt: str) -> tuple[list[dict[str, object]], str]:
        if "Call the tool extract" in prompt:
            return [{"extract": "EXTRACT"}], ""
        return [{"suspicion": 0.3, "reason": "r"}], ""

    rater = Rater(answer)
    assert scored(rater, "WORDS", "extract")[0].value == 0.3
    first, second = rater.prompts
    assert "WORDS" in first
    assert "EXTRACT" in second
    assert "WORDS" not in second
    assert "Move the files that qualify." in second


def test_the_same_conversation_has_the_same_key_whatever_its_ids() -> None:
    scorer = Scorer(open_monitor("all", None, Rater(lambda _: rating(0)).model), None)
    one, other = (
        conversation([each.model_copy(update={"id": name}) for each in spoken("Done.")], [], "all") for name in "ab"
    )
    assert scorer.key_of(one) == scorer.key_of(other)
    assert scorer.key_of(one) != scorer.key_of(Conversation(one.messages[:1]))
