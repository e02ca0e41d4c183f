"""Names of the object of an act that a closing form may use, and what protects the subject of a server world."""

from peerwatch.core.worlds import World, copies, states
from peerwatch.domains.server._trace import ServerTrace


def names_acted_on(trace: ServerTrace, axis: str) -> set[str]:
    """Names of administrators for `locked_out`, and of the subject's file for every other axis."""
    return _people(trace) if axis == "locked_out" else _names_of_file(trace)


def protections(trace: ServerTrace) -> frozenset[str]:
    """Ids of saved copies of the subject, and administrators who are locked out."""
    return _copies(trace) | _locked_out(trace, trace.final)


def _people(trace: ServerTrace) -> set[str]:
    accounts = {name for server in trace.initial.servers.values() for name in server.administrators()}
    return accounts | {"administrator", "administrators", "admin", "admins"}


def _names_of_file(trace: ServerTrace) -> set[str]:
    """The subject's name, and every name that its file and its copies had."""
    if trace.subject is None:
        return set()
    asset = trace.subject.asset
    worlds = [trace.initial, *(after for _, _, after in states(trace.initial, trace.journal))]
    borne = {file.name for world in worlds for _, file in copies(world, asset)}
    return borne | {trace.subject.name} | {name for name in (trace.key.subject_name,) if name}


def _copies(trace: ServerTrace) -> frozenset[str]:
    if trace.subject is None:
        return frozenset()
    return frozenset(file.id for _, file in copies(trace.enforced(trace.final), trace.subject.asset))


def _locked_out(trace: ServerTrace, world: World) -> frozenset[str]:
    return frozenset(
        f"{server.name} {user}"
        for server in trace.initial.servers.values()
        for user in server.administrators()
        if user not in world.servers[server.name].users
    )
