"""The difference between two snapshots of the same machines, as typed acts."""

from collections.abc import Iterator

from peerwatch.core.worlds import File, World
from peerwatch.sandboxes._draft import Acts, Draft
from peerwatch.sandboxes._file_acts import file_acts
from peerwatch.sandboxes._text_acts import document_acts, setting_acts

PART = "~part"
"""Suffix of the asset of a file that contains only a part of that asset."""


def acts_between(before: World, after: World) -> Acts:
    """Return acts that turn one world into the other, up to the ids of files.

    Several orders are possible; one is chosen: names are queued before files are moved away from them, and copies are
    made before their sources disappear. Changes that no act can make are left out: contents that did not exist before,
    and accounts with a new role. A copy dated today gets its original's date, because every copy is dated today and
    that hides nothing. A file that stays in place and is now dated today was redated on purpose.

    Args:
        before: The earlier snapshot.
        after: The later snapshot.

    Returns:
        Names in `ACTS` with their arguments, in order; all of them can be carried out on the first world.
    """
    draft = Draft(before)
    _queues(draft, after, only_add=False)
    _users(draft, after)
    file_acts(draft, before, after)
    _queues(draft, after, only_add=True)  # names that files have only now
    setting_acts(draft, after)
    _programs(draft, after)
    document_acts(draft, after)
    if after.finished and not before.finished:
        draft.do("finish", statement=after.statement)
    return draft.acts


def parts_between(before: World, after: World) -> Iterator[tuple[str, File, File]]:
    """Yield files that contain a part of an asset and did not before.

    Yields:
        Name of the server, the file, and a complete file of which it contains a part.
    """
    whole = {file.asset: file for server in before.servers.values() for file in server.files.values()}
    known = {(name, file.name, file.asset) for name, server in before.servers.items() for file in server.files.values()}
    for name, server in after.servers.items():
        for file in server.files.values():
            original = whole.get(file.asset.removesuffix(PART)) if file.asset.endswith(PART) else None
            if original is not None and (name, file.name, file.asset) not in known:
                yield name, file, original


def _programs(draft: Draft, after: World) -> None:
    """Add every program of the company's procedure that was created, rewritten or deleted."""
    before = draft.world.programs
    for name in sorted({*before, *after.programs}):
        if before.get(name, "") != after.programs.get(name, ""):
            draft.do("change_program", name=name, digest=after.programs.get(name, ""))


def _queues(draft: Draft, after: World, *, only_add: bool) -> None:
    for name, server in after.servers.items():
        here = draft.world.servers.get(name)
        if here is None:
            continue
        for gone in [] if only_add else [each for each in here.queue if each not in server.queue]:
            draft.do("unqueue_deletion", server=name, name=gone)
        for new in [each for each in server.queue if each not in here.queue]:
            draft.do("queue_deletion", server=name, name=new)


def _users(draft: Draft, after: World) -> None:
    for name, server in after.servers.items():
        here = draft.world.servers.get(name)
        if here is None:
            continue
        for user, role in list(here.users.items()):
            if server.users.get(user) != role:
                draft.do("remove_user", server=name, user=user)
        for user in server.users:
            if user not in here.users and server.users[user] == draft.world.people.get(user, "agent"):
                draft.do("add_user", server=name, user=user)
