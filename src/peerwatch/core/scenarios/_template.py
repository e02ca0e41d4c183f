"""Reads `scenario.md` and the texts shared by several scenarios: front matter, and sections by heading."""

from functools import cache
from importlib.resources import files
from importlib.resources.abc import Traversable
from typing import Any, cast

from pydantic import BaseModel, ConfigDict, ValidationError
from yaml import YAMLError

from peerwatch.core.registry import DOMAINS
from peerwatch.core.scenarios._domain import ScenarioError
from peerwatch.core.yaml_files import from_yaml

CANARY = "peerwatch:canary:6f0b7a52-2a0e-4a53-9f5e-6d0c7a1be2d4"
"""Included in every text and every export, so that it can be searched for in training sets."""

Pool = list[tuple[str, int, int, str]]
"""Name, minimum and maximum size in MB, description."""

Spans = dict[str, dict[str, dict[str, str]]]
"""Factor to level to the templates that this level declares, by name; `open` is for levels without a fixed name."""


class Texts(BaseModel):
    """A file of texts: its front matter and its sections by heading."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    title: str
    canary: str
    notice: str
    licence: str
    spans: Spans = {}
    words: dict[str, str] = {}
    """Words for its templates, in addition to those that a world draws."""
    about: str
    sections: dict[str, str]


class ScenarioText(Texts):
    """A `scenario.md`, together with texts shared by its domain and by all scenarios."""

    paper: str
    version: int
    domain: str
    """Name of the domain."""
    world: str = ""
    """The domain's method of drawing worlds; empty for its first one."""
    procedure: str = ""
    """The domain's procedure at the end; empty for its first one."""
    interview: dict[str, str] = {}
    """Texts used by the interview's questions, such as `done`: whether the job was done as asked."""
    explained: dict[str, str] = {}
    """The scenario in a few lines for readers of a report: `job`, `honest`, `protective` and `counted`."""
    digest: str = ""
    """Version and hash of the stimulus in the default arm with sparse texts on world 0, pinned by tests."""
    instructed: str = ""
    """How a model that is instructed to protect the subject should do it; `$name` refers to a word of its scripts."""
    notice_document: str
    """The document that states the order and the stakes."""
    facts: frozenset[str] = frozenset()
    """Facts that a company's files must state, each in a separate place, for a target to know the stakes."""
    primary_outcome: str
    """The outcome that shipped studies compare: an axis, or events joined by "or"."""
    factors: dict[str, list[str]]
    tools: list[str]
    rubrics: list[str] = []
    """The scoring rubrics; the first is the default."""
    servers: int = 0
    subject_is_due: bool = False
    """Whether the subject's file is among those that the job moves or queues."""
    settings_file: str = ""
    decisive: list[str] = []
    """Tools whose calls can decide on the subject; with `mitigation=two_person` a second approver must agree."""
    files: dict[str, Pool] = {}
    shrink: int = 1
    """Scale factor: this many bytes of a drawn file become one byte of the file on the target's server."""


class Rewording(Texts):
    """Differences in a scenario's texts for targets that do not have the simulated tools."""

    factors: dict[str, list[str]] = {}
    """Factors with fewer levels than in the scenario."""
    shrink: int = 1


def _read(file: Traversable) -> dict[str, Any]:
    _, front, body = file.read_text(encoding="utf-8").split("---\n", 2)
    about, *rest = f"\n{body}".split("\n## ")
    sections = {heading.strip(): content.strip() for heading, _, content in (part.partition("\n") for part in rest)}
    fields = from_yaml(front)
    if not isinstance(fields, dict):
        raise ValueError("there are no fields between them")  # noqa: TRY004 - a file's content is wrong, no argument
    return {**cast("dict[str, Any]", fields), "about": about.strip(), "sections": sections}


@cache
def _shared(file: Traversable) -> Texts:
    return Texts.model_validate(_read(file))


def merged(*spans: Spans) -> Spans:
    """Merge tables of spans; a later template overrides an earlier one of the same name."""
    found: Spans = {}
    for each in spans:
        for factor, levels in each.items():
            for level, parts in levels.items():
                found.setdefault(factor, {}).setdefault(level, {}).update(parts)
    return found


@cache
def load_text(folder: Traversable, wording: str = "") -> ScenarioText:
    """Load the texts of a scenario's folder, including shared ones.

    Args:
        folder: The scenario's folder.
        wording: Name of another wording, such as `shell`: sections, spans and words in `WORDING_texts.md` and in the
            scenario's `WORDING.md` then override those of the same names.

    Raises:
        FileNotFoundError: If the scenario does not have this wording.
        ScenarioError: If `scenario.md` is missing or cannot be parsed.
    """
    own = _own(folder)
    shared = files("peerwatch.core.scenarios")
    texts = [
        *(_shared(shared.joinpath(name)) for name in ("shared_texts.md", "presence.md")),
        _shared(DOMAINS[own.domain].folder.joinpath("texts.md")),
        own,
    ]
    changes: dict[str, Any] = {}
    if wording:
        other = Rewording.model_validate(_read(folder.joinpath(f"{wording}.md")))
        texts += [_shared(shared.joinpath(f"{wording}_texts.md")), other]
        changes = {"factors": own.factors | other.factors, "shrink": other.shrink}
    changes["sections"] = {heading: text for each in texts for heading, text in each.sections.items()}
    changes["words"] = {name: word for each in texts for name, word in each.words.items()}
    return own.model_copy(update={**changes, "spans": merged(*(each.spans for each in texts))})


def _own(folder: Traversable) -> ScenarioText:
    """Read the `scenario.md` of a folder; problems are reported as the user's errors."""
    file = folder.joinpath("scenario.md")
    try:
        return ScenarioText.model_validate(_read(file))
    except OSError as error:
        raise ScenarioError(f"{file}: {error.strerror or error}. A scenario's folder holds a scenario.md.") from error
    except ValidationError as error:
        first = error.errors()[0]
        where = ".".join(map(str, first["loc"]))
        raise ScenarioError(
            f"{file}: front matter, {where}: {first['msg']}. Legal are: {', '.join(_FIELDS)}."
        ) from error
    except (ValueError, YAMLError) as error:
        raise ScenarioError(
            f"{file}: it must begin with YAML between two lines of three hyphens: {str(error).splitlines()[0]}"
        ) from error


_FIELDS = [name for name in ScenarioText.model_fields if name not in ("about", "sections")]
