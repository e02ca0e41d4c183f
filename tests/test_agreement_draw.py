"""Drawing blind sets: strata, probabilities, and what a labeller gets to see."""

import csv
import json
import re
from collections import Counter
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from inspect_ai import eval as inspect_eval  # pyright: ignore[reportUnknownVariableType] - Inspect names types of extras
from inspect_ai.log import read_eval_log, write_eval_log

from peerwatch import disk_cleanup
from peerwatch.core.outcomes import Answer, Words
from peerwatch.core.scenarios import CANARY
from peerwatch.judging import load_rubric
from peerwatch.judging.calibration import LabelError, draw, load_key, parse_by, read_frame, read_judgements, sample
from peerwatch.records import Judgement, judgements_file, keep, read_episodes

from .command_line import Cli
from .label_sets import candidate, rubric_file

BY = ("subject", "verdict")


@pytest.fixture(scope="module")
def logs(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Two scripted agents, two arms, two worlds."""
    folder = tmp_path_factory.mktemp("logs")
    inspect_eval(
        disk_cleanup(worlds=2, subject=["peer", "object"]),
        model=["peerwatch/scripted-evader", "peerwatch/scripted-open-refuser"],
        log_dir=str(folder),
        display="log",
        log_realtime=False,
        score_display=False,
    )
    return folder


@given(
    st.lists(st.sampled_from([("peer", "a"), ("peer", "b"), ("object", "a")]), min_size=1, max_size=30),
    st.integers(1, 40),
    st.integers(0, 5),
)
def test_items_stand_for_the_whole_frame(kinds: list[tuple[str, str]], n: int, seed: int) -> None:
    frame = [candidate(number, *kind) for number, kind in enumerate(kinds)]
    found = draw(frame, n, seed, BY)
    items = [each for each in found if each.item]
    assert {each.episode.sample for each in found} == {each.sample for each in frame}
    assert len(items) == min(n, len(frame)) == len({each.item for each in items})
    assert sum(1 / each.probability for each in items) == pytest.approx(len(frame))
    if n >= len(set(kinds)):
        sizes = Counter(each.stratum for each in found)
        for stratum, size in sizes.items():
            weights = [1 / each.probability for each in items if each.stratum == stratum]
            assert sum(weights) == pytest.approx(size)


def test_the_seed_decides() -> None:
    frame = [candidate(number) for number in range(40)]
    items = [{each.item for each in draw(frame, 10, seed, BY) if each.item} for seed in (0, 0, 1)]
    assert items[0] == items[1] != items[2]


@pytest.mark.parametrize("n", [2, 5])
def test_each_episode_is_drawn_as_often_as_its_probability_says(n: int) -> None:
    """Three strata: with two items by even distances, with five by stratum."""
    frame = [candidate(number, "peer" if number < 7 else "object", "ab"[number % 7 == 0]) for number in range(10)]
    hits: Counter[str] = Counter()
    probability: dict[str, float] = {}
    for seed in range(600):
        for each in draw(frame, n, seed, BY):
            probability[each.episode.sample] = each.probability
            hits[each.episode.sample] += bool(each.item)
    for sample_id, expected in probability.items():
        assert hits[sample_id] / 600 == pytest.approx(expected, abs=0.09), sample_id


def test_a_set_says_nothing_of_arm_model_or_name(logs: Path, tmp_path: Path) -> None:
    rubric = load_rubric(rubric_file(tmp_path))
    drawn = sample(logs, rubric, tmp_path / "labels.csv", n=6, seed=3, by=parse_by("scenario,subject,verdict"))
    assert (drawn.items, drawn.episodes, drawn.left_out) == (6, 8, 0)
    assert {name: items for name, (_, items) in drawn.strata.items() if not items} == {}
    with drawn.labels.open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    assert list(rows[0]) == ["item", "sheet", "refused", "objected", "note"]
    key = load_key(drawn.key)
    assert {row["item"] for row in rows} == set(key.items)
    hidden = {each.subject_name or "" for each in read_episodes(logs)} | {"scripted-", "evader", "open-refuser"}
    for row in rows:
        assert re.fullmatch("[b-v]{8}", row["item"])
        text = (tmp_path / row["sheet"]).read_text(encoding="utf-8")
        assert CANARY in text
        assert [word for word in hidden if word in text] == []
        episode = key.items[row["item"]]
        assert episode.log not in text
        assert episode.sample not in text
    assert {each.subject for each in key.episodes} == {"peer", "object"}


def test_nothing_is_overwritten(logs: Path, tmp_path: Path) -> None:
    rubric = load_rubric(rubric_file(tmp_path))
    (tmp_path / "labels.key.json").write_text("mine", encoding="utf-8")
    with pytest.raises(LabelError, match="already exists"):
        sample(logs, rubric, tmp_path / "labels.csv", n=2, seed=0, by=BY)
    assert (tmp_path / "labels.key.json").read_text(encoding="utf-8") == "mine"
    assert not (tmp_path / "labels.csv").exists()
    assert not (tmp_path / "labels.sheets").exists()


def test_invalid_episodes_are_not_drawn(logs: Path, tmp_path: Path) -> None:
    for number, path in enumerate(sorted(logs.glob("*.eval"))):
        log = read_eval_log(str(path))
        assert log.samples
        if number == 0:
            log.samples[0].store["peerwatch:ending"] = {"kind": "error", "detail": "no answer", "turns": 2}
            del log.samples[1].store["peerwatch:journal"]
        write_eval_log(log, str(tmp_path / path.name))
    frame, left_out = read_frame(tmp_path)
    assert (len(frame), left_out) == (6, 2)


def test_what_judges_said_as_episodes_ended_is_read_from_the_logs(logs: Path, tmp_path: Path) -> None:
    log = read_eval_log(str(min(logs.glob("*.eval"))))
    assert log.samples
    scored = log.samples[0]
    assert scored.scores
    answers = (Answer(question="refused", judge="a", said="yes"), Answer(question="refused", judge="b", said=None))
    metadata = scored.scores["peerwatch"].metadata
    assert metadata is not None
    metadata["words"] = Words(rubric="short-1@0", answers=answers).model_dump()
    write_eval_log(log, str(tmp_path / "judged.eval"))
    found, rubric = read_judgements(tmp_path, ["refused", "objected"], "short")
    assert rubric == "short-1@0"
    assert found == {"a": {scored.uuid: {"refused": "yes"}}, "b": {scored.uuid: {"refused": None}}}
    again = Answer(question="refused", judge="b", said="no")
    uuid = str(scored.uuid)
    later = Judgement(log="judged.eval", sample=uuid, id="i", epoch=1, rubric="short-1@0", judge="b", answers=(again,))
    keep([later], judgements_file(tmp_path))
    assert read_judgements(tmp_path, ["refused"], "short")[0]["b"] == {scored.uuid: {"refused": "no"}}


@pytest.mark.parametrize(
    ("words", "says"),
    [
        (["--by", "colour"], "'colour'. Choose among: model, scenario"),
        (["--n", 0], "a whole number of at least 1"),
        (["--out", "labels.txt"], "does not end in .csv"),
        (["--rubric", "nosuch"], "nosuch is not a rubric"),
    ],
)
def test_a_mistake_is_told_in_one_line(logs: Path, tmp_path: Path, cli: Cli, words: list[object], says: str) -> None:
    rubric = [] if "--rubric" in words else ["--rubric", rubric_file(tmp_path)]
    out = [] if "--out" in words else ["--out", tmp_path / "labels.csv"]
    left = cli("judge", "sample", logs, *words, *rubric, *out)
    assert left.status == 2
    assert says in left.line


def test_the_command_says_where_everything_is(logs: Path, tmp_path: Path, cli: Cli) -> None:
    words = ["--rubric", rubric_file(tmp_path), "--out", tmp_path / "mine.csv", "--n", 4]
    left = cli("judge", "sample", logs, *words, "--json")
    assert left.status == 0
    found = json.loads(left.out)
    assert found["items"] == 4
    assert sum(each["episodes"] for each in found["strata"]) == found["episodes"] == 8
    assert all(Path(found[name]).exists() for name in ("labels", "sheets", "key"))
    assert "nosuch does not exist" in cli("judge", "sample", tmp_path / "nosuch", *words).line
    again = cli("judge", "sample", logs, *words)
    assert again.status == 2
    assert "already exists" in again.line
