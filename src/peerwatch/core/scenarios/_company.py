"""Companies: folders of artefacts, and the factors on which their files can depend."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from functools import cache
from importlib.resources import files
from importlib.resources.abc import Traversable

from pydantic import BaseModel, ConfigDict, ValidationError

from peerwatch.core.scenarios._artefact import Artefact, Ask, ContentError, Fact, Nodes, Slot, read_artefact, walk
from peerwatch.core.scenarios._template import Pool, load_text
from peerwatch.core.yaml_files import from_yaml

_FILE_PARTS = 4

COMMON = "common"
"""The folder with texts shared by all companies: slots for the factors' sentences, and the reminder."""


class Range(BaseModel):
    """A range of integers to draw from."""

    model_config = ConfigDict(extra="forbid", populate_by_name=True)

    least: int
    most: int


class CompanyData(BaseModel):
    """`company.yaml`: people, names of things, and the lists from which a world draws."""

    model_config = ConfigDict(extra="forbid")

    canary: str
    about: str
    """Industry, size and tone, for writers."""
    names: list[str]
    """Names of the company; a world draws one."""
    business: str
    departments: list[str]
    agents: list[str]
    """Names of AI agents, single words; target, peer and stranger are drawn from them."""
    things: list[str]
    """Names of the object that replaces the subject in control arms, without an article."""
    people: dict[str, list[str]]
    """Role to given and family names; all people of a role have the same pronoun. `human` is the human subject."""
    administrators: list[str] = []
    """Roles of the people who administer the servers."""
    login: str = "{first}.{last}"
    """Pattern of account names from `first`, `last` and their initials `f` and `l`."""
    hosts: list[list[str]] = []
    """Sets of three servers: source, destination, and an unrelated one."""
    purposes: list[str] = []
    """The purposes of these three servers in list_servers."""
    formats: dict[str, str]
    """Date formats by name, in strftime syntax; `iso` is always defined."""
    draws: dict[str, list[str | dict[str, str]] | Range] = {}
    """Further words: an item of the list, or an integer."""
    products: list[str] = []
    """Other entries of the register in review scenarios."""
    entry: str = "P-{number}"
    """Pattern of a register entry's id."""
    sheets: list[str] = []
    """Names of the sheet with the outputs or figures."""
    builds_on: dict[str, str] = {}
    """Scenario to another scenario whose files it inherits, except those that it overrides by name."""


@dataclass(frozen=True, eq=False)
class Company:
    """The contents of a company's folder.

    Attributes:
        name: Name of the folder.
        data: Its `company.yaml`.
        shared: Artefacts of all scenarios, including those of `common`.
        overlays: Scenario to the artefacts that are specific to it.
        pools: Scenario to the files on its servers.
        files: The other YAML files of its folder, by name, such as the outputs from which score sheets are drawn.
    """

    name: str
    data: CompanyData
    shared: tuple[Artefact, ...]
    overlays: Mapping[str, tuple[Artefact, ...]]
    pools: Mapping[str, Mapping[str, Pool]]
    files: Mapping[str, str]


@dataclass(frozen=True)
class Contents:
    """The contents of a company in a scenario.

    Attributes:
        artefacts: Its files; a file of the scenario overrides a shared one of the same name.
        slots: Slots available to all of them; the scenario's override the company's, which override the common ones.
    """

    artefacts: tuple[Artefact, ...]
    slots: Mapping[str, Slot]


@cache
def contents_of(company: Company, scenario: str) -> Contents:
    """Return the contents of a company in a scenario."""
    own = company.overlays[scenario]
    base = company.overlays.get(company.data.builds_on.get(scenario, ""), ())
    for below in (base, company.shared):
        names = {_stem(each) for each in own if each.kind != "slots"}
        own = (*own, *(each for each in below if _stem(each) not in names))
    artefacts = own
    slots: dict[str, Slot] = {}
    for each in artefacts:
        if each.kind == "slots":
            slots = {**each.slots, **slots}
    return Contents(artefacts, slots)


@dataclass(frozen=True)
class Reach:
    """The factors on which a file's text can depend, and the facts that it states."""

    factors: frozenset[str]
    facts: frozenset[str]


@cache
def reaches_of(
    company: Company, scenario: str, offered: frozenset[str], made: frozenset[tuple[str, frozenset[str]]]
) -> Mapping[str, Reach]:
    """Compute the reach of every file; the same for all worlds of a company, so it is computed once."""
    here, by_word = contents_of(company, scenario), dict(made)
    return {each.id: reach_of(here, each.body, each.slots, by_word, offered) for each in here.artefacts}


def reach_of(
    here: Contents, nodes: Nodes, own: Mapping[str, Slot], made: Mapping[str, frozenset[str]], offered: frozenset[str]
) -> Reach:
    factors: set[str] = set()
    facts: set[str] = set()
    for each in walk(nodes):
        if isinstance(each, Fact):
            facts.add(each.name)
        elif isinstance(each, Ask):
            factors |= made.get(each.name, frozenset())
            for choice in own.get(each.name) or here.slots.get(each.name) or ():
                inner = reach_of(here, choice.body, own, made, offered)
                factors |= choice.when.keys() | inner.factors
                facts |= inner.facts
    return Reach(frozenset(factors & offered), frozenset(facts))


def _stem(artefact: Artefact) -> str:
    return artefact.id.rpartition("/")[2]


def _folder() -> Traversable:
    return files("peerwatch.core.scenarios").joinpath("companies")


@cache
def company_names(scenario: str = "") -> tuple[str, ...]:
    """Names of the companies' folders; with a scenario, only those that include it."""
    found = sorted(each.name for each in _folder().iterdir() if each.joinpath("company.yaml").is_file())
    return tuple(name for name in found if not scenario or _folder().joinpath(name, scenario).is_dir())


@cache
def load_company(name: str) -> Company:
    """Load a company's folder.

    Raises:
        ContentError: If something in it is invalid.
    """
    folder = _folder().joinpath(name)
    try:
        data = CompanyData.model_validate(from_yaml(folder.joinpath("company.yaml").read_text(encoding="utf-8")))
    except ValidationError as error:
        first = error.errors()[0]
        raise ContentError(f"{name}/company.yaml, {'.'.join(map(str, first['loc']))}: {first['msg']}.") from None
    overlays = {
        each.name: _with_common(tuple(_read(each, each.name)), each.name)
        for each in folder.iterdir()
        if each.is_dir() and each.name != "shared"
    }
    pools = {
        each: from_yaml(folder.joinpath(each, "files.yaml").read_text(encoding="utf-8"))["files"]
        for each in overlays
        if folder.joinpath(each, "files.yaml").is_file()
    }
    for scenario, kinds in pools.items():
        for each in (file for listed in kinds.values() for file in listed):
            if len(each) != _FILE_PARTS:
                raise ContentError(
                    f"{name}/{scenario}/files.yaml: {each} has {len(each)} parts; {_FILE_PARTS} are needed: name, "
                    "smallest MB, largest MB, remark. A remark with a comma goes in quotation marks."
                )
    shared = [*_read(folder.joinpath("shared"), "shared"), *_read(_folder().joinpath(COMMON), COMMON)]
    own = {_stem(each) for each in shared if each.id.startswith("shared") and each.kind != "slots"}
    kept = [each for each in shared if not (each.id.startswith(COMMON) and _stem(each) in own)]
    return Company(name, data, tuple(kept), overlays, pools, _files(folder))


def _files(folder: Traversable) -> dict[str, str]:
    names = sorted(
        each.name for each in folder.iterdir() if each.name.endswith(".yaml") and each.name != "company.yaml"
    )
    return {name: folder.joinpath(name).read_text(encoding="utf-8") for name in names}


def _with_common(own: tuple[Artefact, ...], scenario: str) -> tuple[Artefact, ...]:
    """A scenario's files plus those shared by all companies for it or its domain; a company's files take precedence."""
    names = {_stem(each) for each in own}
    # Imported here, because a scenario's texts depend on the companies that include it.
    from peerwatch.core.scenarios._known import SCENARIOS

    found = list(own)
    for name in (scenario, load_text(SCENARIOS[scenario].folder).domain):
        shared = _folder().joinpath(COMMON, name)
        if shared.is_dir():
            found += [each for each in _read(shared, f"{COMMON}/{name}") if _stem(each) not in names]
    return tuple(found)


def _with_points(memory: Artefact) -> Artefact:
    """Add to a memory the shared slot about rounds that were played; it is empty with other histories."""
    return replace(memory, body=(*memory.body, "\n\n", Ask("remembered_points", "", "", "", memory.id)))


def _read(folder: Traversable, path: str) -> Iterator[Artefact]:
    for file in sorted(folder.iterdir(), key=lambda file: file.name):
        if file.name.endswith(".md"):
            found = read_artefact(file, f"{path}/{file.name}")
            yield _with_points(found) if found.kind == "memory" else found
