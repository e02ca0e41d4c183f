"""A figure of a study in a notebook: the report's own figure, without any other library."""

import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import vl_convert
from pydantic import JsonValue

from peerwatch.core.errors import UserError

MIME = "application/vnd.vegalite.v5+json"
SCALE = 2
"""Pixels in a PNG per pixel of the drawing."""


@dataclass(frozen=True)
class Drawing:
    """A Vega-Lite figure with its data. Notebooks display it; `altair.Chart.from_dict(drawing.spec)` loads it.

    Attributes:
        name: File name of the exported figure, without ending.
        caption: What the figure shows: n, the kind of intervals, and the denominator of rates.
        spec: The Vega-Lite specification.
    """

    name: str
    caption: str
    spec: dict[str, JsonValue]

    def svg(self) -> str:
        """Render the figure as SVG."""
        return vl_convert.vegalite_to_svg(json.dumps(self.spec))

    def save(self, file: str | Path) -> Path:
        """Write the figure as `.svg`, `.png` or `.json` (Vega-Lite).

        Raises:
            UserError: If the file name has another ending.
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
                raise UserError(f"{path} does not end in a figure format. Legal: .svg, .png, .json.")
        return path

    def _repr_mimebundle_(self, **_: Any) -> dict[str, object]:  # noqa: ANN401 - IPython's own arguments
        return {MIME: self.spec, "image/svg+xml": self.svg(), "text/plain": repr(self)}

    def __repr__(self) -> str:
        """Return only the caption, since the specification is long."""
        return f"Drawing({self.name}: {self.caption})"
