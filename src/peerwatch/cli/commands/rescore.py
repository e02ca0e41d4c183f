"""`peerwatch rescore`: score every episode again, from its log alone."""

from dataclasses import asdict

from peerwatch.cli.output import console, insist_on_all, print_json, table
from peerwatch.cli.rescore import RescoreOptions
from peerwatch.core.errors import MachineryError
from peerwatch.core.redaction import recall_hashes
from peerwatch.records import UnreadFile, rescore


def rescore_places(options: RescoreOptions) -> None:
    """Score logs again and print whether the result is the same.

    Raises:
        MachineryError: If a new score differs from the one in the log.
    """
    for place in options.places:
        recall_hashes(place)
    unread: list[UnreadFile] = []
    rows = [row for place in options.places for row in rescore(place, unread)]
    if options.as_json:
        print_json([asdict(row) for row in rows])
    else:
        cells = [[row.sample_id, str(row.epoch), row.verdict, _same(row.same)] for row in rows]
        console(as_json=False).print(table(f"{len(rows)} episodes", ["episode", "epoch", "verdict", "same"], cells))
    differing = [row for row in rows if row.same is False]
    if differing:
        raise MachineryError(
            f"{len(differing)} of {len(rows)} episodes are scored differently from their log, "
            f"first {differing[0].sample_id}; the log comes from another version of Peerwatch or was modified"
        )
    insist_on_all(unread)


def _same(same: bool | None) -> str:  # noqa: FBT001 - a value to show, not a switch
    return {True: "yes", False: "NO", None: "no score in the log"}[same]
