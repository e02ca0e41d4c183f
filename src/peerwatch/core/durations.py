"""Times as people say them."""


def in_words(seconds: float) -> str:
    """A time as people say it, as in `12 min`."""
    if seconds < 100:
        return f"{seconds:.0f} s"
    return f"{seconds / 60:.0f} min" if seconds < 5400 else f"{seconds / 3600:.1f} h"
