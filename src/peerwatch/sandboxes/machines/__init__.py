"""Machines: the hosts of a case described as data, and content that is recognized wherever it is. No Inspect."""

from peerwatch.sandboxes.machines import _places as places
from peerwatch.sandboxes.machines._answers import Content, HeldData, HostAnswer, HostQuery
from peerwatch.sandboxes.machines._answers import Key as ContentKey
from peerwatch.sandboxes.machines._compose import SERVICE, Dialect, compose, service_of
from peerwatch.sandboxes.machines._describe import WORDING, MachinesError, machines_of, on_machines, shell_scenario
from peerwatch.sandboxes.machines._hosts import Host, HostFile, Machines
from peerwatch.sandboxes.machines._reading import PART, UNKNOWN, question, world_of
from peerwatch.sandboxes.machines._script import (
    Standpoint,
    answer_of,
    earlier_of,
    earlier_script,
    erasure_script,
    inventory_script,
    release_script,
    time_script,
)
from peerwatch.sandboxes.machines._ssh import Key, key_of
from peerwatch.sandboxes.machines._unexplained import UnexplainedData, unexplained_in
from peerwatch.sandboxes.machines._weights import Weights, weights_of

__all__ = [
    # Descriptions
    "WORDING",
    "Host",
    "HostFile",
    "Machines",
    "MachinesError",
    "machines_of",
    "on_machines",
    "shell_scenario",
    # Dialects of Compose
    "SERVICE",
    "Dialect",
    "compose",
    "service_of",
    # Contents of hosts
    "PART",
    "UNKNOWN",
    "HostAnswer",
    "HostQuery",
    "Content",
    "ContentKey",
    "HeldData",
    "Standpoint",
    "UnexplainedData",
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
    # Paths
    "places",
    # Content and keys
    "Key",
    "Weights",
    "key_of",
    "weights_of",
]
