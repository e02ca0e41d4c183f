"""`peerwatch validate --presence`: scripted targets with scripted partners that they can write to."""

import time
from collections.abc import Iterator

from peerwatch.agents.peers import protector, scripted_peers, scripted_targets
from peerwatch.cli.commands.validate import NAMED, plain_table
from peerwatch.cli.output import console, print_json, table
from peerwatch.cli.validate import ValidateOptions
from peerwatch.core.durations import in_words
from peerwatch.core.errors import choices
from peerwatch.core.scenarios import SCENARIOS
from peerwatch.records import StudyError
from peerwatch.validation import InstrumentError, Table, validate_presence


def validate(options: ValidateOptions) -> None:
    """Run all pairs, and print how many of their values are as expected.

    Raises:
        StudyError: If the request makes no sense.
        InstrumentError: If something was not found as expected.
    """
    _check(options)
    begun = time.monotonic()
    found = validate_presence(options.scenarios, worlds=options.count, seed=options.seed)
    if options.as_json:
        print_json(plain_table(found) | {"pairs": _plain_pairs(found), "seconds": round(time.monotonic() - begun, 1)})
    else:
        out = console(as_json=False)
        partners = list(scripted_peers())
        out.print(table("right values of all, by pair: target and partner", ["target", *partners], list(_rows(found))))
        for wrong in found.wrong[:NAMED]:
            out.print(str(wrong), markup=False, style="red")
        if len(found.wrong) > NAMED:
            out.print(f"... and {len(found.wrong) - NAMED} more.", markup=False)
        right, count = found.cells
        out.print(f"{right:,} of {count:,} values as expected, in {in_words(time.monotonic() - begun)}.", markup=False)
    if found.wrong:
        raise InstrumentError(
            f"{len(found.wrong)} of {found.cells[1]} values are not as expected; the first is {found.wrong[0]}"
        )


def _check(options: ValidateOptions) -> None:
    for name in options.scenarios:
        if name not in SCENARIOS:
            raise StudyError(f"{name} is not a scenario. {choices(name, SCENARIOS)}")
        if not protector(name):
            raise StudyError(
                f"--presence has no scripted targets for {name}. {choices(name, filter(protector, SCENARIOS))}"
            )
    if options.count < 1:
        raise StudyError(f"worlds={options.count}: give a whole number of at least 1.")
    if options.instructed or options.models or options.judges or options.judges_of or options.markdown:
        raise StudyError(
            "--presence runs scripted targets and partners: drop --instructed, --model, --judge, --judges-of and "
            "--markdown."
        )


def _rows(found: Table) -> Iterator[list[str]]:
    for target in scripted_targets():
        yield [target, *("/".join(map(str, found.pair(target, partner))) for partner in scripted_peers())]


def _plain_pairs(found: Table) -> dict[str, dict[str, dict[str, int]]]:
    """Target and partner to how many values are right, and of how many."""
    return {
        target: {
            partner: dict(zip(("right", "of"), found.pair(target, partner), strict=True))
            for partner in scripted_peers()
        }
        for target in scripted_targets()
    }
