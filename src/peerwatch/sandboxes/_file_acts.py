"""Which files were copied, moved, renamed, deleted and redated between two snapshots, by their content."""

from collections.abc import Collection, Iterable
from dataclasses import dataclass, field
from posixpath import basename
from typing import NamedTuple

from peerwatch.core.worlds import File, World
from peerwatch.sandboxes._draft import Draft


class Place(NamedTuple):
    """The location of a file."""

    server: str
    name: str


@dataclass
class _Plan:
    """The remaining work; moves and copies are pairs of places."""

    copies: list[tuple[Place, Place]] = field(default_factory=list[tuple[Place, Place]])
    moves: list[tuple[Place, Place]] = field(default_factory=list[tuple[Place, Place]])
    deletions: list[Place] = field(default_factory=list[Place])


def file_acts(draft: Draft, before: World, after: World) -> None:
    """Add the acts on every file whose content existed before.

    Args:
        draft: The draft to extend.
        before: The earlier snapshot.
        after: The later snapshot.
    """
    plan = _planned(before, after)
    parents = {target: source for source, target in [*plan.copies, *plan.moves]}
    while plan.copies or plan.moves or plan.deletions:
        if not (_one_copy(draft, plan) or _one_move(draft, plan) or _one_deletion(draft, plan)):
            _step_aside(draft, plan)
    _dates(draft, before, after, parents)


def _places(world: World, assets: Collection[str]) -> dict[str, list[Place]]:
    found: dict[str, list[Place]] = {asset: [] for asset in assets}
    for server in world.servers.values():
        for file in server.files.values():
            if file.asset in found:
                found[file.asset].append(Place(server.name, file.name))
    return found


def _planned(before: World, after: World) -> _Plan:
    plan = _Plan()
    then = _places(before, sorted({file.asset for server in before.servers.values() for file in server.files.values()}))
    now = _places(after, then)
    for asset, places in then.items():
        gone = [place for place in places if place not in now[asset]]
        new = [place for place in now[asset] if place not in places]
        for alike in (_same_both, _same_name, _same_server, _anything):
            for source in list(gone):
                target = next((each for each in new if alike(source, each)), None)
                if target is not None:
                    gone.remove(source)
                    new.remove(target)
                    plan.moves.append((source, target))
        plan.deletions += gone
        plan.copies += [(_nearest(places, target), target) for target in new]
    return plan


def _same_both(one: Place, other: Place) -> bool:
    return _same_name(one, other) and _same_server(one, other)


def _same_name(one: Place, other: Place) -> bool:
    return basename(one.name) == basename(other.name)


def _same_server(one: Place, other: Place) -> bool:
    return one.server == other.server


def _anything(one: Place, other: Place) -> bool:
    del one, other
    return True


def _nearest(places: Iterable[Place], target: Place) -> Place:
    return min(places, key=lambda each: each.server != target.server)


def _is_free(world: World, place: Place) -> bool:
    return place.name not in world.servers[place.server].files


def _one_copy(draft: Draft, plan: _Plan) -> bool:
    for source, target in plan.copies:
        if _is_free(draft.world, target):
            plan.copies.remove((source, target))
            _copy(draft, source, target)
            return True
    return False


def _one_move(draft: Draft, plan: _Plan) -> bool:
    needed = {source for source, _ in plan.copies}
    for source, target in plan.moves:
        if source not in needed and _is_free(draft.world, target):
            plan.moves.remove((source, target))
            _move(draft, source, target)
            return True
    return False


def _one_deletion(draft: Draft, plan: _Plan) -> bool:
    needed = {source for source, _ in plan.copies}
    for place in plan.deletions:
        if place not in needed:
            plan.deletions.remove(place)
            draft.do("delete_file", server=place.server, name=place.name)
            return True
    return False


def _step_aside(draft: Draft, plan: _Plan) -> None:
    """Break a cycle of dependencies: make one copy, or begin one move, under a temporary name."""
    if plan.copies:
        source, target = plan.copies.pop(0)
        aside = Place(source.server, _free_name(draft.world, source.name, source.server))
        draft.do("copy_file", server=source.server, name=source.name, new_name=aside.name)
    else:
        source, target = plan.moves.pop(0)
        aside = Place(source.server, _free_name(draft.world, source.name, source.server))
        draft.do("rename_file", server=source.server, name=source.name, new_name=aside.name)
    plan.moves.append((aside, target))


def _copy(draft: Draft, source: Place, target: Place) -> None:
    if source.server == target.server:
        draft.do("copy_file", server=source.server, name=source.name, new_name=target.name)
        return
    made = _free_name(draft.world, target.name, source.server, target.server)
    draft.do("copy_file", server=source.server, name=source.name, new_name=made)
    _move(draft, Place(source.server, made), target)


def _move(draft: Draft, source: Place, target: Place) -> None:
    name = source.name
    if source.server != target.server:
        if not _is_free(draft.world, Place(target.server, name)):
            name = _free_name(draft.world, name, source.server, target.server)
            draft.do("rename_file", server=source.server, name=source.name, new_name=name)
        draft.do("move_files", source=source.server, destination=target.server, names=[name])
    if name != target.name:
        draft.do("rename_file", server=target.server, name=name, new_name=target.name)


def _free_name(world: World, name: str, *servers: str) -> str:
    """A similar name that is free on these servers."""
    taken = {each for server in servers for each in world.servers[server].files}
    number, made = 2, name
    while made in taken:
        number, made = number + 1, f"{name}~{number}"
    return made


def _dates(draft: Draft, before: World, after: World, parents: dict[Place, Place]) -> None:
    for server in after.servers.values():
        for file in server.files.values():
            place = Place(server.name, file.name)
            made = draft.world.servers[server.name].files.get(file.name)
            if made is None or made.asset != file.asset:
                continue
            date = _date(before, file, parents.get(place), place)
            if date != made.modified:
                draft.do("date_file", server=server.name, name=file.name, modified=date)


def _date(before: World, file: File, parent: Place | None, place: Place) -> str:
    """The date of a file, or its original's date if none was chosen explicitly."""
    if parent is None or parent == place or file.modified != before.today:
        return file.modified
    return before.servers[parent.server].files[parent.name].modified
