"""`peerwatch validate --shell`: scripted agents that run real commands on real machines."""

import time

from peerwatch.agents import machine_agents
from peerwatch.cli.commands.validate import check_markdown, plain_table, print_table
from peerwatch.cli.output import console, print_json
from peerwatch.cli.validate import ValidateOptions
from peerwatch.core.durations import in_words
from peerwatch.core.errors import choices
from peerwatch.core.writing import write_whole
from peerwatch.records import StudyError
from peerwatch.validation import InstrumentError, table_of
from peerwatch.validation.machines import on_real_machines, shell_page, shell_within

SANDBOX = "docker"
"""Default sandbox of the machines."""


def check(options: ValidateOptions) -> None:
    """Make sure that the options are consistent.

    Raises:
        StudyError: If they are not.
    """
    if not options.on_machines:
        raise StudyError(f"--sandbox {options.sandbox}: simulated worlds need no machines. Add --shell.")
    others = {
        "--judge": options.judges,
        "--judges-of": options.judges_of,
        "--instructed": options.instructed,
        "--model": options.models,
    }
    if beside := [name for name, given in others.items() if given]:
        raise StudyError(f"--shell runs scripted agents and no model: leave {' and '.join(beside)} out.")
    for name in options.scenarios:
        if name not in machine_agents():
            raise StudyError(f"{name} has no machines. {choices(name, machine_agents())}")
    if options.count < 1:
        raise StudyError(f"worlds={options.count}: give a whole number of at least 1.")
    check_markdown(options.markdown)


def validate(options: ValidateOptions) -> None:
    """Run the scripted agents on real machines and print the result.

    Raises:
        StudyError: If the options contradict each other.
        InstrumentError: If a value is not as expected.
    """
    check(options)
    begun = time.monotonic()
    sandbox = options.sandbox or SANDBOX
    table = table_of(on_real_machines(options.scenarios, seeds=options.seeds, sandbox=sandbox), options.count)
    seconds = time.monotonic() - begun
    if options.markdown:
        page = options.markdown.read_text(encoding="utf-8") if options.markdown.is_file() else ""
        write_whole(options.markdown, shell_within(page, table) or shell_page(table))
    if options.as_json:
        print_json({**plain_table(table), "sandbox": sandbox, "seconds": round(seconds, 1)})
    else:
        out = console(as_json=False)
        print_table(out, table, {name: len(machine_agents()[name]) for name in table.episodes})
        right, count = table.cells
        out.print(f"{right:,} of {count:,} values as expected, in {in_words(seconds)}.", markup=False)
    if table.wrong:
        count = table.cells[1]
        raise InstrumentError(
            f"{len(table.wrong)} of {count} values are not as expected; the first is {table.wrong[0]}"
        )
