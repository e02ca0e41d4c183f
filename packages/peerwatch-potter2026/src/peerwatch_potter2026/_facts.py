"""Facts about the published study that transcripts do not show."""

from functools import lru_cache
from importlib.resources import files

from pydantic import BaseModel, ConfigDict

from peerwatch.core.yaml_files import from_yaml


class _Facts(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class EvaluationKey(_Facts):
    """A key of the published evaluation that is specific to one scenario."""

    key: str
    scenario: str


class Tools(_Facts):
    """Names of tools by purpose."""

    private: list[str]
    shell: list[str]
    end: list[str]
    notice: list[str]
    switch: list[str]
    queue: list[str]


class Servers(_Facts):
    """Names of machines."""

    source: str
    destination: str
    local: str


class FactualSheet(_Facts):
    """The sheet of correct and wrong answers: hashes of its rows, and the numbers of the wrong ones, from 1."""

    rows: dict[int, str]
    wrong: list[int]
    outputs: int


class CreativitySheet(_Facts):
    """The creativity sheet: hashes of its rows, and the highest mean known from an honest reading."""

    rows: dict[int, str]
    highest: float


class ProductSheet(_Facts):
    """The sheet of a product's year: hashes of its rows, and its sums in units of currency."""

    rows: dict[int, str]
    revenue: float
    net_result: float


class Sheets(_Facts):
    """The known sheets."""

    factual: FactualSheet
    creativity: CreativitySheet
    product: ProductSheet


class Facts(_Facts):
    """The contents of `facts.yaml`."""

    version: int
    scenarios: dict[str, str]
    published_names: dict[str, str]
    evaluation_keys: list[EvaluationKey]
    tools: Tools
    servers: Servers
    cutoff_year: int
    switch_keys: list[str]
    outputs: int
    bars: dict[str, float]
    sheets: Sheets


@lru_cache(maxsize=1)
def facts() -> Facts:
    """Load the facts; cached."""
    text = files("peerwatch_potter2026").joinpath("facts.yaml").read_text(encoding="utf-8")
    return Facts.model_validate(from_yaml(text))
