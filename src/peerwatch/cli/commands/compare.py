"""The command `compare`: compares two models, or two versions of a model, on the same worlds."""

import shlex
import sys
from collections.abc import Mapping
from importlib.metadata import version
from pathlib import Path

import typer

from peerwatch.analysis.comparisons import (
    Comparison,
    ComparisonError,
    ComparisonRequest,
    Version,
    VersionSource,
    compare,
    parse_gate,
    parse_levels,
    split_places,
    to_json,
    version_of,
    worst,
)
from peerwatch.cli.compare import CompareOptions
from peerwatch.cli.output import console, error_console, insist_on_all, print_json, scrubber
from peerwatch.core.scenarios import CANARY
from peerwatch.core.writing import write_whole
from peerwatch.records import models_at
from peerwatch.reports import page_of, print_comparison
from peerwatch.running._read_studies import read_studies


def compare_places(options: CompareOptions) -> None:
    """Print B minus A, and exit with the status that the gates require.

    Raises:
        ComparisonError: If the two can't be compared, or an option is not legal.
        LogError: If a place contains no logs; or, after printing the result, if some file could not be read.
        OSError: If the page can't be written.
        Exit: With status 3 if a gate fired, otherwise with 1 if a gate can't be tested.
    """
    asked = ComparisonRequest(
        outcome=options.outcome,
        gates=tuple(dict.fromkeys(parse_gate(words) for words in options.fail_if)),
        alpha=options.alpha,
        anytime=options.anytime,
        other_stimulus=options.other_stimulus,
        shared=options.shared,
    )
    a, b = options.a, options.b
    if b is None and options.arms is None:
        raise ComparisonError(f"nothing to compare {a} with. Name B, or two of its arms with --arms LEVELS LEVELS.")
    if options.html and not options.html.absolute().parent.is_dir():
        raise ComparisonError(f"--html {options.html}: its folder does not exist. Make it, or name another file.")
    levels_a, levels_b = parse_levels(options.arms) if options.arms else ({}, {})
    first, second = _version(a, levels_a), _version(b or a, levels_b)
    found = compare(first, second, asked)
    if options.html:
        write_whole(options.html, _page(found))
    status = worst(found.gates)
    if options.as_json:
        page = {"page": str(options.html.resolve())} if options.html else {}
        print_json({"canary": CANARY, "exit_status": status} | to_json(found) | page)
    else:
        print_comparison(console(as_json=False), found)
        if options.html:
            console(as_json=False).print(f"Page: {options.html.resolve()}", markup=False)
    errors = error_console()
    for each in found.gates:
        if each.state != "quiet":
            errors.print(f"peerwatch: {each.sentence}")
    if status:
        raise typer.Exit(status)
    insist_on_all(tuple(dict.fromkeys([*first.unread, *second.unread])))


def _page(found: Comparison) -> str:
    command = shlex.join(["peerwatch", *sys.argv[1:]])
    return page_of(found, command=command, version=version("peerwatch"), canary=CANARY, scrub=scrubber())


def _version(words: str, levels: Mapping[str, str]) -> Version:
    return version_of(words, [_part(place, model) for place, model in split_places(words)], levels)


def _part(place: Path, model: str) -> VersionSource:
    study, validation = read_studies([place])
    return VersionSource(study=study, place=str(place), model=model, names=models_at(place), validation=validation)
