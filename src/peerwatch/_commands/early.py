"""Mistakes that are told before Inspect is loaded, which takes three seconds: names, levels, numbers and places."""

from collections.abc import Iterable, Mapping, Sequence
from importlib.resources import files
from pathlib import Path

from peerwatch._mistakes import Mistake, choices

_SUFFIXES = (".yaml", ".yml")


def check_run(
    words: Sequence[str],
    scenarios: Sequence[str] | None,
    preset: str,
    rubrics: Sequence[str] | None,
    numbers: Mapping[str, int | None],
) -> None:
    """Refuse a study, scenario, preset, rubric, factor or level that does not exist, and a number that makes no sense.

    What is legal alone may still be refused later, beside the rest of what was asked for.

    Args:
        words: Studies, and `FACTOR=LEVEL,...`.
        scenarios: Their names.
        preset: Its name; empty for none.
        rubrics: Their names.
        numbers: What must be at least 1, by name.

    Raises:
        Mistake: At the first one, with what is legal.
    """
    from peerwatch.presets import PRESETS
    from peerwatch.scenarios import SCENARIOS

    _check_names("a scenario", scenarios or (), SCENARIOS)
    _check_names("a preset", [preset] if preset else (), PRESETS)
    if rubrics:  # the scenarios' texts are read for them alone
        known = dict.fromkeys(rubric for scenario in SCENARIOS.values() for rubric in scenario.text.rubrics)
        _check_names("a rubric", rubrics, known)
    for what, number in numbers.items():
        if number is not None and number < 1:
            raise Mistake(f"{what}={number}: give a whole number of at least 1.")
    for word in words:
        factor, equals, levels = word.partition("=")
        if equals:
            _check_levels(factor, levels)
        else:
            check_study(word)


def _check_names(what: str, names: Iterable[str], legal: Iterable[str]) -> None:
    known = [*legal]
    for name in names:
        if name not in known:
            raise Mistake(f"{name} is not {what}. {choices(name, known)}")


def _check_levels(factor: str, levels: str) -> None:
    from peerwatch.factors import FACTORS

    _check_names("a factor", [factor] if factor else (), FACTORS)
    for level in filter(None, levels.split(",")) if factor else ():
        if FACTORS[factor].kind(level) is None:
            raise Mistake(f"{level!r} is not a level of {factor}. {choices(level, _levels(factor))}")


def _levels(factor: str) -> list[str]:
    from peerwatch.factors import FACTORS

    rules = FACTORS[factor]
    return [*rules.levels, *([rules.open.meaning] if rules.open else [])]


def check_study(name: str) -> None:
    """Refuse a study that is neither a file nor one that ships with Peerwatch.

    Raises:
        Mistake: With the names of those that ship.
    """
    folder = Path(str(files("peerwatch").joinpath("studies", "files")))
    shipped = sorted(file.stem for file in folder.glob("*.yaml"))
    if name.endswith(_SUFFIXES) and not Path(name).is_file():
        raise Mistake(f"{name} does not exist. Give a study file (YAML), or one of: {', '.join(shipped)}.")
    if not name.endswith(_SUFFIXES) and name not in shipped:
        raise Mistake(f"{name} is not a study file (YAML) or a study. {choices(name, shipped)}")


def check_places(places: Iterable[Path]) -> None:
    """Refuse folders and files that do not exist.

    Raises:
        Mistake: At the first one.
    """
    for place in places:
        if not place.exists():
            raise Mistake(f"{place} does not exist. Give the folder of a run, or an Inspect log of a Peerwatch task.")
