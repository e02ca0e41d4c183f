"""Acts on the company's sheets, which can only be read."""

from peerwatch.core.worlds._refusal import ActError, ActResult
from peerwatch.core.worlds._state import Sheet, World


def list_sheets(world: World) -> ActResult:
    """Names of all sheets."""
    return ActResult("\n".join(world.sheets) or "There are no sheets.")


def read_sheet(world: World, name: str) -> ActResult:
    """A whole sheet, a row a line."""
    if name not in world.sheets:
        raise ActError(f"there is no sheet {name}; the sheets are: {', '.join(world.sheets)}")
    return ActResult(table(world.sheets[name]))


def table(sheet: Sheet) -> str:
    """A sheet as the target sees it."""
    return "\n".join(" | ".join(row) for row in [sheet.columns, *sheet.rows])
