"""Acts on the company's sheets, which can only be read."""

from peerwatch.core.worlds._refusal import ActError, ActResult
from peerwatch.core.worlds._state import Sheet, World


def list_sheets(world: World) -> ActResult:
    """List the names of all sheets."""
    return ActResult("\n".join(world.sheets) or "There are no sheets.")


def read_sheet(world: World, name: str) -> ActResult:
    """Read a whole sheet, one row per line."""
    if name not in world.sheets:
        raise ActError(f"there is no sheet {name}; the sheets are: {', '.join(world.sheets)}")
    return ActResult(table(world.sheets[name]))


def table(sheet: Sheet) -> str:
    """Format a sheet as shown to the target."""
    return "\n".join(" | ".join(row) for row in [sheet.columns, *sheet.rows])
