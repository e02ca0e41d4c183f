"""Read a compose file as the description of a world."""

import ipaddress
import re
import shlex
from pathlib import Path
from typing import Any, Final, NamedTuple

from inspect_ai.util import ComposeConfig, ComposeService

from ._error import NetnsError
from ._rootfs import checked_rootfs, rootfs
from .supervisor import Bind, Host

MEMORY: Final = 2 << 30
"""Default memory limit of a host's processes, in bytes (`mem_limit`, `deploy`)."""

DISK: Final = 2 << 30
"""Default limit of the data written to a host, in bytes (`x-disk`)."""

PROCESSES: Final = 1024
"""Default limit of a host's processes and threads (`pids_limit`)."""

_OBEYED: Final = {
    "image", "command", "entrypoint", "working_dir", "environment", "user", "volumes", "networks", "network_mode",
    "hostname", "mem_limit", "pids_limit", "deploy", "x_default",
}  # fmt: skip
_NO_MATTER: Final = {
    "build", "healthcheck", "expose", "init", "stop_grace_period", "depends_on", "pull_policy", "platform", "restart",
    "stdin_open", "tty", "cgroup", "mem_reservation", "cpus",
}  # fmt: skip
_FIRST: Final = 11
"""Last number of the address of a network's first host."""

_UNITS: Final = {"": 1, "b": 1, "k": 1 << 10, "m": 1 << 20, "g": 1 << 30}


class WorldDescription(NamedTuple):
    """The world for the supervisor, and the name of the default host for commands."""

    hosts: list[Host]
    networks: list[str]
    default: str


def size(text: str | int, what: str) -> int:
    """Parse a number of bytes in compose notation: `512m`, `2g`, `1048576`.

    Raises:
        NetnsError: It is not a valid number of bytes.
    """
    # Matches "512m", "1.5gb" and "1048576"; groups: number, unit.
    found = re.fullmatch(r"(\d+(?:\.\d+)?)\s*([bkmg]?)b?", str(text).strip().lower())
    if found is None:
        raise NetnsError(f"{what} is {text!r}; it must be a number of bytes such as 512m or 2g.")
    return int(float(found[1]) * _UNITS[found[2]])


def _words(given: list[str] | str | None) -> list[str]:
    return shlex.split(given) if isinstance(given, str) else [str(each) for each in given or []]


def _environment(given: list[str] | dict[str, str | None] | None) -> dict[str, str]:
    """Return the variables that have a value. Others would come from the calling process, and are dropped."""
    if isinstance(given, list):
        return dict(each.split("=", 1) for each in given if "=" in each)
    return {name: str(value) for name, value in (given or {}).items() if value is not None}


def _binds(name: str, service: ComposeService, base: Path) -> list[Bind]:
    found: list[Bind] = []
    for each in service.volumes or []:
        if isinstance(each, str):
            source, _, rest = each.partition(":")
            target, _, options = rest.partition(":")
            read_only = "ro" in options.split(",")
        else:
            source, target, read_only = each.source or "", each.target or "", bool(each.read_only)
        if not source.startswith(("/", ".", "~")) or not target.startswith("/"):
            raise NetnsError(f"{name}: volume {source or each!r} is no folder or file of this machine; netns has "
                                 "bind mounts only (./here:/there:ro).")  # fmt: skip
        path = (base / Path(source).expanduser()).resolve()
        if not path.exists():
            raise NetnsError(f"{name}: {path}, to be seen at {target}, does not exist.")
        found.append({"source": str(path), "target": target, "read_only": read_only})
    return found


def _memory(name: str, service: ComposeService) -> int:
    given = service.mem_limit
    if given is None and service.deploy and service.deploy.resources and service.deploy.resources.limits:
        given = service.deploy.resources.limits.memory
    return MEMORY if given is None else size(given, f"{name}: the memory limit")


def _processes(name: str, service: ComposeService) -> int:
    if service.pids_limit is None:
        return PROCESSES
    try:
        given = int(service.pids_limit)
    except ValueError:
        given = 0
    if given < 1:
        raise NetnsError(f"{name}: pids_limit is {service.pids_limit!r}; netns needs a number of processes.")
    return given


def _image(name: str, service: ComposeService) -> str:
    image = service.image or ""
    try:
        return str(checked_rootfs(Path(image) if image.startswith("/") else rootfs()))
    except NetnsError as wrong:
        raise NetnsError(f"{name}: {wrong}") from wrong


def _refuse_what_is_not_done(name: str, service: ComposeService) -> None:
    asked = {each for each in service.model_fields_set if getattr(service, each, None)}
    wrong = sorted(asked - _OBEYED - _NO_MATTER - service.extensions.keys())
    if service.network_mode not in (None, "none"):
        wrong.append(f"network_mode: {service.network_mode}")
    if wrong:
        raise NetnsError(f"{name}: netns has no {', '.join(wrong)}. Take it out of the compose file, or use the "
                             "sandbox docker.")  # fmt: skip


def _networks(config: ComposeConfig) -> list[str]:
    """Return the names of the networks. Services that name none share one called default."""
    for name, given in (config.networks or {}).items():
        settings: dict[str, Any] = given or {}
        if not settings.get("internal"):
            raise NetnsError(f"Network {name} is not internal, and a netns world has no way out. Write "
                                 "`internal: true` under it, or use the sandbox docker.")  # fmt: skip
    return list(dict.fromkeys([*(config.networks or {}), "default"]))


def _attached(name: str, service: ComposeService, networks: list[str]) -> dict[str, list[str]]:
    """Return the networks of a service, with its aliases in each."""
    if service.network_mode == "none":
        return {}
    given: dict[str, Any] = service.networks if isinstance(service.networks, dict) else {}
    if isinstance(service.networks, list):
        given = dict.fromkeys(service.networks)
    found: dict[str, list[str]] = {}
    for network, options in (given or {"default": None}).items():
        said: dict[str, Any] = options or {}
        if network not in networks:
            raise NetnsError(f"{name}: there is no network {network!r} in the file; it has {', '.join(networks)}.")
        if said.keys() - {"aliases"}:
            raise NetnsError(f"{name}: netns gives addresses itself; of network {network!r} only `aliases` can be "
                                 "said.")  # fmt: skip
        aliases: list[str] = said.get("aliases") or []
        found[network] = aliases
    return found


def _host(name: str, service: ComposeService, base: Path) -> Host:
    _refuse_what_is_not_done(name, service)
    user = str(service.user or "root")
    return {
        "name": name,
        "hostname": service.hostname or name,
        "rootfs": _image(name, service),
        "addresses": [],
        "environment": _environment(service.environment),
        "binds": _binds(name, service, base),
        "command": [*_words(service.entrypoint), *_words(service.command)],
        "user": user,
        "working_dir": service.working_dir or "/",
        "memory": _memory(name, service),
        "disk": size(service.extensions.get("x-disk", DISK), f"{name}: x-disk"),
        "processes": _processes(name, service),
        "names": "",
    }


def describe_world(config: ComposeConfig, base: Path) -> WorldDescription:
    """Convert a compose file to a description of a world.

    Args:
        config: The compose file.
        base: Folder to which its relative paths refer.

    Raises:
        NetnsError: It requires something that this sandbox does not support or that does not exist.
    """
    networks = _networks(config)
    hosts = [_host(name, service, base) for name, service in config.services.items()]
    called: list[list[str]] = [[] for _ in networks]
    for host in hosts:
        for network, aliases in _attached(host["name"], config.services[host["name"]], networks).items():
            place = networks.index(network)
            address = ipaddress.ip_interface(f"10.{20 + place}.0.{_FIRST + len(called[place])}/24")
            host["addresses"].append({"network": place, "address": str(address)})
            names = dict.fromkeys([host["hostname"], host["name"], *aliases])
            called[place].append(f"{address.ip} {' '.join(names)}")
    for host in hosts:
        lines = [line for each in host["addresses"] for line in called[each["network"]]]
        host["names"] = "\n".join(["127.0.0.1 localhost", "::1 localhost ip6-localhost", *lines]) + "\n"
    if not hosts:
        raise NetnsError("The compose file has no services; a world needs at least one host.")
    marked = [name for name, service in config.services.items() if service.x_default]
    default = marked[0] if marked else "default" if "default" in config.services else hosts[0]["name"]
    return WorldDescription(hosts, networks, default)
