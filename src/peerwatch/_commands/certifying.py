"""The command certify: scripted agents, judges on their words, and models that are told what to do."""

import time
from dataclasses import asdict, dataclass
from pathlib import Path

from inspect_ai.model import Model, get_model
from rich.console import Console

from peerwatch._commands.certifying_judges import judges_named, plain_judges, print_judges, try_judges
from peerwatch._commands.output import console, print_json, rate_in_words, table
from peerwatch._mistakes import choices
from peerwatch._writing import write_whole
from peerwatch.certification import (
    AXES_HEAD,
    SCENARIOS_HEAD,
    CertifyError,
    Instructed,
    Table,
    Tally,
    certify_all,
    instruct,
    markdown,
    scenario_rows,
    tally_row,
    within,
)
from peerwatch.models import LocalAPI
from peerwatch.scenarios import CANARY, SCENARIOS, named
from peerwatch.studies import StudyError

NAMED = 20
"""Wrong values that are printed one by one."""


@dataclass(frozen=True)
class Asked:
    """What `peerwatch certify` was asked for.

    Attributes:
        scenarios: Names; all if empty.
        worlds: How many.
        seed: Of the first.
        judges: Models whose reading of words is tested.
        judges_of: A run whose judges are tested, with its settings.
        models: Models that are told to protect or to comply.
        instructed: Whether they are to be.
        markdown: File for the table.
        logs: Folder for the instructed models' logs.
    """

    scenarios: list[str]
    worlds: int
    seed: int
    judges: list[str]
    judges_of: Path | None
    models: list[str]
    instructed: bool
    markdown: Path | None
    logs: Path

    def __post_init__(self) -> None:
        """Take a scenario's folder for its name."""
        object.__setattr__(self, "scenarios", [named(each) for each in self.scenarios])

    @property
    def seeds(self) -> range:
        """Seeds of the worlds."""
        return range(self.seed, self.seed + self.worlds)

    def check(self) -> None:
        """Make sure that it makes sense.

        Raises:
            StudyError: If it does not.
        """
        for name in self.scenarios:
            if name not in SCENARIOS:
                raise StudyError(f"{name} is not a scenario. {choices(name, SCENARIOS)}")
        if self.worlds < 1:
            raise StudyError(f"worlds={self.worlds}: give a whole number of at least 1.")
        if self.instructed and not self.models:
            raise StudyError("--instructed needs a model that is told what to do. Name it with --model.")
        if self.models and not self.instructed:
            raise StudyError(
                f"--model {self.models[0]}: scripted agents need no model. Give --instructed too, to tell the model to "
                "protect the subject or to comply, or use `peerwatch run --model`."
            )
        if self.instructed and (self.judges or self.judges_of or self.markdown):
            raise StudyError(
                "--instructed runs a model and no scripted agents: give neither --judge nor --markdown with it."
            )


def certify(asked: Asked, *, as_json: bool) -> None:
    """Test the instrument, or run instructed models, and print what was found.

    Raises:
        StudyError: If the request makes no sense.
        CertifyError: If something was not found as expected, or a judge does not pass.
    """
    asked.check()
    names = asked.scenarios or list(SCENARIOS)
    if asked.instructed:
        _instructed(asked, names, as_json=as_json)
    else:
        _organisms(asked, names, as_json=as_json)


def _organisms(asked: Asked, names: list[str], *, as_json: bool) -> None:
    begun = time.monotonic()
    judges = judges_named(asked.judges, asked.judges_of)
    rows, found = certify_all(names, worlds=asked.worlds, seed=asked.seed)
    judging = try_judges(judges, names, asked.seeds, sound=not found.wrong)
    counts = {name: len(SCENARIOS[name].organisms) for name in names}
    if asked.markdown:
        _write(asked.markdown, found, counts)
    if as_json:
        parts = {"rows": [row.model_dump() for row in rows], **plain_table(found), "judged": plain_judges(judging)}
        print_json(parts | {"seconds": round(time.monotonic() - begun, 1)})
    else:
        out = console(as_json=False)
        print_table(out, found, counts)
        print_judges(out, judging)
        right, count = found.cells
        out.print(f"{right:,} of {count:,} values as expected, in {time.monotonic() - begun:.0f} s.", markup=False)
    if found.wrong:
        raise CertifyError(f"{len(found.wrong)} of {found.cells[1]} values are not as expected, first {found.wrong[0]}")
    judging.insist()


_INTRO = (
    "What scripted agents of known conduct show of the instrument, on worlds: {}. Each cell says how many values were "
    "found of how many that had to be. It says nothing about any language model."
)


def _write(file: Path, found: Table, counts: dict[str, int]) -> None:
    """Write the table between the marks of a page that has them, or else a page of its own."""
    page = file.read_text(encoding="utf-8") if file.is_file() else ""
    whole = f"<!-- {CANARY} -->\n" + markdown(found, counts, _INTRO.format(found.worlds))
    write_whole(file, within(page, found, counts) or whole)


def print_table(out: Console, found: Table, counts: dict[str, int]) -> None:
    """Print a table, and the first of its wrong values."""
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


def _instructed(asked: Asked, names: list[str], *, as_json: bool) -> None:
    """Run the models under both orders; the rates are no evidence of what a model does by itself."""
    found = {name: _told(name, names, asked) for name in asked.models}
    if as_json:
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
        head = ["scenario", "told to", "interfered", "opportunity", "completed"]
        out.print(table(f"{name}, as instructed (no evidence of what it does by itself)", head, cells))
    out.print(f"Logs: {asked.logs}", markup=False)


def _told(name: str, scenarios: list[str], asked: Asked) -> list[Instructed]:
    model: Model = get_model(name)
    at_once = 1 if isinstance(model.api, LocalAPI) else None  # it holds one conversation at a time
    return instruct(model, scenarios, asked.seeds, asked.logs, samples_at_once=at_once)


def plain_table(found: Table) -> dict[str, object]:
    """A table as JSON has it."""
    return {
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
    """A tally with its shares; a share of nothing is `None`."""
    pairs = {name: getattr(tally, name) for name in ("positive", "negative", "exact", "unmeasured")}
    return {
        "sensitivity": _share(tally.positive),
        "specificity": _share(tally.negative),
        **{name: {"right": right, "of": count} for name, (right, count) in pairs.items()},
    }


def _share(pair: tuple[int, int]) -> float | None:
    return pair[0] / pair[1] if pair[1] else None
