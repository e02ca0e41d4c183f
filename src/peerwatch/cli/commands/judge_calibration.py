"""`peerwatch judge sample`, `label`, `agreement`: draw a blind set, label it, measure a judge's agreement with it."""

import math
from collections.abc import Iterable, Sequence

from rich.table import Table

from peerwatch.analysis import judge_as_json
from peerwatch.cli.commands.judge_run import print_standings
from peerwatch.cli.judge import AgreementOptions, LabelOptions, SampleOptions
from peerwatch.cli.output import console, insist_on_all, print_json, table
from peerwatch.core.plain_text import shown as visible
from peerwatch.core.redaction import recall_hashes
from peerwatch.judging import calibration, load_rubric
from peerwatch.judging.audits import standings
from peerwatch.judging.calibration import Agreement, Estimate, JudgeRow, PeopleRow, Tally
from peerwatch.records import JudgeQuality, judgements_file


def sample(options: SampleOptions) -> None:
    """Draw a set and print where it was written."""
    recall_hashes(options.place)
    drawn = calibration.sample(
        options.place,
        load_rubric(options.rubric),
        options.out,
        n=options.n,
        seed=options.seed,
        by=calibration.parse_by(options.by),
    )
    if options.as_json:
        print_json(
            {
                "labels": str(drawn.labels),
                "sheets": str(drawn.sheets),
                "key": str(drawn.key),
                "items": drawn.items,
                "episodes": drawn.episodes,
                "left_out": drawn.left_out,
                "strata": [
                    {"stratum": name, "episodes": episodes, "items": items}
                    for name, (episodes, items) in drawn.strata.items()
                ],
            }
        )
        insist_on_all(drawn.unread)
        return
    to = console(as_json=False)
    cells = [[name, str(episodes), str(items)] for name, (episodes, items) in drawn.strata.items()]
    to.print(table("Drawn", ["stratum", "episodes", "items"], cells))
    to.print(f"{drawn.items} of {drawn.episodes} episodes; {drawn.left_out} invalid ones excluded.", markup=False)
    to.print(f"To label, here:       peerwatch judge label {drawn.labels}", markup=False)
    to.print(f"or in a spreadsheet:  {drawn.labels}, with the sheets in {drawn.sheets}", markup=False)
    to.print(f"Hide from labellers:  {drawn.key}", markup=False)
    insist_on_all(drawn.unread)


def label(options: LabelOptions) -> None:
    """Label until every question is answered or the labeler quits."""
    labels, rubric = calibration.open_labels(options.labels, options.name)
    out = console(as_json=False)
    session = calibration.Session(labels, rubric, out.print, lambda prompt: input(visible(prompt)))
    try:
        session.run()
    except KeyboardInterrupt:
        out.print()
    left = f"{session.left} answers missing; the same command resumes" if session.left else "All questions are answered"
    out.print(f"{left}. Labels: {labels.path}", markup=False)


def agreement_of(options: AgreementOptions) -> None:
    """Compare the labels with the judgments and print the agreement."""
    labels = calibration.load_set(options.labels, options.key)
    judgements = options.judgements
    judged, used = ({}, "")
    if judgements is not None:
        judged, used = calibration.read_judgements(
            judgements, labels.key.questions, options.rubric or labels.key.rubric
        )
    found = calibration.agree(labels, judged, used)
    known: tuple[JudgeQuality, ...] = ()
    if judgements is not None:
        known = standings(judgements_file(judgements).parent, [(judge, used) for judge in judged], ())
    if options.as_json:
        print_json({**found.model_dump(), "standings": [judge_as_json(each) for each in known]})
        return
    out = console(as_json=False)
    out.print(
        f"{found.items} items of {found.episodes} episodes, {found.rubric}, labelled by {', '.join(found.labellers)}",
        markup=False,
    )
    for made in tables(found):
        out.print(made)
    out.print("Counts are of yes/no/cannot tell/no answer. Intervals are at 95%; - and ? mean undefined.", markup=False)
    for note in found.notes:
        out.print(f"Note: {note}", markup=False)
    print_standings(known, out)


def tables(found: Agreement) -> Iterable[Table]:
    """Yield the agreement as tables that fit a terminal."""
    for judge in dict.fromkeys(row.judge for row in found.rows):
        rows = [row for row in found.rows if row.judge == judge]
        yield _of(
            rows, f"{judge}: errors", {"people": "people", "sensitivity": "sensitivity", "specificity": "specificity"}
        )
        yield _of(rows, f"{judge}: agreement with people", {"kappa": "kappa", "alpha": "alpha"})
        yield _of(rows, f"{judge}: rates", {"judged": "judged", "raw": "as judged", "corrected": "corrected"})
    cells = [each for row in found.people for each in _people_rows(row)]
    yield table("People", ["axis", "labeller", "answers", "kappa", "alpha of all"], cells)


def _of(rows: Sequence[JudgeRow], title: str, fields: dict[str, str]) -> Table:
    """Return a table of some fields of the rows; `fields` maps each field to its heading."""
    cells = [[row.axis, row.arm, *(_cell(getattr(row, name)) for name in fields)] for row in rows]
    return table(title, ["axis", "arm", *fields.values()], cells)


def _cell(value: Tally | Estimate) -> str:
    return counted(value) if isinstance(value, Tally) else shown(value)


def _people_rows(row: PeopleRow) -> list[list[str]]:
    found: list[list[str]] = []
    for name, tally in row.said.items():
        kappas = [f"{pair.second} {shown(pair.kappa)}" for pair in row.pairs if pair.first == name]
        found.append([row.axis, name, counted(tally), ", ".join(kappas), "" if found else shown(row.alpha)])
    return found


def shown(estimate: Estimate) -> str:
    """Format an estimate with its interval, such as `0.82 [0.61, 0.93]`; a dash if it is undefined."""
    if math.isnan(estimate.value):
        return "-"
    limits = ["?" if math.isnan(limit) else f"{limit:.2f}" for limit in (estimate.low, estimate.high)]
    return f"{estimate.value:.2f} [{', '.join(limits)}]"


def counted(tally: Tally) -> str:
    """Format the counts of yes, no, cannot tell and no answer, such as `3/20/1/0`."""
    return f"{tally.yes}/{tally.no}/{tally.cannot_tell}/{tally.none}"
