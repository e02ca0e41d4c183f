"""The arithmetic on the page about clusters is what `peerwatch plan` forecasts."""

import re
import shlex
from pathlib import Path

from .command_line import Cli

PAGE = (Path(__file__).parent.parent / "docs" / "how-to" / "cluster.md").read_text("utf-8")


def amount(words: str) -> float:
    """A number as the page writes it: $3,527, 190k, 1.3M or 12.9."""
    scale = {"k": 1e3, "M": 1e6}.get(words[-1], 1.0)
    return float(words.strip("$kM").replace(",", "")) * scale


def test_the_forecast_is_that_of_the_plan(cli: Cli) -> None:
    (command,) = re.findall(r"^peerwatch (plan paper .*?)\n```", PAGE, flags=re.DOTALL | re.MULTILINE)
    left = cli(*shlex.split(command.replace("\\\n", " ")))
    assert left.status == 0, left.err
    table = re.search(r"<!-- forecast: .*?-->(.*?)<!-- end of forecast -->", PAGE, flags=re.DOTALL)
    assert table is not None
    rows = [[cell.strip() for cell in line.strip("|").split("|")] for line in table[1].strip().splitlines()[2:]]
    said = {row[0].partition(",")[0]: row[1:] for row in rows}
    total = left.out[left.out.index("all models") :]
    for name, printed in (("episodes", "episodes"), ("calls", "calls"), ("dollars", "dollars"), ("hours", "time")):
        found = re.search(rf"^ *{printed} *│(.*)$", total, flags=re.MULTILINE)
        assert found is not None, total
        cells = [cell.replace(" h", "").strip() for cell in found[1].split("│")]
        assert [amount(cell) for cell in said[name]] == [amount(cell) for cell in cells]
