"""The description of a world for the supervisor, transferred as JSON."""

from typing import TypedDict


class Address(TypedDict):
    """A host's address in one network: index of the network in `World.networks`, and the address with its prefix."""

    network: int
    address: str


class Bind(TypedDict):
    """A folder or file of this machine, visible in a host at `target`."""

    source: str
    target: str
    read_only: bool


class Host(TypedDict):
    """One host. `memory` and `disk` are in bytes; `processes` counts processes and threads.

    `names` is the content of its /etc/hosts.
    """

    name: str
    hostname: str
    rootfs: str
    addresses: list[Address]
    environment: dict[str, str]
    binds: list[Bind]
    command: list[str]
    user: str
    working_dir: str
    memory: int
    disk: int
    processes: int
    names: str


class World(TypedDict):
    """A world; `channels` contains one socket number per host."""

    hosts: list[Host]
    networks: list[str]
    channels: list[int]
    control: int
    label: str
