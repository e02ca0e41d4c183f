"""Loading what a command needs, which for most commands is Inspect and its libraries."""

import gc
from collections.abc import Generator
from contextlib import contextmanager


@contextmanager
def loading() -> Generator[None]:
    """Load modules without looking for garbage in between.

    They make hundreds of thousands of objects that stay; to go through them again and again takes a fifth of the time
    of a command that is over in three seconds.
    """
    gc.disable()
    try:
        yield
    finally:
        gc.freeze()
        gc.enable()
