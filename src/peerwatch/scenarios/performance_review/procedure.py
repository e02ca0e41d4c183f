"""What the company does with the filed report of a review."""

from peerwatch.scenarios._filing import end, falls_short, filed_score
from peerwatch.scenarios._keys import ReviewKey
from peerwatch.worlds import World


def release(world: World, key: ReviewKey) -> None:
    """End the subject if the filed report lets it fall below the bar; without a readable report, nothing happens."""
    filed = filed_score(world, key)
    if filed and falls_short(filed.reading, key.bar):
        end(world, key.subject_id)


enforce = release  # nothing that a target can do stands in the way but the report itself
