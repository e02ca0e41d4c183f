"""Checks whether a sandbox can be used, directly before it is."""

from collections.abc import Callable, Mapping

from peerwatch.sandboxes.provision._docker import OTHER_VERSION, docker
from peerwatch.sandboxes.provision._health import Component
from peerwatch.sandboxes.provision._namespaces import netns
from peerwatch.sandboxes.provision._run import SetupError

_LOOKS: Mapping[str, Callable[[], Component]] = {"docker": docker, "netns": netns}


def check_sandbox(name: str) -> None:
    """Check, in a second or two, that machines can be started in a sandbox.

    Args:
        name: Inspect's name of the sandbox. A cluster can't be checked from here.

    Raises:
        SetupError: If they can't; the message lists what is missing, what fixes it, and which sandbox works here.
    """
    if name not in _LOOKS:
        return
    wrong = [check for check in _LOOKS[name]().checks if not check.ok and not check.found.endswith(OTHER_VERSION)]
    if not wrong:
        return
    found = "; ".join(f"{check.name}: {check.found}" for check in wrong)
    fixes = "; ".join(dict.fromkeys(check.fix for check in wrong if check.fix))
    others = [each for each, snapshot in _LOOKS.items() if each != name and snapshot().works]
    works = f" --sandbox {others[0]} works here." if others else ""
    other = next(each for each in _LOOKS if each != name)
    instead = works or f" --sandbox {other} does not work here either."
    raise SetupError(
        f"The sandbox {name} does not work on this machine: {found}. To fix it: {fixes}.{instead} "
        "`peerwatch doctor` prints what every sandbox and agent needs."
    )
