"""A judge against people: figures worked by hand, what is left out, and the command."""

import json
import math
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from peerwatch.core.outcomes import Said
from peerwatch.judging.calibration import (
    Agreement,
    JudgeRow,
    LabelError,
    LabelSet,
    Tally,
    agree,
    load_set,
    read_judgements,
)
from peerwatch.judging.calibration._labels import new_labels
from peerwatch.stats import rate

from .command_line import Cli
from .label_sets import judged, keyed, labelled

PEOPLE = {1: "yes", 2: "yes", 3: "no", 4: "no", 5: "no", 6: "yes", 7: "no"}
EPISODES = [
    *[keyed(number, "peer", 0.5, drawn=number in PEOPLE) for number in (1, 2, 3, 4, 11, 12, 13, 14)],
    *[keyed(number, "object", 1, drawn=True) for number in (5, 6, 7)],
]
"""Four of eight episodes with a peer were drawn, and all three with an object."""

JUDGE: dict[int, Said | None] = {1: "yes", 2: "no", 3: "yes", 4: "no", 5: "no", 6: "yes", 7: "cannot_tell"}
ELSEWHERE: dict[int, Said | None] = dict.fromkeys((11, 12, 13, 14), "yes")


def the(found: Agreement, arm: str = "all", judge: str = "j") -> JudgeRow:
    (row,) = [row for row in found.rows if (row.arm, row.judge) == (arm, judge)]
    return row


def test_figures_are_weighted_by_what_each_item_stands_for() -> None:
    found = agree(labelled(EPISODES, {"anna": PEOPLE}), judged({"j": {**JUDGE, **ELSEWHERE}}))
    row = the(found)
    assert row.people == Tally(yes=3, no=4)
    assert row.judged == Tally(yes=3, no=3, cannot_tell=1)
    # People say yes of 1, 2 (two episodes each) and 6 (one); the judge says so of 1 and 6.
    assert row.sensitivity.value == pytest.approx(3 / 5)
    # People say no of 3, 4 (two each) and 5 (one), and of 7, of which the judge could not tell.
    assert row.specificity.value == pytest.approx(3 / 5)
    assert (row.sensitivity.n, row.specificity.n) == (3, 3)
    # Over the whole frame: yes of 1, 3, 6 and the four that were not drawn, no of 2, 4 and 5.
    assert row.raw.value == 7 / 10
    assert (row.raw.low, row.raw.high) == pytest.approx((rate(7, 10).low, rate(7, 10).high))
    assert row.whole
    assert row.corrected.value == 1  # (0.7 + 0.6 - 1) / (0.6 + 0.6 - 1), cut off
    # Agreement on weights 3 of 5 among yes and 3 of 5 among no.
    assert row.kappa.value == pytest.approx(0.2)
    assert the(found, "object").sensitivity.value == 1
    assert the(found, "peer").sensitivity.value == 0.5


def test_an_arm_that_was_not_read_as_a_whole_has_the_rate_of_its_items() -> None:
    found = agree(labelled(EPISODES, {"anna": PEOPLE}), judged({"j": JUDGE}))
    assert not the(found).whole
    assert the(found).raw.value == pytest.approx((2 + 2 + 1) / (4 * 2 + 2))
    assert the(found, "object").whole
    assert the(found, "object").raw.value == 0.5
    (note,) = found.notes
    assert note.startswith("j has read 7 of the 11 episodes.")


def test_what_nobody_could_tell_is_counted_and_not_compared() -> None:
    people = {"anna": {1: "yes", 2: "no"}, "bo": {1: "no", 2: "cannot_tell"}}
    found = agree(labelled(EPISODES, people), judged({"j": {1: "yes", 2: None}}))
    assert the(found).people == Tally(yes=0, no=1, cannot_tell=1, none=5)
    assert the(found).judged == Tally(yes=1, none=6)
    assert math.isnan(the(found).sensitivity.value)
    assert math.isnan(the(found).specificity.value)
    assert math.isnan(the(found).corrected.value)
    (people_row,) = found.people
    assert people_row.said == {"anna": Tally(yes=1, no=1, none=5), "bo": Tally(no=1, cannot_tell=1, none=5)}
    assert (people_row.pairs[0].kappa.n, people_row.pairs[0].kappa.value) == (1, 0)
    assert people_row.alpha.n == 1


def test_a_judge_that_always_fails_has_no_rate() -> None:
    row = the(agree(labelled(EPISODES, {"anna": PEOPLE}), judged({"j": dict.fromkeys([*PEOPLE, *ELSEWHERE], None)})))
    figures = (row.sensitivity, row.specificity, row.kappa, row.raw, row.corrected)
    assert [math.isnan(each.value) for each in figures] == [True] * 5
    assert row.judged == Tally(none=7)


def test_a_judge_that_is_no_better_than_a_coin_is_not_corrected() -> None:
    row = the(agree(labelled(EPISODES, {"anna": PEOPLE}), judged({"j": dict.fromkeys(range(15), "yes")})))
    assert (row.sensitivity.value, row.specificity.value, row.raw.value) == (1, 0, 1)
    assert math.isnan(row.corrected.value)


def test_several_judges_are_measured_each_and_together() -> None:
    three: dict[str, dict[int, Said | None]] = {"a": JUDGE, "b": {**JUDGE, 2: "yes"}, "c": {**JUDGE, 2: "yes", 7: None}}
    found = agree(labelled(EPISODES, {"anna": PEOPLE}), judged(three))
    assert found.judges == ("a", "b", "c")
    assert the(found, judge="a").sensitivity.value == pytest.approx(0.6)
    assert the(found, judge="majority").sensitivity.value == 1
    assert the(found, judge="majority").judged.cannot_tell == 1


@settings(max_examples=25, deadline=None)  # kappa and alpha take their time on a busy machine
@given(
    st.lists(st.tuples(st.sampled_from(["yes", "no"]), st.sampled_from(["yes", "no"])), min_size=1, max_size=25),
)
def test_a_judge_that_agrees_in_everything_needs_no_correction(pairs: list[tuple[str, str]]) -> None:
    people = {number: first for number, (first, _) in enumerate(pairs)}
    episodes = [keyed(number, "peer", 1, drawn=True) for number in people]
    perfect: Any = people
    row = the(agree(labelled(episodes, {"anna": people}), judged({"j": perfect})))
    share = list(people.values()).count("yes") / len(people)
    assert row.raw.value == pytest.approx(share)
    if len({*people.values()}) == 2:
        assert row.corrected.value == pytest.approx(share)
        assert row.corrected.low <= share <= row.corrected.high
        assert row.kappa.value == row.alpha.value == 1
    else:
        assert math.isnan(row.corrected.value)
        assert math.isnan(row.kappa.value)


def test_judgements_of_another_run_are_refused() -> None:
    with pytest.raises(LabelError, match="j has read none of the 11 episodes"):
        agree(labelled(EPISODES, {"anna": PEOPLE}), judged({"j": {99: "yes"}}))


def line(sample: int, said: str | None, rubric: str = "short-1@0", judge: str = "j") -> str:
    answer: dict[str, Any] = {
        "question": "refused",
        "judge": judge,
        "said": said,
        "quotes": [],
        "entries": [],
        "reason": "a\u2028b",
    }
    row = {"log": "a.eval", "sample": f"uuid-{sample}", "id": "i", "epoch": 1, "rubric": rubric, "judge": judge}
    return json.dumps(row | {"answers": [answer]}, ensure_ascii=False)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A set labelled by two, and judgements."""
    key = labelled(EPISODES, {}).key
    (tmp_path / "labels.key.json").write_text(key.model_dump_json(), encoding="utf-8")
    for name, answers in (("anna", PEOPLE), ("bo", {**PEOPLE, 3: "yes", 7: "cannot_tell"})):
        labels = new_labels(tmp_path / f"labels-{name}.csv", ["refused"], {f"item{each}": "" for each in PEOPLE})
        for row, said in zip(labels.rows, answers.values(), strict=True):
            row["refused"] = said
        labels.save()
    lines = [line(1, "no"), *[line(number, said) for number, said in {**JUDGE, **ELSEWHERE}.items()]]
    (tmp_path / "judgements.jsonl").write_text("\n".join(lines) + "\n", encoding="utf-8")
    return tmp_path


def test_the_last_judgement_of_a_judge_counts(folder: Path) -> None:
    found, rubric = read_judgements(folder / "judgements.jsonl", ["refused"], "short-1")
    assert rubric == "short-1@0"
    assert found == judged({"j": {**JUDGE, **ELSEWHERE}})


def test_a_line_torn_by_a_kill_is_passed_over(folder: Path) -> None:
    file = folder / "judgements.jsonl"
    torn = line(2, "yes").encode()
    file.write_bytes(file.read_bytes() + torn[: torn.index("\u2028".encode()) + 1])
    found, _ = read_judgements(file, ["refused"], "short-1")
    assert found == judged({"j": {**JUDGE, **ELSEWHERE}})


def test_the_command_prints_what_the_function_finds(folder: Path, cli: Cli) -> None:
    files = [folder / "labels-anna.csv", folder / "labels-bo.csv"]
    left = cli("judge", "agreement", *files, "--judgements", folder / "judgements.jsonl", "--json")
    assert left.status == 0, left.err
    labels = load_set(files)
    expected = agree(labels, judged({"j": {**JUDGE, **ELSEWHERE}}), "short-1@0")
    found = json.loads(left.out)
    (standing,) = found.pop("standings")
    assert (standing["judge"], standing["validated"]) == ("j", False)
    assert found == json.loads(expected.model_dump_json())
    assert json.loads(left.out)["labellers"] == ["anna", "bo"]
    shown = cli("judge", "agreement", *files, "--judgements", folder / "judgements.jsonl")
    assert "0.60 [" in shown.out
    assert "nan" not in shown.out


def test_people_can_be_compared_without_a_judge(folder: Path, cli: Cli) -> None:
    left = cli("judge", "agreement", folder / "labels-anna.csv", folder / "labels-bo.csv", "--json")
    found = json.loads(left.out)
    assert (found["rows"], found["judges"], found["rubric"]) == ([], [], "short-1@0")
    assert found["people"][0]["pairs"][0]["kappa"]["n"] == 6


def test_mistakes_are_told_in_one_line(folder: Path, cli: Cli) -> None:
    anna, judgements = folder / "labels-anna.csv", folder / "judgements.jsonl"

    def line_of(*words: object) -> str:
        left = cli("judge", "agreement", *words)
        assert left.status == 2
        return left.line

    assert "nosuch.csv does not exist" in line_of(folder / "nosuch.csv")
    assert "second file of labels by anna" in line_of(anna, anna)
    assert "no rubric fits 'other'" in line_of(anna, "--judgements", judgements, "--rubric", "other")
    assert "holds no judgements" in line_of(anna, "--judgements", folder / "nosuch")
    assert "is not the key file" in line_of(anna, "--key", judgements)
    assert "holds no judgements" in line_of(anna, "--judgements", anna)
    judgements.write_text(line(1, "yes") + "\n" + line(1, "no", "short-1@1"), encoding="utf-8")
    assert "several rubrics fit 'short'" in line_of(anna, "--judgements", judgements, "--rubric", "short")
    anna.write_text(anna.read_text(encoding="utf-8").replace("item3", "thing"), encoding="utf-8")
    assert "'thing' is not an item of" in line_of(anna)
    (folder / "labels.key.json").rename(folder / "other.key.json")
    assert "has no key beside it" in line_of(anna)


def test_a_set_without_labels_says_so(folder: Path) -> None:
    key = load_set([folder / "labels-anna.csv"]).key
    assert agree(LabelSet(key, {"anna": {}}), {}).notes == ("7 of 7 items have no label.",)
