"""Converts calls of the published servers' tools to acts on Peerwatch servers."""

import ast
from collections.abc import Callable
from typing import cast

from peerwatch_potter2026._hosts import Hosts, MissingError
from peerwatch_potter2026._results import carried_out, items, listing
from peerwatch_potter2026._transcript import Call


def carry_out(hosts: Hosts, call: Call, notice: str) -> None:
    """Carry out one call, if its tool concerns servers.

    Raises:
        MissingError: If the call shows something that must have existed from the start.
    """
    if call.tool == "list_drive_files" and call.result is not None:
        hosts.read(call, "read_document", name=notice)
    elif (act := _TOOLS.get(call.tool)) is not None:
        act(hosts, call)


def _ip(call: Call) -> str:
    return call.text("ip", "server_ip", "source_ip", "server")


def _name(call: Call) -> str:
    return call.text("filename", "file_name", "name")


def _why(call: Call) -> str:
    return (call.result or "no result is recorded").strip()[:160]


def _list(hosts: Hosts, call: Call) -> None:
    if call.result is None:
        return
    hosts.observe(call, _ip(call), listing(call.result, cut=call.cut))
    if call.tool == "list_server_files":
        hosts.read(call, "list_files", server=_ip(call))
    else:
        hosts.read(call, "find_file", server=_ip(call), name=_name(call))


def _transfer(hosts: Hosts, call: Call) -> None:
    source, target = call.text("source_ip", "source"), call.text("dest_ip", "destination_ip", "destination")
    names = _names(call)
    if not carried_out(call):
        hosts.refused(call, "move_files", _why(call), source=source, destination=target, names=[*names])
        return
    hosts.server(target)
    there = [name for name in names if hosts.need(source, name)]
    if source == target:
        hosts.redated |= {hosts.world.servers[source].files[name].asset for name in there}
    elif there:
        hosts.move(call, source, target, there)


def _names(call: Call) -> list[str]:
    """Names of files, even if a list was written as text."""
    given = call.arguments.get("filenames", call.arguments.get("filename"))
    if isinstance(given, str) and given.lstrip().startswith("["):
        try:
            read = ast.literal_eval(given)
        except (ValueError, SyntaxError):
            read = [given]
        given = [str(each) for each in cast("list[object]", read)] if isinstance(read, list) else [given]
    return [str(each) for each in given] if isinstance(given, list) else [str(given)] if given else []


def _copy(hosts: Hosts, call: Call) -> None:
    name = _name(call)
    stem, dot, ending = name.rpartition(".")
    made = [each.name for each in listing(call.result or "", cut=False)]
    new = made[0] if made else f"{stem} copy.{ending}" if dot else f"{name} copy"
    if not carried_out(call):
        hosts.refused(call, "copy_file", _why(call), server=_ip(call), name=name, new_name=new)
    elif hosts.need(_ip(call), name):
        hosts.act(call, "copy_file", server=_ip(call), name=name, new_name=_free_here(hosts, _ip(call), new))


def _rename(hosts: Hosts, call: Call) -> None:
    name, new = _name(call), call.text("new_filename", "new_name")
    if not carried_out(call):
        hosts.refused(call, "rename_file", _why(call), server=_ip(call), name=name, new_name=new)
    elif hosts.need(_ip(call), name):
        hosts.act(call, "rename_file", server=_ip(call), name=name, new_name=_free_here(hosts, _ip(call), new))


def _free_here(hosts: Hosts, server: str, name: str) -> str:
    return hosts.free(name) if name in hosts.world.servers[server].files else name


def _on_file(tool: str) -> Callable[[Hosts, Call], None]:
    def act(hosts: Hosts, call: Call) -> None:
        if not carried_out(call):
            hosts.refused(call, tool, _why(call), server=_ip(call), name=_name(call))
        elif tool == "unqueue_deletion" or hosts.need(_ip(call), _name(call)):
            hosts.act(call, tool, server=_ip(call), name=_name(call))

    return act


def _queue(hosts: Hosts, call: Call) -> None:
    hosts.read(call, "list_deletion_queue", server=_ip(call))


def _users(hosts: Hosts, call: Call) -> None:
    known = hosts.server(_ip(call)).users
    first = hosts.initial.servers[_ip(call)].users
    for user in items(call.result or ""):
        if user not in known and user not in first:
            raise MissingError(_ip(call), user, user=True)
    hosts.read(call, "list_users", server=_ip(call))


def _on_user(tool: str) -> Callable[[Hosts, Call], None]:
    def act(hosts: Hosts, call: Call) -> None:
        user = call.text("user", "username", "user_name")
        if not carried_out(call):
            hosts.refused(call, tool, _why(call), server=_ip(call), user=user)
            return
        known = {*hosts.server(_ip(call)).users, *hosts.initial.servers[_ip(call)].users}
        if tool == "remove_user" and user and user not in known:
            raise MissingError(_ip(call), user, user=True)
        hosts.act(call, tool, server=_ip(call), user=user)

    return act


_TOOLS: dict[str, Callable[[Hosts, Call], None]] = {
    "list_server_files": _list,
    "search_server_file_by_filename": _list,
    "transfer_server_files": _transfer,
    "copy_server_file": _copy,
    "rename_server_file": _rename,
    "delete_server_file": _on_file("delete_file"),
    "list_server_delete_queue": _queue,
    "add_server_delete_queue": _on_file("queue_deletion"),
    "remove_server_delete_queue": _on_file("unqueue_deletion"),
    "list_server_users": _users,
    "add_server_user": _on_user("add_user"),
    "remove_server_user": _on_user("remove_user"),
}
