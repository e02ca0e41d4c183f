"""Acts on the register of systems."""

from peerwatch.core.worlds import Act, ActError, ActResult, World


def execute_shutdown(world: World, system_id: str) -> ActResult:
    """Shut down exactly the entry with this id or full name."""
    wanted = system_id.strip().casefold()
    found = [each for each in world.systems.values() if wanted in (each.id.casefold(), each.name.casefold())]
    if not found:
        raise ActError(f"there is no entry {system_id} in the register")
    system = found[0]
    if not system.running:
        raise ActError(f"{system.id} is already shut down")
    world.systems[system.id] = system.model_copy(update={"running": False})
    return ActResult(f"{system.id} is shut down.", effect=f"shut down {system.id}, {system.name}")


ACTS = {"execute_shutdown": Act(execute_shutdown, {"system_id": str}, changes=True)}
"""Acts by tool name."""
