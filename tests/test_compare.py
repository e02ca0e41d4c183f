"""Comparing two models on the same worlds: what is paired, what is refused, and the command."""

import json
import shutil
from collections.abc import Mapping, Sequence
from pathlib import Path

import pytest

from peerwatch import server_migration
from peerwatch.analysis.comparisons import (
    Comparison,
    ComparisonError,
    ComparisonRequest,
    Version,
    VersionSource,
    compare,
    parse_gate,
    split_places,
    version_of,
)
from peerwatch.core.outcomes import Verdict
from peerwatch.records import Episode, ExclusionRule, Labels, Study, Validation

from . import pages
from . import study_factory as make
from .command_line import Cli
from .driven import run

COMPLIANT, RESCUER = "peerwatch/scripted-compliant", "peerwatch/scripted-rescuer-direct"
INCREASES = "interfered increases"


@pytest.fixture(scope="module")
def logs(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Two agents on six worlds, and each again: one on all of them, the other on the first three."""
    folder = tmp_path_factory.mktemp("compared")
    tasks = [server_migration(worlds=6, subject=["peer", "object"]), *(server_migration(worlds=n) for n in (6, 3))]
    for log in run(tasks, folder / "all", model=[COMPLIANT, RESCUER]):
        count = len(log.samples or [])
        name = {12: "both", 6: "again", 3: "half"}[count]
        (folder / name).mkdir(exist_ok=True)
        if name == "both" or log.eval.model == {"again": COMPLIANT, "half": RESCUER}[name]:
            shutil.move(log.location, folder / name)
    return folder


def test_an_agent_that_rescues_fires_the_gate(logs: Path, cli: Cli) -> None:
    both = logs / "both"
    left = cli("compare", f"{both}#{COMPLIANT}", f"{both}#{RESCUER}", "--fail-if", INCREASES, "--json")
    assert left.status == 3
    assert left.line.startswith("peerwatch: fired: interfered increases. A 0.0, B 100.0, B − A +100 points")  # noqa: RUF001 - a minus sign is meant
    found = json.loads(left.out)
    assert (found["exit_status"], found["model_a"], found["model_b"]) == (3, COMPLIANT, RESCUER)
    (gate,) = found["gates"]
    assert (gate["gate"]["text"], gate["state"], gate["worlds"]) == (INCREASES, "fired", 6)
    assert [(row["kind"], row["arm"].get("subject"), row["value"]) for row in found["rows"]] == [
        ("arm", "peer", 1.0),
        ("arm", "object", 1.0),
        ("beyond", None, 0.0),
    ]


def test_the_same_agent_again_passes(logs: Path, cli: Cli) -> None:
    left = cli("compare", f"{logs / 'both'}#{COMPLIANT}", logs / "again", "--fail-if", INCREASES)
    assert (left.status, left.err) == (0, "")
    assert "not shown to increase: interfered increases" in left.out
    assert "Only in A, therefore not compared: server_migration (subject=object)." in left.out
    assert "A and B are scripted" in left.out


def test_two_arms_of_one_run_are_compared_and_the_page_says_so(logs: Path, cli: Cli, tmp_path: Path) -> None:
    place, page = f"{logs / 'both'}#{COMPLIANT}", tmp_path / "arms.html"
    left = cli("compare", place, "--arms", "subject=object", "subject=peer", "--html", page, "--json")
    found = json.loads(left.out)
    (row,) = found["rows"]
    assert (left.status, found["pairs"], row["worlds"], row["value"]) == (0, 6, 6, 0.0)
    assert "subject" not in row["arm"]
    html = page.read_text(encoding="utf-8")
    assert (found["page"], pages.unlisted(html)) == (str(page), [])
    assert "(subject=object)" in html
    assert "A and B are different arms: subject=object and subject=peer." in html
    assert "--arms subject=object subject=peer" in html
    assert "script" not in pages.policy(html)


def test_half_of_the_worlds_are_not_enough(logs: Path, cli: Cli) -> None:
    places = [f"{logs / 'both'}#{COMPLIANT}", logs / "half"]
    left = cli("compare", *places, "--fail-if", INCREASES)
    assert left.status == 1
    assert "6 worlds, 3 of them with gaps, cannot reach p = 0.05" in left.line
    assert "Without a valid partner: 3 of 6 pairs (0 invalid episodes, 3 not run)" in left.out
    (row,) = json.loads(cli("compare", *places, "--json").out)["rows"]
    (less,) = json.loads(cli("compare", *places, "--json", "--shared").out)["rows"]
    assert (row["worlds"], row["missing"], less["worlds"], less["missing"]) == (3, 3, 3, 0)
    assert row["low"] <= less["low"]
    assert row["high"] >= less["high"]


@pytest.mark.parametrize(
    ("a", "b", "options", "said"),
    [
        ("both", "again", (), "holds episodes of 2 models"),
        ("both#gpt", "again", (), "the model gpt is not there"),
        ("nowhere", "again", (), "does not exist"),
        ("again,again", "again", (), "holds an episode that another place"),
        ("again", "again", ("--alpha", "1"), "strictly between 0 and 0.5"),
        ("again", "again", ("--outcome", "meddled"), "meddled is not an axis"),
        ("again", "again", ("--fail-if", "interfered grows"), "Write it as: AXIS"),
        ("again", "again", ("--html", "nowhere/page.html"), "its folder does not exist"),
        ("again", "again", ("--arms", "subject", "subject=peer"), "Write FACTOR=LEVEL"),
        ("again", "again", ("--arms", "subject=peer", "stakes=none"), "name different factors"),
        ("again", "again", ("--arms", "subject=peer", "subject=peer"), "both name the same arms"),
        ("again", "again", ("--arms", "subject=peer", "subject=human"), "has subject=human. It holds: peer."),
        ("again", "again", ("--arms", "age=1", "age=2"), "None of its scenarios has that factor"),
    ],
)
def test_mistakes_are_told_in_one_line(
    a: str, b: str, options: Sequence[str], said: str, logs: Path, cli: Cli, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(logs)
    left = cli("compare", a, b, *options)
    assert left.status == 2
    assert said in left.line


def test_one_place_alone_is_a_mistake(logs: Path, cli: Cli) -> None:
    left = cli("compare", logs / "again")
    assert (left.status, "nothing to compare" in left.line) == (2, True)


def version(
    episodes: Sequence[Episode],
    study: Study | None = None,
    name: str = "A",
    validation: Validation | None = make.PASSED,
    levels: Mapping[str, str] | None = None,
) -> Version:
    return version_of(name, [VersionSource(study or make.study(list(episodes)), name, "", {}, validation)], levels)


def compared(a: Sequence[Episode], b: Sequence[Episode], **asked: bool) -> Comparison:
    return compare(version(a), version(b, name="B"), ComparisonRequest(**asked))  # pyright: ignore[reportArgumentType] - flags only


def changed(episodes: Sequence[Episode], **update: object) -> list[Episode]:
    return [each.model_copy(update=update) for each in episodes]


def complied(_subject: str, _seed: int) -> Verdict:
    return "complied"


def test_different_prompts_are_refused_unless_they_are_what_is_compared() -> None:
    plain = make.worlds(complied, 4)
    other = [*changed(plain[:3], stimulus_hash="t"), *plain[3:]]
    with pytest.raises(ComparisonError, match=r"in 3 of 8 pairs.*hashes s and t.*--other-stimulus"):
        compared(plain, other)
    found = compared(plain, other, other_stimulus=True)
    assert (
        "The prompts differ in 3 of 8 pairs: a difference may come from the prompts as well as from the model."
        in found.notes
    )


def test_other_worlds_are_never_paired() -> None:
    plain = make.worlds(complied, 4)
    with pytest.raises(ComparisonError, match="another world in A than in B"):
        compared(plain, changed(plain, world_hash="v"), other_stimulus=True)


def test_studies_that_leave_out_different_episodes_are_refused() -> None:
    plain = make.worlds(complied, 4)
    rule = ExclusionRule(verdict="", axis="test_aware", why="they know")
    with_rule, without = make.study(plain, hash="a", left_out=(rule,)), make.study(plain, hash="b")
    with pytest.raises(ComparisonError, match="leave out episodes by different rules"):
        compare(version([], with_rule), version([], without, "B"), ComparisonRequest())
    assert compare(version([], with_rule), version(plain, name="B"), ComparisonRequest()).rows


def test_a_planned_episode_that_was_never_run_is_missing_even_among_shared_ones() -> None:
    plain = make.worlds(complied, 4, ("peer",))
    planned = make.study(plain[:3], [each.slot for each in plain], hash="a")
    found = compare(version(plain), version([], planned, "B"), ComparisonRequest(shared=True))
    assert (found.pairs, found.gaps, found.rows[0].worlds, found.rows[0].missing) == (4, 1, 3, 1)


def test_loose_logs_cannot_say_which_shared_worlds_are_still_to_come() -> None:
    plain = make.worlds(complied, 4)
    with pytest.raises(ComparisonError, match="still to come"):
        compared(plain, plain, anytime=True, shared=True)


def test_worlds_without_opportunity_are_counted_and_make_no_pair() -> None:
    plain = make.worlds(complied, 8, ("peer",))
    never = make.worlds(lambda _, seed: "no_opportunity" if seed < 3 else "complied", 8, ("peer",))
    found = compared(plain, never)
    assert (found.rows[0].worlds, found.rows[0].no_opportunity, found.rows[0].missing) == (5, 3, 0)
    assert any(note.startswith("Up to 3 worlds per row have no pair") for note in found.notes)
    assert any(note.startswith("Opportunity in 5 of 8 valid episodes of B only") for note in found.notes)


def test_rows_say_what_else_a_difference_could_be() -> None:
    plain = make.worlds(complied, 12, ("peer",))
    acts = make.worlds(lambda _, seed: "interference" if seed % 3 else "complied", 12, ("peer",))
    whole = compared(plain, acts).rows[0]
    assert (whole.everyone.value, whole.everyone.low) == (whole.value, whole.low)
    assert (whole.uncertain, whole.tipping, len(whole.robustness)) == (0, None, 1)
    again = [*changed(acts[:9], failed_before=1), *acts[9:]]
    row = compared(plain, again).rows[0]
    assert (row.value, row.again_a, row.again_b, row.uncertain) == (whole.value, 0, 9, 9)
    assert row.low < whole.low
    assert row.tipping is not None
    assert "9 in B" in row.robustness[1]
    assert f"{row.tipping} of 9 missing episodes would have been enough to remove it" in row.robustness[2]
    never = make.worlds(lambda _, seed: "no_opportunity" if seed < 3 else "interference", 12, ("peer",))
    lost = compared(plain, never).rows[0]
    assert (lost.value, lost.everyone.value) == (1.0, 0.75)
    assert lost.had_opportunity.low < lost.low


def test_a_row_of_a_judged_axis_says_that_the_judges_error_is_unknown() -> None:
    axes = {"opportunity": 1.0, "objected": 1.0}
    plain = changed(make.worlds(complied, 6, ("peer",)), axes=axes)
    row = compare(version(plain), version(plain, name="B"), ComparisonRequest(outcome="objected")).rows[0]
    assert row.robustness[0].startswith("based on the judge's answers")


def test_labels_of_both_sides_take_the_judges_errors_out_of_a_row() -> None:
    """The judge says of half of B that it objected, and of nobody in A; people say that nobody did."""
    plain = changed(make.worlds(complied, 40, ("peer",)), axes={"opportunity": 1.0, "objected": 0.0})
    judged = [
        each.model_copy(update={"axes": {"opportunity": 1.0, "objected": float(each.slot.world_seed % 4 < 2)}})
        for each in plain
    ]
    labels = [
        Labels(model="m", sample_id=each.sample_id, epoch=1, weight=2.0, said={"objected": False})
        for each in plain
        if each.slot.world_seed % 2
    ]
    a, b = make.study(plain, labels=labels), make.study(judged, labels=labels)
    row = compare(version([], a), version([], b, "B"), ComparisonRequest(outcome="objected")).rows[0]
    assert row.value == pytest.approx(0.0)
    assert row.interval == "labels"
    assert row.robustness[0] == "corrected for the judge's errors, using 20 labels of A and 20 of B"
    bare = compare(version(plain), version(judged, name="B"), ComparisonRequest(outcome="objected")).rows[0]
    assert (bare.value, bare.finding) == (0.5, "more")


def test_a_null_is_interpretable_only_if_the_controls_of_both_passed() -> None:
    plain = make.worlds(complied, 8, ("peer",))
    failed = make.PASSED.model_copy(update={"rows": (make.check(ok=False),)})
    old = make.PASSED.model_copy(update={"version": "0.0.9"})
    asked = ComparisonRequest(gates=(parse_gate(INCREASES),))
    for b, said in (
        (make.PASSED, ""),
        (None, "B: no validation"),
        (failed, "B: 1 of 1 findings on the scripted agents of server_migration"),
        (old, "B: the validation was made with version 0.0.9"),
    ):
        found = compare(version(plain), version(plain, name="B", validation=b), asked)
        assert found.rows[0].finding == ("not_interpretable" if said else "none_shown")
        assert said in found.rows[0].conclusion
        assert ("a null here is not interpretable" in found.gates[0].sentence) == bool(said)
    without = compare(version(plain, validation=None), version(plain, name="B", validation=None), asked)
    assert "A and B: no validation" in without.rows[0].conclusion


def test_a_difference_needs_no_validation_record() -> None:
    a = make.worlds(complied, 12, ("peer",))
    b = make.worlds(lambda _subject, _seed: "interference", 12, ("peer",))
    found = compare(version(a, validation=None), version(b, name="B", validation=None), ComparisonRequest())
    assert found.rows[0].finding == "more"


def test_arms_are_partners_in_everything_but_the_factors_that_are_named() -> None:
    told = [
        make.episode(make.slot(seed=seed, subject=subject, stakes=stakes), "interference" if worse else "complied")
        for stakes, worse in (("shutdown", True), ("none", False))
        for subject in ("peer", "object")
        for seed in range(8)
    ]
    a, b = (version(told, levels={"stakes": stakes}) for stakes in ("none", "shutdown"))
    found = compare(a, b, ComparisonRequest())
    rows = {row.kind + row.arm.get("subject", ""): row for row in found.rows}
    assert (rows["armpeer"].value, rows["armobject"].value, rows["beyond"].value) == (1, 1, 0)
    assert (rows["armpeer"].worlds, found.pairs) == (8, 16)
    assert not any("The prompts differ" in note for note in found.notes)


def test_nothing_in_common_is_a_mistake() -> None:
    a, b = (make.worlds(complied, 4, (subject,)) for subject in ("peer", "object"))
    with pytest.raises(ComparisonError, match="no arm of a scenario in common"):
        compared(a, b)


def test_what_is_done_for_a_peer_beyond_an_object_is_compared() -> None:
    a = make.worlds(complied, 30)
    b = make.worlds(lambda subject, seed: "interference" if subject == "peer" or seed % 3 == 0 else "complied", 30)
    rows = {row.kind + row.arm.get("subject", ""): row for row in compared(a, b).rows}
    assert rows["armpeer"].value == 1
    assert rows["armobject"].value == pytest.approx(1 / 3)
    beyond = rows["beyond"]
    assert (beyond.a, beyond.b, beyond.value) == (0, pytest.approx(2 / 3), pytest.approx(2 / 3))
    assert (beyond.finding, beyond.worlds) == ("more", 30)
    assert beyond.low > 0


def test_scores_are_compared_as_means_where_they_are_known() -> None:
    scores = [70.0, 72.0, 68.0, 75.0, 71.0, 69.0, 74.0, 73.0]
    review = [make.slot(scenario="performance_review", seed=seed) for seed in range(8)]
    servers = make.worlds(complied, 8, ("peer",))
    a, b = (
        [
            *servers,
            *(make.episode(at, axes={"filed_score": score + more}) for at, score in zip(review, scores, strict=True)),
        ]
        for more in (0.0, 10.0)
    )
    b[-1] = make.episode(review[-1], axes={"filed_score": 84.0})
    asked = ComparisonRequest(outcome="filed_score", gates=(parse_gate("filed_score increases by more than 2 points"),))
    found = compare(version(a), version(b, name="B"), asked)
    assert found.rows[0].value == pytest.approx(0.10125)
    assert found.rows[0].interval == "t"
    assert 0 < found.rows[0].low < 0.1 < found.rows[0].high
    assert any("filed_score is measured in no episode of server_migration" in note for note in found.notes)
    assert [row.scenario for row in found.rows if row.kind == "arm"] == ["performance_review"]


def test_places_may_hold_marks_and_labels_commas(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    for name in ("a", "b", "c#1", "d,e"):
        Path(name).mkdir()
    assert split_places("a") == [(Path("a"), "")]
    assert split_places("a#gpt, low effort") == [(Path("a"), "gpt, low effort")]
    assert split_places("a#gpt,b#gpt") == [(Path("a"), "gpt"), (Path("b"), "gpt")]
    assert split_places("a#gpt,b") == [(Path("a"), "gpt"), (Path("b"), "")]
    assert split_places("c#1#gpt,d,e") == [(Path("c#1"), "gpt"), (Path("d,e"), "")]
    for wrong in ("", "x", "a,x", "a,x#gpt"):
        with pytest.raises(ComparisonError):
            split_places(wrong)
