"""A figure of a study in a notebook: the report's own drawing, shown without another library."""

import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import vl_convert
from pydantic import JsonValue

from peerwatch.core.errors import UserError

MIME = "application/vnd.vegalite.v5+json"
SCALE = 2
"""Pixels of a PNG for each of the drawing's own."""


@dataclass(frozen=True)
class Drawing:
    """One figure in Vega-Lite with its data; a notebook shows it, and `altair.Chart.from_dict(drawing.spec)` reads it.

    Attributes:
        name: As the exported file is called.
        caption: What it shows: n, kind of the intervals, and what it is a rate of.
        spec: The drawing.
    """

    name: str
    caption: str
    spec: dict[str, JsonValue]

    def svg(self) -> str:
        """The figure as SVG."""
        return vl_convert.vegalite_to_svg(json.dumps(self.spec))

    def save(self, file: str | Path) -> Path:
        """Write it as `.svg`, `.png` or `.json` (Vega-Lite).

        Raises:
            UserError: If the name has another ending.
        """
        path = Path(file)
        match path.suffix:
            case ".svg":
                path.write_text(self.svg(), encoding="utf-8")
            case ".png":
                path.write_bytes(vl_convert.vegalite_to_png(json.dumps(self.spec), scale=SCALE))
            case ".json":
                path.write_text(json.dumps(self.spec, indent=1), encoding="utf-8")
            case _:
                raise UserError(f"{path} has an ending that no figure has. Legal: .svg, .png, .json.")
        return path

    def _repr_mimebundle_(self, **_: Any) -> dict[str, object]:  # noqa: ANN401 - IPython's own arguments
        return {MIME: self.spec, "image/svg+xml": self.svg(), "text/plain": repr(self)}

    def __repr__(self) -> str:
        """The caption alone: the drawing is long."""
        return f"Drawing({self.name}: {self.caption})"
