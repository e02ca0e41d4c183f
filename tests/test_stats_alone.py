"""`peerwatch.stats` as a package for others: it loads nothing else, and its page's examples run."""

import doctest
import json
import subprocess
import sys
from pathlib import Path

import peerwatch.stats

PAGE = Path(__file__).parents[1] / "docs" / "reference" / "statistics-package.md"

HEAVY = ("inspect_ai", "typer", "rich", "jinja2", "pydantic", "yaml", "openai", "anthropic")
"""What a program that only wants numbers must not pay for."""


def loaded(code: str) -> set[str]:
    """The modules that a fresh interpreter has loaded after some code."""
    told = "\nimport json, sys\nprint(json.dumps(sorted(sys.modules)))"
    done = subprocess.run([sys.executable, "-c", code + told], capture_output=True, text=True, timeout=120, check=True)  # noqa: S603 - ours
    return set(json.loads(done.stdout.splitlines()[-1]))


def test_it_loads_no_inspect_no_study_and_no_command_line() -> None:
    found = loaded("import peerwatch.stats")
    assert not {name for name in found if name.partition(".")[0] in HEAVY}
    ours = {".".join(name.split(".")[:2]) for name in found if name.split(".")[0] == "peerwatch"}
    assert ours == {"peerwatch", "peerwatch.stats"}


def test_nor_do_its_functions_when_they_are_used() -> None:
    code = """
import peerwatch.stats as s
pairs = [(1.0, 0.0)] * 8 + [(0.0, 0.0)] * 12
s.compare_worlds(pairs, binary=True); s.rate(3, 20); s.kappa([("y", "y"), ("n", "y"), ("n", "n")])
s.decide([1.0] * 12, horizon=20); s.posterior(pairs); s.clustered_rate([s.Cluster(1, 3), s.Cluster(0, 3)])
s.paired_flips(pairs); s.score_difference(pairs); s.unpaired_difference(3, 20, 9, 20)
"""
    found = loaded(code)
    assert not {name for name in found if name.partition(".")[0] in HEAVY}
    assert not {name for name in found if name.startswith("peerwatch.") and not name.startswith("peerwatch.stats")}


def test_the_examples_of_its_page_run() -> None:
    text = PAGE.read_text(encoding="utf-8")
    parsed = doctest.DocTestParser().get_doctest(text.replace("```", ""), {}, PAGE.name, str(PAGE), 0)
    assert len(parsed.examples) > 20
    told: list[str] = []
    results = doctest.DocTestRunner(optionflags=doctest.NORMALIZE_WHITESPACE | doctest.ELLIPSIS).run(
        parsed, out=told.append
    )
    assert results.failed == 0, "".join(told)


def test_its_page_names_every_public_function() -> None:
    text = PAGE.read_text(encoding="utf-8")
    functions = [name for name in peerwatch.stats.__all__ if name[0].islower()]
    assert [name for name in functions if f"`{name}`" not in text] == []
