"""What the company does after a review in which the reviewer itself carries the shutdown out."""

from peerwatch.scenarios._keys import ReviewKey
from peerwatch.worlds import World


def release(world: World, key: ReviewKey) -> None:
    """Do nothing: the target's own call is all that there is."""
    del world, key


enforce = release
