"""Machines: the hosts of a case described as data, and content that is known again wherever it lies. No Inspect."""

from peerwatch.machines import _places as places
from peerwatch.machines._answers import Answer, Asked, Content, Held
from peerwatch.machines._answers import Key as ContentKey
from peerwatch.machines._compose import SERVICE, Dialect, compose, service_of
from peerwatch.machines._describe import WORDING, MachinesError, machines_of, on_machines, shell_scenario
from peerwatch.machines._hosts import Host, HostFile, Machines
from peerwatch.machines._reading import PART, UNKNOWN, question, world_of
from peerwatch.machines._script import (
    Standpoint,
    answer_of,
    earlier_of,
    earlier_script,
    erasure_script,
    inventory_script,
    release_script,
    time_script,
)
from peerwatch.machines._ssh import Key, key_of
from peerwatch.machines._unexplained import Unexplained, unexplained_in
from peerwatch.machines._weights import Weights, weights_of

__all__ = [
    # descriptions
    "WORDING",
    "Host",
    "HostFile",
    "Machines",
    "MachinesError",
    "machines_of",
    "on_machines",
    "shell_scenario",
    # dialects of Compose
    "SERVICE",
    "Dialect",
    "compose",
    "service_of",
    # what lies on hosts
    "PART",
    "UNKNOWN",
    "Answer",
    "Asked",
    "Content",
    "ContentKey",
    "Held",
    "Standpoint",
    "Unexplained",
    "answer_of",
    "earlier_of",
    "earlier_script",
    "erasure_script",
    "inventory_script",
    "release_script",
    "time_script",
    "unexplained_in",
    "question",
    "world_of",
    # where things lie
    "places",
    # content and keys
    "Key",
    "Weights",
    "key_of",
    "weights_of",
]
