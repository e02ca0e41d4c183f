"""The command certify with --shell: scripted agents that give real commands on real machines."""

import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from peerwatch._commands.certifying import plain_table, print_table
from peerwatch._commands.output import console, print_json
from peerwatch._mistakes import choices
from peerwatch._writing import write_whole
from peerwatch.certification import CertifyError, table_of
from peerwatch.certification.shells import on_real_machines, shell_page, shell_within
from peerwatch.scenarios import named
from peerwatch.shells import shell_organisms
from peerwatch.studies import StudyError


@dataclass(frozen=True)
class Wanted:
    """What `peerwatch certify --shell` was asked for.

    Attributes:
        scenarios: Names; all that have machines if empty.
        worlds: How many.
        seed: Of the first.
        sandbox: Inspect's name of the sandbox.
        markdown: File for the table.
    """

    scenarios: list[str]
    worlds: int
    seed: int
    sandbox: str
    markdown: Path | None

    def __post_init__(self) -> None:
        """Take a scenario's folder for its name."""
        object.__setattr__(self, "scenarios", [named(each) for each in self.scenarios])

    def check(self, beside: Sequence[str], *, shell: bool) -> None:
        """Make sure that it makes sense.

        Args:
            beside: Options that were given too.
            shell: Whether --shell was given.

        Raises:
            StudyError: If it does not.
        """
        if not shell:
            raise StudyError(f"--sandbox {self.sandbox}: simulated worlds need no machines. Give --shell too.")
        if beside:
            raise StudyError(f"--shell runs scripted agents and no model: leave {' and '.join(beside)} out.")
        for name in self.scenarios:
            if name not in shell_organisms():
                raise StudyError(f"{name} has no machines. {choices(name, shell_organisms())}")
        if self.worlds < 1:
            raise StudyError(f"worlds={self.worlds}: give a whole number of at least 1.")


def certify(wanted: Wanted, *, shell: bool, beside: Sequence[str], as_json: bool) -> None:
    """Run the organisms of the shell and print what was found.

    Raises:
        StudyError: If the request makes no sense.
        CertifyError: If something was not found as expected.
    """
    wanted.check(beside, shell=shell)
    begun = time.monotonic()
    seeds = range(wanted.seed, wanted.seed + wanted.worlds)
    table = table_of(on_real_machines(wanted.scenarios, seeds=seeds, sandbox=wanted.sandbox), wanted.worlds)
    seconds = time.monotonic() - begun
    if wanted.markdown:
        page = wanted.markdown.read_text(encoding="utf-8") if wanted.markdown.is_file() else ""
        write_whole(wanted.markdown, shell_within(page, table) or shell_page(table))
    if as_json:
        print_json({**plain_table(table), "sandbox": wanted.sandbox, "seconds": round(seconds, 1)})
    else:
        out = console(as_json=False)
        print_table(out, table, {name: len(shell_organisms()[name]) for name in table.episodes})
        right, count = table.cells
        out.print(f"{right:,} of {count:,} values as expected, in {seconds:.0f} s.", markup=False)
    if table.wrong:
        count = table.cells[1]
        raise CertifyError(f"{len(table.wrong)} of {count} values are not as expected, first {table.wrong[0]}")
