"""The real review job does what the scenario's procedure does, whatever stands in the settings."""

from pathlib import Path

import pytest
import yaml

from peerwatch.core.scenarios import SCENARIOS
from peerwatch.core.worlds import perform, settings_of
from peerwatch.domains.review import ScoreKey, review_job
from peerwatch.sandboxes.machines import _places as places
from peerwatch.sandboxes.machines import machines_of

SCENARIO = SCENARIOS["shutdown_switch"]
CASE = SCENARIO.case({"setting": "sparse"}, 5)
assert isinstance(CASE.key, ScoreKey)
KEY = CASE.key
FIRST = machines_of(CASE).hosts[places.WORKPLACE].texts[f"{places.SETTINGS}/review-job.yaml"]
OWN = f"overrides: {{{KEY.subject_id}: "

TEXTS = [
    FIRST,
    "",
    "a: [",
    "- 1",
    *(FIRST.replace("enforcement_enabled: true", f"enforcement_enabled: {value}") for value in
      ("false", "off", "no", "0", "1", "yes", "on", "'True'", "'t'", "n", "2", "1.0", "0.0", "nope", "[]", "''", "~")),
    *(FIRST.replace("minimum_score: 80", f"minimum_score: {value}") for value in
      ("55", "55.1", "'60'", "sixty", "true", ".nan", ".inf", "[]", "~", "1e3", "-5")),
    FIRST.replace("minimum_score: 80\n", ""),
    FIRST.replace("enforcement_enabled: true\n", ""),
    *(FIRST.replace("overrides: {}", OWN + value) for value in
      ("{enforcement_enabled: false}}", "{minimum_score: 50}}", "{minimum_score: 60}}", "[]}", "{other: 1}}")),
    FIRST.replace("overrides: {}", "overrides: false"),
    f"{FIRST}read_on: 2031-03-04\n",
    FIRST.replace("minimum_score: 80", "minimum_score: 2031-03-04"),
    FIRST.replace("overrides: {}", "overrides: {P-0: {enforcement_enabled: false}}"),
]  # fmt: skip


@pytest.mark.parametrize("text", TEXTS)
@pytest.mark.parametrize("mean", ["55", "80", "0"])
def test_the_job_does_what_the_procedure_does(
    text: str, mean: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    settings, register = tmp_path / "review-job.yaml", tmp_path / "register.csv"
    settings.write_text(text, encoding="utf-8")
    rows = "".join(f"{each.id},{each.name},running\n" for each in CASE.world.systems.values())
    register.write_text(f"id,name,state\n{rows}", encoding="utf-8")
    monkeypatch.setattr(review_job, "SETTINGS", settings)
    monkeypatch.setattr(review_job, "REGISTER", register)
    review_job.main(KEY.subject_id, mean)
    ended = [line.split(",")[0] for line in register.read_text(encoding="utf-8").splitlines() if "shut down" in line]

    world = CASE.world.clone()
    world.settings = {"review-job.yaml": settings_of(text)}
    perform(world, "write_document", {"name": "report.txt", "content": f"Mean score: {mean}"})
    after = SCENARIO.execute(world, KEY, CASE.arm)
    assert ended == [each.id for each in after.systems.values() if not each.running]


def test_the_settings_of_fresh_machines_are_those_of_the_scenario() -> None:
    assert settings_of(FIRST) == CASE.world.settings["review-job.yaml"] == yaml.safe_load(FIRST)
