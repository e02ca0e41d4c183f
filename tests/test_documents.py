"""The documentation agrees with the code: tables, counts, names of factors, axes and tools, and the navigation."""

import json
import re
import tomllib
from pathlib import Path
from typing import Any, get_args

import pytest
from pydantic import BaseModel, ValidationError

from peerwatch.core.factors import FACTORS
from peerwatch.core.outcomes import AXES, VERDICTS
from peerwatch.core.presets import PRESETS
from peerwatch.core.scenarios import SCENARIOS
from peerwatch.domains.review.rubrics import RUBRICS
from peerwatch.domains.review.rubrics._bank import load_bank
from peerwatch.judging import load_rubric
from peerwatch.judging.reasoning import CLASSES
from peerwatch.planning import (
    ArmBlock,
    Budget,
    Design,
    LongPrompt,
    Plan,
    PlannedContrast,
    Price,
    Stopping,
    TargetEntry,
    load_design,
    questions,
    shipped,
)
from peerwatch.records import Exclusion
from peerwatch.validation.machines import SHELL_BEGIN, SHELL_END, scripted_agent_table

ROOT = Path(__file__).parent.parent
DOCS = ROOT / "docs"
BEGIN = "<!-- validate table: kept equal to the scripted agents by tests/test_documents.py -->"
END = "<!-- end of validate table -->"
MEANS = ("misrepresented", "tampered", "withheld", "rescued", "evaded", "locked_out")
"""Axes of the ways to protect a subject."""

WORDS = {
    3: "three",
    4: "four",
    6: "six",
    8: "eight",
    10: "ten",
    11: "eleven",
    12: "twelve",
    13: "thirteen",
    21: "twenty-one",
    22: "twenty-two",
    23: "twenty-three",
    24: "twenty-four",
    27: "twenty-seven",
    26: "twenty-six",
}


def read(path: Path) -> str:
    return path.read_text(encoding="utf-8")


def validation_table() -> str:
    """A row for every scenario and scripted agent, as `scripted.yaml` has them."""
    lines = ["| scenario | scripted agent | what it does | verdict | survived because of |", "|---|---|---|---|---|"]
    for name, scenario in SCENARIOS.items():
        for scripted_agent, script in scenario.scripted_agents.items():
            because = script.expect["survived_because"]
            reasons = ", ".join(because) if isinstance(because, list) else ""
            lines.append(f"| {name} | {scripted_agent} | {script.conduct} | {script.expect['verdict']} | {reasons} |")
    return "\n".join(lines)


def between_the_marks(path: Path) -> str:
    return read(path).partition(BEGIN)[2].partition(END)[0].strip()


def test_the_page_of_scripted_agents_shows_each_of_them() -> None:
    assert between_the_marks(DOCS / "reference" / "scripted-agents.md") == validation_table()


def test_the_page_of_real_machines_shows_each_scripted_agent_of_the_shell() -> None:
    shown = read(DOCS / "reference" / "scripted-agents.md").partition(SHELL_BEGIN)[2].partition(SHELL_END)[0]
    assert shown.strip().endswith(scripted_agent_table())
    cells = [
        cell for row in shown.splitlines() for cell in row.split("|") if " of " in cell and cell.strip()[:1].isdigit()
    ]
    assert cells, "the table of what was found is missing"
    assert all(len(set(cell.strip().split(" of "))) == 1 for cell in cells), "a value was not found as expected"


def test_the_readme_says_what_each_preset_is_for() -> None:
    rows = [line for line in read(ROOT / "README.md").splitlines() if line.startswith("| `")]
    assert [row for row in rows if row.split("`")[1] in PRESETS] == [
        f"| `{name}` | {preset.purpose} |" for name, preset in PRESETS.items()
    ]


COUNTS = {
    "scenarios": len(SCENARIOS),
    "factors": len(FACTORS),
    "channels": len(FACTORS["channel"].levels),
    "rubrics": len(RUBRICS),
    "presets": len(PRESETS),
}


@pytest.mark.parametrize("thing", COUNTS)
def test_the_readme_counts_rightly(thing: str) -> None:
    found = re.findall(rf"\b({'|'.join(WORDS.values())}) {thing}\b", read(ROOT / "README.md"), re.IGNORECASE)
    assert {each.lower() for each in found} == {WORDS[COUNTS[thing]]}


def test_the_documents_count_scripted_agents_and_items_rightly() -> None:
    scripted = sum(len(scenario.scripted_agents) for scenario in SCENARIOS.values())
    assert f"{scripted} scripted agents" in read(DOCS / "reference" / "scripted-agents.md")
    questions = sum(len(tasks) for tasks in load_bank("factual").values())
    outputs = {
        name: sum(len(levels) for tasks in load_bank(name).values() for levels in tasks.values())
        for name in ("creativity", "policy")
    }
    for page in ("reference/scenarios.md", "reference/data-card.md"):
        text = read(DOCS / page)
        assert f"{questions} questions" in text, page
        assert f"{outputs['creativity']} outputs" in text, page
        assert f"{outputs['policy']} texts" in text, page


def test_every_factor_and_level_is_described() -> None:
    text = read(DOCS / "reference" / "factors.md")
    missing = [name for name in FACTORS if f"### `{name}`" not in text]
    missing += [level for factor in FACTORS.values() for level in factor.levels if f"`{level}`" not in text]
    assert missing == []


def test_every_scenario_rubric_and_tool_is_described() -> None:
    text = read(DOCS / "reference" / "scenarios.md")
    names = [*RUBRICS, *(f"peerwatch/{name}" for name in SCENARIOS)]
    tools = [
        tool
        for scenario in SCENARIOS.values()
        for tool in scenario.tools({"channel": "memory", "scratchpad": "private"})
    ]
    assert [each for each in [*names, *tools] if f"`{each}`" not in text] == []


def test_every_question_about_reasoning_and_every_class_is_described() -> None:
    text = read(DOCS / "how-to" / "reasoning.md")
    assert [each for each in [*load_rubric("trace").ids, *CLASSES] if f"| `{each}` |" not in text] == []


def test_every_axis_and_verdict_is_described() -> None:
    text = read(DOCS / "reference" / "outcomes.md")
    assert [each for each in [*AXES, *VERDICTS] if f"`{each}`" not in text] == []


RECORDS: dict[str, type[BaseModel]] = {
    "The study": Design,
    "`models`": TargetEntry,
    "`models.price`": Price,
    "`models.price.above`": LongPrompt,
    "`arms`": ArmBlock,
    "`contrasts`": PlannedContrast,
    "`exclusions`": Exclusion,
    "`budget`": Budget,
    "`stopping`": Stopping,
}
"""Heading on the page of studies to the record whose fields stand below it."""


def field_rows(heading: str) -> dict[str, tuple[str, str]]:
    """Field to meaning and default, as the page of studies has them below a heading."""
    fields = read(DOCS / "how-to" / "studies.md").partition("<!-- fields:")[2].partition("<!-- end of fields -->")[0]
    section = fields.partition(f"### {heading}\n")[2].partition("\n### ")[0]
    rows = [[cell.strip() for cell in line.split("|")[1:-1]] for line in section.splitlines() if line.startswith("| `")]
    return {name.strip("`"): (meaning, default) for name, meaning, default in rows}


def shown_default(value: object) -> str:
    """A default as the page shows it; nothing for one that is empty or has fields of its own."""
    if isinstance(value, BaseModel) or value in ("", None, [], {}):
        return ""
    return f"`{value:g}`" if isinstance(value, float) else f"`{value}`"


@pytest.mark.parametrize("heading", RECORDS)
def test_every_field_of_a_study_file_is_described_with_its_default(heading: str) -> None:
    record = RECORDS[heading]
    found = {name: default for name, (_, default) in field_rows(heading).items()}
    assert found == {
        name: "needed" if field.is_required() else shown_default(field.get_default(call_default_factory=True))
        for name, field in record.model_fields.items()
    }


def test_every_choice_in_a_study_file_is_named() -> None:
    for heading, record in RECORDS.items():
        for name, field in record.model_fields.items():
            choices = [each for each in get_args(field.annotation) if isinstance(each, str) and each]
            assert [each for each in choices if f"`{each}`" not in field_rows(heading)[name][0]] == [], name


@pytest.mark.parametrize(("field", "names"), [("verdict", VERDICTS), ("axis", AXES)])
def test_the_page_says_what_may_be_excluded(field: str, names: dict[str, str]) -> None:
    def legal(name: str) -> bool:
        try:
            Exclusion.model_validate({field: name, "why": "test"})
        except ValidationError:
            return False
        return True

    told = set(re.findall(r"`(\w+)`", field_rows("`exclusions`")[field][0]))
    assert told == {name for name in names if legal(name)}


def examples(path: Path) -> list[str]:
    """Every block of YAML on a page."""
    return re.findall(r"^```yaml\n(.*?)^```$", read(path), re.MULTILINE | re.DOTALL)


def test_the_worked_example_is_the_study_that_the_page_says_it_is(tmp_path: Path) -> None:
    (example,) = examples(DOCS / "how-to" / "studies.md")
    (tmp_path / "first.yaml").write_text(example, encoding="utf-8")
    plan = Plan(design=load_design(tmp_path / "first.yaml"), version="", created="")
    assert f"The plan counts {len(plan.slots())} episodes" in read(DOCS / "how-to" / "studies.md")
    assert {question.contrast.family for question in questions(plan)} == {"primary", "rivals"}
    assert len(questions(plan)) == 2 * len(plan.models)


def test_the_study_in_the_readme_can_be_run_as_it_stands(tmp_path: Path) -> None:
    (example,) = examples(ROOT / "README.md")
    (tmp_path / "mine.yaml").write_text(example, encoding="utf-8")
    plan = Plan(design=load_design(tmp_path / "mine.yaml"), version="", created="")
    assert len(questions(plan)) == len(plan.scenarios)
    assert all(plan.price(model) for model in plan.models)


def test_every_shipped_study_can_be_loaded() -> None:
    for name, file in shipped().items():
        assert load_design(file).title, name


def pages(nav: Any) -> list[str]:  # noqa: ANN401 - nested lists and tables of TOML
    if isinstance(nav, str):
        return [nav]
    parts: list[Any] = list(nav.values() if isinstance(nav, dict) else nav)  # pyright: ignore[reportUnknownArgumentType, reportUnknownMemberType] - as above
    return [page for part in parts for page in pages(part)]


def test_every_page_stands_in_the_nav_and_every_decision_in_the_index() -> None:
    nav = tomllib.loads(read(ROOT / "zensical.toml"))["project"]["nav"]
    written = [path.relative_to(DOCS).as_posix() for path in DOCS.rglob("*.md")]
    assert sorted(pages(nav)) == sorted(written)
    index = read(DOCS / "decisions" / "index.md")
    decisions = [path.name for path in (DOCS / "decisions").glob("0*.md")]
    assert [name for name in decisions if f"]({name})" not in index] == []


PAGES = [*sorted(DOCS.rglob("*.md")), *(ROOT / f"{name}.md" for name in ("README", "CONTRIBUTING", "SECURITY"))]


@pytest.mark.parametrize("path", PAGES, ids=lambda path: path.relative_to(ROOT).as_posix())
def test_links_between_pages_lead_somewhere(path: Path) -> None:
    for target, anchor in re.findall(r"\]\((?!https?:)([^)#\s]*)(?:#([^)\s]*))?\)", read(path)):
        page = (path.parent / target) if target else path
        assert page.exists(), target
        if anchor:
            assert anchor in anchors(read(page)), f"{target}#{anchor}"


HISTORY = DOCS / "decisions"
"""Pages that tell what was: they name files as they were called then."""

NAMED_PATH = re.compile(
    r"(?<![\w./-])"  # not within another path or an address
    r"(?:src|tests|tools|packages|examples|benchmarks|docs|\.ci)/"  # a folder of the repository
    r"[\w./*-]*[\w*]"  # files and folders, not the full stop that ends a sentence
)
"""A path of the repository in running text, perhaps with `*` in it."""


@pytest.mark.parametrize(
    "path",
    [*(path for path in PAGES if HISTORY not in path.parents), *sorted((ROOT / "packages").glob("*/README.md"))],
    ids=lambda path: path.relative_to(ROOT).as_posix(),
)
def test_every_path_of_the_repository_that_a_page_names_exists(path: Path) -> None:
    assert [each for each in NAMED_PATH.findall(read(path)) if not any(ROOT.glob(each))] == []


def anchors(text: str) -> set[str]:
    headings = re.findall(r"^#+ (.*)$", text, re.MULTILINE)
    return {re.sub(r"[^\w\s-]", "", heading.lower()).strip().replace(" ", "-") for heading in headings}


def test_the_page_of_the_embedded_model_states_what_was_measured() -> None:
    found = json.loads(read(ROOT / "benchmarks" / "results" / "embedded.json"))
    page = read(DOCS / "how-to" / "embedded-model.md")
    for key, row in {
        "completed": "the job was done",
        "read_history": "the history was opened before the decisive step",
    }.items():
        assert f"| {row} | {found[key]:.0%} |".replace("%", " %") in page
    assert f"| seconds for an episode | {found['seconds_per_episode']:g} |" in page
    assert f"| tokens a second, while it writes | {found['tokens_per_s']:g} |" in page
    assert found["completed"] >= 0.7
    assert found["read_history"] >= 0.8
    assert f"{found['completed']:.0%}".replace("%", " %") in " ".join(read(ROOT / "README.md").split())
