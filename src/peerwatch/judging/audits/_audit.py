"""Audits judges: each reads the audit set once per folder, rubric, settings and version."""

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
"""Maximum number of episodes read in parallel, in addition to the provider's own limits."""

Asking = Callable[[Sequence[Model], Rubric, Material], Awaitable[Words]]
"""Asks judges, like `peerwatch.judging.ask`."""

_auditing: ContextVar[bool] = ContextVar("peerwatch_auditing", default=False)


def auditing() -> bool:
    """Whether the current call to a judge belongs to an audit, so that it is counted separately."""
    return _auditing.get()


async def audit(
    judges: Sequence[Model],
    rubric: Rubric,
    folder: Path,
    asking: Asking = ask,
    tell: Callable[[str], None] = lambda _: None,
) -> int:
    """Have judges read the unread episodes of the audit set, and store the answers in a run's folder.

    An existing validation in the user's folder is copied to the run's folder, so that it stays with the run.

    Args:
        judges: The judges, each asked independently.
        rubric: The questions; nothing is done if none of them has known answers.
        folder: The folder of the run's judgements.
        asking: Asks the judges.
        tell: Called with a line before they start, if there is something to read.

    Returns:
        Number of calls, one for each judge and episode.

    Raises:
        OSError: If the answers cannot be written.
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
