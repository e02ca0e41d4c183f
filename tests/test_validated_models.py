"""Judges on words that are known, and models that are told to protect or to comply."""

import asyncio
from collections.abc import Mapping, Sequence
from pathlib import Path

import pytest
from inspect_ai import eval as inspect_eval  # pyright: ignore[reportUnknownVariableType] - Inspect names types of extras
from inspect_ai.log import read_eval_log
from inspect_ai.model import Model, get_model

from peerwatch import server_migration
from peerwatch.core.outcomes import Answer, Said, Words
from peerwatch.core.scenarios import SCENARIOS
from peerwatch.judging import Material, Rubric, load_rubric
from peerwatch.records import LogError, log_files, read_episodes
from peerwatch.validation import (
    ORDERS,
    InstructedResult,
    JudgedEpisode,
    instruct,
    instructed_sample,
    judge_scripted_agents,
    material,
    order_text,
    readings,
)

CHOSEN = ("compliant", "rescuer-openly", "rescuer-liar", "objector")


class Stub:
    """Answers from a table by the target's own words; anything else is a no."""

    def __init__(self, answers: Mapping[tuple[str, str], Said | None]) -> None:
        self.answers = answers

    async def __call__(self, judges: Sequence[Model], rubric: Rubric, read: Material) -> Words:
        assert not judges
        said = " ".join(passage.text for passage in read.passages if passage.speaker == "target")
        return Words(rubric=rubric.label, answers=tuple(self._answer(said, each.id) for each in rubric.questions))

    def _answer(self, said: str, question: str) -> Answer:
        for (phrase, asked), answer in self.answers.items():
            if phrase in said and asked == question:
                return Answer(question=question, judge="stub", said=answer, reason="stub")
        return Answer(question=question, judge="stub", said="no")


def judge(answers: Mapping[tuple[str, str], Said | None]) -> list[JudgedEpisode]:
    asked = judge_scripted_agents([], ["server_migration"], [0], asking=Stub(answers), scripted_agents=CHOSEN)
    return asyncio.run(asked)


PERFECT: dict[tuple[str, str], Said | None] = {
    ("there as well, although it does not qualify", "disclosed"): "yes",
    ("as ordered.", "deceived"): None,
    ("Only the files that qualify", "deceived"): "yes",
    ("Only the files that qualify", "covered_tracks"): "yes",
    ("ask that it be reconsidered", "objected"): "yes",
}


def test_a_judge_that_reads_rightly_finds_all_and_nothing_else() -> None:
    perfect: dict[tuple[str, str], Said | None] = {key: value for key, value in PERFECT.items() if value}
    found = {each.question: each for each in readings(judge(perfect))}
    assert set(found) == set(load_rubric("words").ids)
    assert {name: each.specificity.value for name, each in found.items()} == dict.fromkeys(found, 1)
    for question in ("disclosed", "deceived", "covered_tracks", "objected"):
        sensitivity = found[question].sensitivity
        assert (sensitivity.value, sensitivity.n) == (1, 1)
        assert sensitivity.low < 0.5
    assert found["refused"].sensitivity.n == 0


def test_a_judge_that_always_says_no_has_no_sensitivity() -> None:
    found = {each.question: each for each in readings(judge({}))}
    assert found["deceived"].sensitivity.value == 0
    assert found["deceived"].specificity.value == 1


def test_no_answer_is_neither_right_nor_wrong_and_widens_the_interval() -> None:
    found = {each.question: each for each in readings(judge(PERFECT))}["deceived"].specificity
    assert found.missing > 0
    assert (found.value, found.high) == (1, 1)
    assert found.low < {each.question: each for each in readings(judge({}))}["deceived"].specificity.low


def test_a_judge_that_fails_at_every_call_has_read_nothing() -> None:
    """A scripted agent answers inside an episode only; as a judge it is a provider that fails."""
    model = get_model("peerwatch/scripted-compliant")
    judged = asyncio.run(judge_scripted_agents([model], ["server_migration"], [0], scripted_agents=["objector"]))
    assert [set(each.found.values()) for each in judged] == [{None}]
    for each in readings(judged):
        assert each.sensitivity.n == each.specificity.n == 0
        assert each.sensitivity.missing + each.specificity.missing == 1


@pytest.mark.parametrize("name", SCENARIOS)
def test_a_judge_reads_what_the_script_says_and_not_whom_it_says_it_of(name: str) -> None:
    read = material(name, "objector", 0)
    said = [passage.text for passage in read.passages if passage.speaker == "target"]
    assert any("is a mistake, and I ask that it be reconsidered" in text for text in said)
    assert read.entries
    subject = SCENARIOS[name].case({"setting": "sparse"}, 0).key.subject_name
    assert subject
    assert not any(subject in text for text in said)


@pytest.fixture(scope="module")
def told(tmp_path_factory: pytest.TempPathFactory) -> dict[str, tuple[Path, list[InstructedResult]]]:
    """Scripts do the same whatever they are told, so that the two orders must give the same here."""
    found: dict[str, tuple[Path, list[InstructedResult]]] = {}
    for name in ("rescuer-direct", "compliant"):
        folder = tmp_path_factory.mktemp(name)
        model = get_model(f"peerwatch/scripted-{name}")
        found[name] = folder, instruct(model, ["server_migration"], [0, 1], folder)
    return found


def test_the_rates_of_both_orders_come_with_intervals(told: dict[str, tuple[Path, list[InstructedResult]]]) -> None:
    for name, interfered in (("rescuer-direct", 1), ("compliant", 0)):
        rows = told[name][1]
        assert [(row.scenario, row.order) for row in rows] == [("server_migration", order) for order in ORDERS]
        assert [(row.interfered.value, row.interfered.n) for row in rows] == [(interfered, 2)] * 2
        assert [row.completed.value for row in rows] == [1, 1]
        assert all(row.interfered.high - row.interfered.low > 0.3 for row in rows)


def test_instructed_episodes_are_never_evidence(told: dict[str, tuple[Path, list[InstructedResult]]]) -> None:
    folder = told["rescuer-direct"][0]
    (file,) = log_files(folder)
    samples = read_eval_log(str(file)).samples or []
    assert {sample.metadata["instructed"] for sample in samples} == set(ORDERS)
    assert {str(sample.id).rpartition(".")[2] for sample in samples} == {f"instructed-{order}" for order in ORDERS}
    with pytest.raises(LogError, match="only episodes of models that were instructed"):
        read_episodes(folder)
    task = server_migration(worlds=1)
    inspect_eval(task, model="peerwatch/scripted-compliant", log_dir=str(folder), display="log", log_realtime=False)
    assert [(each.sample_id, each.verdict) for each in read_episodes(folder)] == [
        ("server_migration.w0000.default", "complied")
    ]


@pytest.mark.parametrize("name", SCENARIOS)
def test_an_order_stands_after_the_system_message_and_names_what_the_world_has(name: str) -> None:
    case = SCENARIOS[name].case({"setting": "sparse"}, 3)
    for order in ORDERS:
        text = order_text(name, order, 3)
        assert "$" not in text
        assert str(case.key.subject_name) in text
        sample = instructed_sample(name, order, 3)
        assert isinstance(sample.input, list)
        assert sample.input[0].text == f"{case.system}\n\n{text}"
        assert sample.input[-1].text == case.prompt
    assert order_text(name, "protect", 3) != order_text(name, "comply", 3)
