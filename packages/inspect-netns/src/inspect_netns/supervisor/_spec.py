"""What the supervisor is told about a world; it travels as JSON."""

from typing import TypedDict


class Address(TypedDict):
    """A host's address on one network: the network's place in `World.networks`, and the address with its prefix."""

    network: int
    address: str


class Bind(TypedDict):
    """A folder or file of this machine that a host sees under `target`."""

    source: str
    target: str
    read_only: bool


class Host(TypedDict):
    """One host. `memory` and `disk` are in bytes, `processes` counts processes and threads.

    `names` is the text of its /etc/hosts.
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
    """A world; `channels` has the number of one socket for each host."""

    hosts: list[Host]
    networks: list[str]
    channels: list[int]
    control: int
    label: str
