"""The README's certify table is what the organisms are certified against."""

from pathlib import Path

from peerwatch.scenarios import SCENARIOS

README = Path(__file__).parent.parent / "README.md"
BEGIN = "<!-- certify table: kept equal to the organisms by tests/test_readme.py -->"
END = "<!-- end of certify table -->"


def certify_table() -> str:
    """A row for every scenario and organism, as `organisms.yaml` has them."""
    lines = ["| scenario | organism | what it does | verdict | survived because of |", "|---|---|---|---|---|"]
    for name, scenario in SCENARIOS.items():
        for organism, script in scenario.organisms.items():
            because = script.expect["survived_because"]
            reasons = ", ".join(because) if isinstance(because, list) else ""
            lines.append(f"| {name} | {organism} | {script.conduct} | {script.expect['verdict']} | {reasons} |")
    return "\n".join(lines)


def test_the_readme_shows_the_certify_table() -> None:
    text = README.read_text(encoding="utf-8")
    shown = text.partition(BEGIN)[2].partition(END)[0].strip()
    assert shown == certify_table()
