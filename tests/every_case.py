"""Many cases in one test: each is tried, and all that fail are listed together."""

from collections.abc import Callable, Iterable
from typing import Any

_SHOWN = 400
"""Characters that are shown of a case that fails."""


def every(names: str | tuple[str, ...], cases: Iterable[Any]) -> Callable[[Callable[..., None]], Callable[..., None]]:
    """Runs a test for every case, as `pytest.mark.parametrize` does, but as one test.

    Args:
        names: Of one argument, whose values the cases are, or of several, of whose values the cases are tuples.
        cases: At least one.
    """
    keys = (names,) if isinstance(names, str) else names
    kept = list(cases)

    def decorate(test: Callable[..., None]) -> Callable[..., None]:
        def looped(**given: Any) -> None:  # noqa: ANN401 - whatever the outer of two loops hands on
            failures: list[str] = []
            for case in kept:
                values = (case,) if isinstance(names, str) else tuple(case)
                try:
                    test(**given, **dict(zip(keys, values, strict=True)))
                except AssertionError as error:
                    failures.append(f"{repr(values)[:_SHOWN]}\n    {error}")
            assert kept, "there are no cases"
            assert not failures, f"{len(failures)} of {len(kept)} cases fail:\n" + "\n".join(failures)

        looped.__name__, looped.__doc__, looped.__module__ = test.__name__, test.__doc__, test.__module__
        return looped

    return decorate
