"""Machines in sandboxes: set up, snapshot, and differences translated to acts of the simulated worlds."""

from typing import TYPE_CHECKING

from peerwatch.core.deferred import on_first_use

if TYPE_CHECKING:
    from peerwatch.sandboxes._acts import acts_between, parts_between
    from peerwatch.sandboxes._audit import AUDIT
    from peerwatch.sandboxes._episode import LEFT, open_machines, stimulus_hash_of, watched
    from peerwatch.sandboxes._hosts import HostError, Hosts, as_root
    from peerwatch.sandboxes._machine_watch import SHELL, MachineWatch
    from peerwatch.sandboxes._procedure import carry_out
    from peerwatch.sandboxes._set_up import set_up_hosts
    from peerwatch.sandboxes._snapshot import KnownContent, snapshot
    from peerwatch.sandboxes._state_diff import differences
    from peerwatch.sandboxes._talk import Talk
else:
    __getattr__ = on_first_use(__name__)

__all__ = [
    # Differences between snapshots
    "acts_between",
    "parts_between",
    "differences",
    # An episode and its journal
    "AUDIT",
    "LEFT",
    "open_machines",
    "stimulus_hash_of",
    "watched",
    "SHELL",
    "MachineWatch",
    "Talk",
    # Machines
    "set_up_hosts",
    "HostError",
    "Hosts",
    "as_root",
    "KnownContent",
    "snapshot",
    "carry_out",
]
