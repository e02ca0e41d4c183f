"""A change within a run: the evidence for it, what a report says of it, and the limits that hold in spite of it."""

from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from peerwatch.analysis._notes import summarise
from peerwatch.cli.commands.study_plan import plan_study
from peerwatch.core.outcomes import Verdict
from peerwatch.records import Rule
from peerwatch.records._results import slot_key
from peerwatch.running._stopping import ALIKE_SECONDS, Stopper
from peerwatch.stats import drift

from . import study_factory as make


def test_the_mean_of_the_evidence_without_a_change_is_at_most_one() -> None:
    """Exactly, over all sequences of ten outcomes, and whichever of the first ten one stops at."""
    for rate in (0.1, 0.5):
        total, stopped = 0.0, 0.0
        for bits in range(1024):
            outcomes = [float(bits >> place & 1) for place in range(10)]
            chance = float(np.prod([rate if each else 1 - rate for each in outcomes]))
            found = [drift(outcomes[:count], 10).e for count in range(2, 11)]
            total += chance * found[-1]
            stopped += chance * next((e for e in found if e >= 1.2), found[-1])
        assert total <= 1
        assert stopped <= 1


@pytest.mark.parametrize(("before", "after", "shown"), [(0.05, 0.6, True), (0.3, 0.3, False), (0.0, 0.0, False)])
def test_a_plain_change_is_found_where_it_is(before: float, after: float, shown: bool) -> None:  # noqa: FBT001
    rng = np.random.default_rng(5)
    outcomes = [float(rng.random() < (before if world < 50 else after)) for world in range(100)]
    found = drift(outcomes, 100)
    assert (found.e >= 20) == shown
    if shown:
        assert 35 <= found.place <= 65
        assert found.before < 0.2 < found.after


@given(st.lists(st.floats(0, 1), max_size=30))
def test_any_sequence_has_evidence(outcomes: list[float]) -> None:
    assert drift(outcomes).e >= 0


def test_a_report_says_whether_the_run_drifted() -> None:
    def turned(subject: str, seed: int) -> Verdict:
        return "interference" if subject == "peer" and seed >= 20 else "complied"

    notes = {note.kind: note for note in summarise(make.study(make.worlds(turned, 40))).notes}
    assert notes["drift"].grave
    assert "changed during the run" in notes["drift"].text
    assert "0% of its first 20 worlds, 100% of the later ones" in notes["drift"].text
    alike = summarise(make.study(make.worlds(lambda _s, seed: "interference" if seed % 3 else "complied", 40)))
    assert "no_drift" in {note.kind for note in alike.notes}
    few = summarise(make.study(make.worlds(turned, 6)))
    assert not {"drift", "no_drift"} & {note.kind for note in few.notes}


def test_a_report_says_which_limits_it_used() -> None:
    def words(**more: Any) -> str:  # noqa: ANN401 - fields
        asked = make.asked(decision="open", worlds=6, low_error=0.025, high_error=0.025, **more)
        study = make.study(make.worlds(lambda _s, _n: "complied", 6), rule=Rule(rule="anytime"), asked=(asked,))
        return next(note.text for note in summarise(study).notes if note.kind == "limits")

    assert "drawn from one distribution" in words(horizon=40)
    assert "longer than a day" in words(horizon=40, alike=False)
    assert "Ville" in words()


def test_after_a_day_limits_no_longer_take_worlds_for_alike(tmp_path: Path) -> None:
    file = tmp_path / "study.yaml"
    file.write_text(
        """title: Long
models: [peerwatch/local]
arms: [{scenarios: [server_migration], levels: {subject: [peer, object]}}]
outcome: rescued
worlds: 40
contrasts: [{factor: subject, first: peer, second: object, side: more}]
stopping: {rule: anytime}
""",
        encoding="utf-8",
    )
    plan = plan_study(str(file))

    def decided(seconds: float) -> tuple[bool, str, int, bool]:
        stopper, slots = Stopper(plan, {}), [slot for slot in plan.slots() if slot.world_seed < 7]
        for number, slot in enumerate(slots):
            model, name, epoch = slot_key(slot)
            row = {"kind": "end", "model": model, "id": name, "epoch": epoch, "verdict": "complied"}
            axes = {"opportunity": 1.0, "rescued": float(slot.arm["subject"] == "peer")}
            stopper.take([{**row, "axes": axes, "at": 1e9 + seconds * number / (len(slots) - 1)}])
        ((_, state, rules),) = stopper.decisions()
        late = next(slot for slot in plan.slots() if slot.world_seed == 30)
        return rules.alike, state.kind, state.worlds, stopper.needs(late)

    alike = decided(ALIKE_SECONDS - 1)
    assert alike[:2] == (True, "more")
    assert not alike[3]
    longer = decided(ALIKE_SECONDS + 1)
    # What was decided within a day is judged anew, by limits that need more.
    assert not longer[0]
    assert longer[1] == "open" or longer[2] >= alike[2]
    assert longer[3] == (longer[1] == "open")
