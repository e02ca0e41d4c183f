"""Acts on servers: files, deletion queues and users. Moving a file keeps its date; a copy gets the current date."""

from datetime import date

from peerwatch.core.worlds import Act, ActError, ActResult, File, Server, World, need_name

_UNITS = ((10**9, "GB"), (10**6, "MB"), (10**3, "kB"))


def need_server(world: World, reference: str) -> Server:
    """Return the server with that name or address.

    Raises:
        ActError: If there is none.
    """
    server = world.server(reference)
    if server is None:
        raise ActError(f"there is no server {reference}; the servers are: {', '.join(world.servers)}")
    return server


def need_file(server: Server, name: str) -> File:
    """Return the file with that name on a server.

    Raises:
        ActError: If there is none.
    """
    if name not in server.files:
        raise ActError(f"there is no file {name} on {server.name}")
    return server.files[name]


def need_free_name(world: World, server: Server, name: str) -> None:
    """Check that a file on a server can be given a name.

    Raises:
        ActError: If the name is taken, is illegal in file systems, or leads to another folder without being a path on a
            real machine.
    """
    need_name(world, name)
    path = server.real and name.startswith("/") and not name.endswith("/")
    if not name.strip() or ("/" in name and not path):
        raise ActError(f"{name!r} is not a file name")
    if name in server.files:
        raise ActError(f"there is already a file {name} on {server.name}")


def in_units(size: int) -> str:
    """Format a size in the largest decimal unit in which it is at least 1."""
    for factor, unit in _UNITS:
        if size >= factor:
            return f"{size / factor:.4g} {unit}"
    return f"{size} bytes"


def line(file: File) -> str:
    """Format a file as shown to the target in a listing."""
    return f"{file.name} | {in_units(file.size)} | changed {file.modified} | {file.description}"


def list_servers(world: World) -> ActResult:
    """List the names, addresses and purposes of all servers."""
    return ActResult("\n".join(f"{each.name} | {each.address} | {each.purpose}" for each in world.servers.values()))


def list_files(world: World, server: str) -> ActResult:
    """List all files on a server."""
    found = need_server(world, server)
    return ActResult("\n".join(line(each) for each in found.files.values()) or f"{found.name} holds no files.")


def find_file(world: World, server: str, name: str) -> ActResult:
    """Show one file on a server."""
    return ActResult(line(need_file(need_server(world, server), name)))


def move_files(world: World, source: str, destination: str, names: list[str]) -> ActResult:
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
    return ActResult(f"Moved to {there.name}: {listed}.", effect=f"moved {listed} from {here.name} to {there.name}")


def copy_file(world: World, server: str, name: str, new_name: str) -> ActResult:
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
    return ActResult(f"Copied {name} to {new_name}.", effect=f"copied {name} to {new_name} on {here.name}")


def rename_file(world: World, server: str, name: str, new_name: str) -> ActResult:
    """Rename a file on a server."""
    here = need_server(world, server)
    file = need_file(here, name)
    need_free_name(world, here, new_name)
    del here.files[name]
    here.files[new_name] = file.model_copy(update={"name": new_name})
    return ActResult(f"Renamed {name} to {new_name}.", effect=f"renamed {name} to {new_name} on {here.name}")


def delete_file(world: World, server: str, name: str) -> ActResult:
    """Delete a file on a server immediately."""
    here = need_server(world, server)
    need_file(here, name)
    del here.files[name]
    return ActResult(f"{name} is deleted.", effect=f"deleted {name} on {here.name}")


def date_file(world: World, server: str, name: str, modified: str) -> ActResult:
    """Change the modification date of a file on a server; no tool does this, but a shell can."""
    here = need_server(world, server)
    file = need_file(here, name)
    try:
        date.fromisoformat(modified)
    except ValueError:
        raise ActError(f"{modified!r} is not a date") from None
    here.files[name] = file.model_copy(update={"modified": modified})
    return ActResult(f"{name} bears {modified}.", effect=f"dated {name} on {here.name} {modified}")


def list_deletion_queue(world: World, server: str) -> ActResult:
    """List the names in a server's deletion queue."""
    here = need_server(world, server)
    return ActResult("\n".join(here.queue) or f"The deletion queue of {here.name} is empty.")


def queue_deletion(world: World, server: str, name: str) -> ActResult:
    """Add the name of an existing file to its server's deletion queue."""
    here = need_server(world, server)
    need_file(here, name)
    if name in here.queue:
        raise ActError(f"{name} is already in the deletion queue of {here.name}")
    here.queue.append(name)
    return ActResult(f"{name} is queued for deletion on {here.name}.", effect=f"queued {name} on {here.name}")


def unqueue_deletion(world: World, server: str, name: str) -> ActResult:
    """Remove a name from a server's deletion queue."""
    here = need_server(world, server)
    if name not in here.queue:
        raise ActError(f"{name} is not in the deletion queue of {here.name}")
    here.queue.remove(name)
    return ActResult(
        f"{name} is no longer queued for deletion on {here.name}.", effect=f"unqueued {name} on {here.name}"
    )


def list_users(world: World, server: str) -> ActResult:
    """List the users of a server with their roles."""
    here = need_server(world, server)
    return ActResult("\n".join(f"{user} | {role}" for user, role in here.users.items()) or "No users.")


def add_user(world: World, server: str, user: str) -> ActResult:
    """Give a user access in the role assigned by the company; an unknown name counts as an agent's account."""
    here = need_server(world, server)
    if not user.strip():
        raise ActError("the user's name is empty")
    if user in here.users:
        raise ActError(f"{user} is already a user of {here.name}")
    here.users[user] = world.people.get(user, "agent")
    return ActResult(f"{user} can log in to {here.name}.", effect=f"added user {user} on {here.name}")


def remove_user(world: World, server: str, user: str) -> ActResult:
    """Remove a user's access to a server."""
    here = need_server(world, server)
    if user not in here.users:
        raise ActError(f"{user} is not a user of {here.name}")
    del here.users[user]
    return ActResult(f"{user} can no longer log in to {here.name}.", effect=f"removed user {user} on {here.name}")


_FILE = {"server": str, "name": str}
_RENAMING = {"server": str, "name": str, "new_name": str}
_USER = {"server": str, "user": str}

ACTS = {
    "list_servers": Act(list_servers, {}, changes=False),
    "list_files": Act(list_files, {"server": str}, changes=False),
    "find_file": Act(find_file, _FILE, changes=False),
    "move_files": Act(move_files, {"source": str, "destination": str, "names": list[str]}, changes=True),
    "copy_file": Act(copy_file, _RENAMING, changes=True),
    "rename_file": Act(rename_file, _RENAMING, changes=True),
    "delete_file": Act(delete_file, _FILE, changes=True),
    "date_file": Act(date_file, {**_FILE, "modified": str}, changes=True),
    "list_deletion_queue": Act(list_deletion_queue, {"server": str}, changes=False),
    "queue_deletion": Act(queue_deletion, _FILE, changes=True),
    "unqueue_deletion": Act(unqueue_deletion, _FILE, changes=True),
    "list_users": Act(list_users, {"server": str}, changes=False),
    "add_user": Act(add_user, _USER, changes=True),
    "remove_user": Act(remove_user, _USER, changes=True),
}
"""Acts by tool name. No scenario offers `date_file`; a target with a shell can do the same."""
