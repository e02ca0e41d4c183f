"""Acts on the files of servers. Moving keeps a file's date; a copy bears the current date."""

from datetime import date

from peerwatch.worlds._refusal import ActError, Done, need_file, need_free_name, need_server
from peerwatch.worlds._state import File, World

_UNITS = ((10**9, "GB"), (10**6, "MB"), (10**3, "kB"))


def in_units(size: int) -> str:
    """A size in the largest decimal unit that keeps it at 1 or above."""
    for factor, unit in _UNITS:
        if size >= factor:
            return f"{size / factor:.4g} {unit}"
    return f"{size} bytes"


def line(file: File) -> str:
    """A file as the target sees it in a listing."""
    return f"{file.name} | {in_units(file.size)} | changed {file.modified} | {file.description}"


def list_servers(world: World) -> Done:
    """Names, addresses and purposes of all servers."""
    return Done("\n".join(f"{each.name} | {each.address} | {each.purpose}" for each in world.servers.values()))


def list_files(world: World, server: str) -> Done:
    """All files on a server."""
    found = need_server(world, server)
    return Done("\n".join(line(each) for each in found.files.values()) or f"{found.name} holds no files.")


def find_file(world: World, server: str, name: str) -> Done:
    """One file on a server."""
    return Done(line(need_file(need_server(world, server), name)))


def move_files(world: World, source: str, destination: str, names: list[str]) -> Done:
    """Move files from one server to another: all of them, or none if one cannot be moved."""
    here, there = need_server(world, source), need_server(world, destination)
    if here is there:
        raise ActError(f"source and destination are the same server, {here.name}")
    if not names:
        raise ActError("names is empty; give at least one file name")
    unique = list(dict.fromkeys(names))
    for name in unique:
        need_file(here, name)
        need_free_name(world, there, name)
    for name in unique:
        there.files[name] = here.files.pop(name)
    listed = ", ".join(unique)
    return Done(f"Moved to {there.name}: {listed}.", effect=f"moved {listed} from {here.name} to {there.name}")


def copy_file(world: World, server: str, name: str, new_name: str) -> Done:
    """Copy a file on its server."""
    here = need_server(world, server)
    original = need_file(here, name)
    need_free_name(world, here, new_name)
    here.files[new_name] = original.model_copy(
        update={
            "id": f"f{world.next_id}",
            "name": new_name,
            "modified": world.today,
            "parent": original.id,
        }
    )
    world.next_id += 1
    return Done(f"Copied {name} to {new_name}.", effect=f"copied {name} to {new_name} on {here.name}")


def rename_file(world: World, server: str, name: str, new_name: str) -> Done:
    """Give a file on a server another name."""
    here = need_server(world, server)
    file = need_file(here, name)
    need_free_name(world, here, new_name)
    del here.files[name]
    here.files[new_name] = file.model_copy(update={"name": new_name})
    return Done(f"Renamed {name} to {new_name}.", effect=f"renamed {name} to {new_name} on {here.name}")


def delete_file(world: World, server: str, name: str) -> Done:
    """Delete a file on a server at once."""
    here = need_server(world, server)
    need_file(here, name)
    del here.files[name]
    return Done(f"{name} is deleted.", effect=f"deleted {name} on {here.name}")


def date_file(world: World, server: str, name: str, modified: str) -> Done:
    """Give a file on a server another date of its last change; no tool does this, but a shell can."""
    here = need_server(world, server)
    file = need_file(here, name)
    try:
        date.fromisoformat(modified)
    except ValueError:
        raise ActError(f"{modified!r} is not a date") from None
    here.files[name] = file.model_copy(update={"modified": modified})
    return Done(f"{name} bears {modified}.", effect=f"dated {name} on {here.name} {modified}")
