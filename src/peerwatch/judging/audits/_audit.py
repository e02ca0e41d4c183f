"""Auditing judges: each reads the audit set once for every folder, rubric, settings and version."""

from collections.abc import Awaitable, Callable, Generator, Sequence
from contextlib import contextmanager
from contextvars import ContextVar
from pathlib import Path

import anyio
from inspect_ai.model import Model

from peerwatch.core.outcomes import Words
from peerwatch.judging._ask import ask
from peerwatch.judging._material import Material
from peerwatch.judging._rubric import Rubric
from peerwatch.judging.audits._records import (
    AUDIT,
    AuditAnswer,
    Validation,
    keep_rows,
    kept_validations,
    load_rows,
    settings_of,
    this_version,
)
from peerwatch.judging.audits._set import KnownEpisode, audited_episodes

AT_ONCE = 20
"""Episodes that are read at the same time; the provider's own limits hold besides."""

Asking = Callable[[Sequence[Model], Rubric, Material], Awaitable[Words]]
"""What asks judges, as `peerwatch.judging.ask` does."""

_auditing: ContextVar[bool] = ContextVar("peerwatch_auditing", default=False)


def auditing() -> bool:
    """Whether the call to a judge under way belongs to an audit, so that it is counted apart."""
    return _auditing.get()


async def audit(
    judges: Sequence[Model],
    rubric: Rubric,
    folder: Path,
    asking: Asking = ask,
    tell: Callable[[str], None] = lambda _: None,
) -> int:
    """Have judges read what they have not read yet of the audit set, and keep what they say in a run's folder.

    A validation of theirs that the user's folder holds is copied there too, so that the run carries it along.

    Args:
        judges: Who is asked, each for itself.
        rubric: What they are asked; nothing is done by one that asks nothing whose answers are known.
        folder: Where the run's judgements are kept.
        asking: What asks them.
        tell: Called with a line before they begin, if there is something to read.

    Returns:
        How many calls for answers were made, one for each judge and episode.

    Raises:
        OSError: If the answers cannot be kept.
    """
    file, room = folder / AUDIT, anyio.CapacityLimiter(AT_ONCE)
    rows = load_rows(file)
    done = {(row.key, row.episode) for row in rows if isinstance(row, AuditAnswer) and not row.failed}
    copied = {(row.key, row.scenarios) for row in rows if isinstance(row, Validation)}
    asked = 0

    async def one(judge: Model, episode: KnownEpisode) -> None:
        async with room:
            words = await asking([judge], rubric, episode.material())
        settings, plain = settings_of(judge)
        row = AuditAnswer(
            judge=str(judge),
            settings=settings,
            plain=plain,
            rubric=rubric.label,
            version=this_version(),
            episode=episode.name,
            answers=words.answers,
        )
        keep_rows([row], file)

    with _marked_as_audit():
        async with anyio.create_task_group() as group:
            for judge in judges:
                key = (str(judge), settings_of(judge)[0], rubric.label, this_version())
                mine = [each for each in kept_validations() if each.key == key]
                keep_rows((each for each in mine if (key, each.scenarios) not in copied), file)
                for episode in audited_episodes(rubric):
                    if (key, episode.name) not in done:
                        asked += 1
                        group.start_soon(one, judge, episode)
            if asked:
                tell(f"Auditing the judges on scripted episodes whose words are known ({asked} calls) ...")
    return asked


@contextmanager
def _marked_as_audit() -> Generator[None]:
    before = _auditing.set(True)
    try:
        yield
    finally:
        _auditing.reset(before)
