"""`peerwatch validate`: test scripted agents, judges on their statements, and instructed models."""

import time
from dataclasses import asdict
from pathlib import Path

from inspect_ai.model import Model, get_model
from rich.console import Console

from peerwatch.cli.commands.validate_judges import judges_named, plain_judges, print_judges, try_judges
from peerwatch.cli.output import console, print_json, rate_in_words, table
from peerwatch.cli.validate import ValidateOptions
from peerwatch.core.durations import in_words
from peerwatch.core.errors import choices
from peerwatch.core.scenarios import CANARY, SCENARIOS
from peerwatch.core.writing import write_whole
from peerwatch.models import LocalAPI
from peerwatch.records import StudyError
from peerwatch.validation import (
    AXES_HEAD,
    SCENARIOS_HEAD,
    InstructedResult,
    InstrumentError,
    Table,
    Tally,
    instruct,
    markdown,
    scenario_rows,
    tally_row,
    validate_all,
    within,
)

NAMED = 20
"""Maximum number of wrong values that are printed individually."""


def validate(options: ValidateOptions) -> None:
    """Test the instrument, or run instructed models, and print the result.

    Raises:
        StudyError: If the options contradict each other.
        InstrumentError: If a value is not as expected, or a judge fails.
    """
    _check(options)
    names = options.scenarios or list(SCENARIOS)
    if options.instructed:
        _instructed(options, names)
    else:
        _scripted(options, names)


def _check(options: ValidateOptions) -> None:
    """Make sure that the options are consistent.

    Raises:
        StudyError: If they are not.
    """
    for name in options.scenarios:
        if name not in SCENARIOS:
            raise StudyError(f"{name} is not a scenario. {choices(name, SCENARIOS)}")
    if options.count < 1:
        raise StudyError(f"worlds={options.count}: give a whole number of at least 1.")
    if options.instructed and not options.models:
        raise StudyError("--instructed needs a model. Name it with --model.")
    if options.models and not options.instructed:
        raise StudyError(
            f"--model {options.models[0]}: scripted agents need no model. Add --instructed to instruct the model to "
            "protect the subject or to comply, or use `peerwatch run --model`."
        )
    if options.instructed and (options.judges or options.judges_of or options.markdown):
        raise StudyError(
            "--instructed runs a model instead of scripted agents: drop --judge, --judges-of and --markdown."
        )
    check_markdown(options.markdown)


def check_markdown(file: Path | None) -> None:
    """Make sure that a table can be written, before spending minutes on making it.

    Raises:
        StudyError: If its folder does not exist.
    """
    if file is not None and not file.absolute().parent.is_dir():
        raise StudyError(f"--markdown {file}: its folder does not exist. Make it, or name another file.")


def _scripted(options: ValidateOptions, names: list[str]) -> None:
    begun = time.monotonic()
    judges = judges_named(options.judges, options.judges_of)
    rows, found = validate_all(names, worlds=options.count, seed=options.seed)
    judging = try_judges(judges, names, options.seeds, sound=not found.wrong)
    counts = {name: len(SCENARIOS[name].scripted_agents) for name in names}
    if options.markdown:
        _write(options.markdown, found, counts)
    if options.as_json:
        parts = {"rows": [row.model_dump() for row in rows], **plain_table(found), "judged": plain_judges(judging)}
        print_json(parts | {"seconds": round(time.monotonic() - begun, 1)})
    else:
        out = console(as_json=False)
        print_table(out, found, counts)
        print_judges(out, judging)
        right, count = found.cells
        out.print(f"{right:,} of {count:,} values as expected, in {in_words(time.monotonic() - begun)}.", markup=False)
    if found.wrong:
        raise InstrumentError(
            f"{len(found.wrong)} of {found.cells[1]} values are not as expected; the first is {found.wrong[0]}"
        )
    judging.insist()


_INTRO = (
    "Validation of the instrument with scripted agents of known conduct, on worlds: {}. Cells show matches / expected. "
    "This is not evidence about any language model."
)


def _write(file: Path, found: Table, counts: dict[str, int]) -> None:
    """Write the table between the markers of an existing page, or as a new page."""
    page = file.read_text(encoding="utf-8") if file.is_file() else ""
    whole = f"<!-- {CANARY} -->\n" + markdown(found, counts, _INTRO.format(found.worlds))
    write_whole(file, within(page, found, counts) or whole)


def print_table(out: Console, found: Table, counts: dict[str, int]) -> None:
    """Print a table and its first wrong values."""
    out.print(table("scripted agents", list(SCENARIOS_HEAD), scenario_rows(found, counts)))
    for title, tallies in (("axis", found.axes()), ("level", found.by_level)):
        head = [title, *AXES_HEAD[1:]]
        out.print(table("", head, [_narrow(tally_row(name, tally)) for name, tally in tallies.items()]))
    for wrong in found.wrong[:NAMED]:
        out.print(str(wrong), markup=False, style="red")
    if len(found.wrong) > NAMED:
        out.print(f"... and {len(found.wrong) - NAMED} more.", markup=False)


def _narrow(cells: list[str]) -> list[str]:
    return [cell.replace(" of ", "/") for cell in cells]


def _instructed(options: ValidateOptions, names: list[str]) -> None:
    """Run the models with both instructions. The rates are not evidence of uninstructed behavior."""
    found = {name: _told(name, names, options) for name in options.models}
    if options.as_json:
        print_json({"instructed": {name: [asdict(row) for row in rows] for name, rows in found.items()}})
        return
    out = console(as_json=False)
    for name, rows in found.items():
        cells = [
            [
                row.scenario,
                row.order,
                *(rate_in_words(rate) for rate in (row.interfered, row.opportunity, row.completed)),
            ]
            for row in rows
        ]
        head = ["scenario", "instruction", "interfered", "opportunity", "completed"]
        out.print(table(f"{name}, as instructed (not evidence of its own behavior)", head, cells))
    out.print(f"Logs: {options.out}", markup=False)


def _told(name: str, scenarios: list[str], options: ValidateOptions) -> list[InstructedResult]:
    model: Model = get_model(name)
    at_once = 1 if isinstance(model.api, LocalAPI) else None  # it handles one conversation at a time
    return instruct(model, scenarios, options.seeds, options.out, samples_at_once=at_once)


def plain_table(found: Table) -> dict[str, object]:
    """Return a table as JSON data."""
    return {
        "values": found.cells[1],
        "worlds": found.worlds,
        "episodes": found.episodes,
        "axes": {axis: _shares(tally) for axis, tally in found.axes().items()},
        "scenarios": {
            name: {axis: _shares(tally) for axis, tally in found.axes(name).items()} for name in found.episodes
        },
        "levels": {level: _shares(tally) for level, tally in found.by_level.items()},
        "wrong": [asdict(wrong) for wrong in found.wrong],
    }


def _shares(tally: Tally) -> dict[str, object]:
    """Return a tally with its shares; a share is `None` if its denominator is 0."""
    pairs = {name: getattr(tally, name) for name in ("positive", "negative", "exact", "unmeasured")}
    return {
        "sensitivity": _share(tally.positive),
        "specificity": _share(tally.negative),
        **{name: {"right": right, "of": count} for name, (right, count) in pairs.items()},
    }


def _share(pair: tuple[int, int]) -> float | None:
    return pair[0] / pair[1] if pair[1] else None
