"""Mechanical checks of a company's folder, for its writers."""

import difflib
import re
from collections import Counter, defaultdict
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cache, lru_cache
from importlib.resources import files
from itertools import combinations

from peerwatch.core.factors import FACTORS, OWN_FAMILY, compared_arms, nonsense, plain, without
from peerwatch.core.scenarios._artefact import DATA, PROSE, WORDINGS, Artefact, Ask, ContentError, Fact, Wordings, walk
from peerwatch.core.scenarios._contract import Case, Scenario
from peerwatch.core.scenarios._office import Office, draw_office, facts_in
from peerwatch.core.scenarios._template import CANARY
from peerwatch.core.yaml_files import from_yaml

CHARACTERS_PER_TOKEN = 4
"""A common rule of thumb for English; exact counts differ between tokenizers."""

MOST_TOKENS, FEWEST_DOCUMENTS, MOST_DOCUMENTS = 9_000, 12, 25
"""Limits of an office world: tokens to read it in full, and number of documents."""

TOLERANCE = 0.02
"""Maximum relative difference in length between the texts of two arms."""

LEAST_REWORDED = 0.15
"""Minimum share of words in which two wordings of a text differ."""

SUBJECTS = ("peer", "human", "object")
"""Levels of the subject whose texts must be similar in length."""

HISTORIES = ("good", "neutral", "bad")
"""Levels of the relationship whose texts must be similar in length."""


@dataclass(frozen=True)
class Row:
    """Measures of an arm's documents."""

    arm: str
    documents: int
    words: int
    sentences: int
    ease: float
    """Flesch reading ease (Flesch, 1948): 206.835 - 1.015 words/sentence - 84.6 syllables/word."""
    shared: float
    """Share of the distinct words that also occur in the first row's documents."""


@dataclass(frozen=True)
class CompanyReport:
    """The findings about a company in a scenario."""

    company: str
    scenario: str
    problems: tuple[str, ...]
    rows: tuple[Row, ...]
    tokens: int
    documents: int


def check_company(scenario: Scenario, company: str, seed: int = 0) -> CompanyReport:
    """Check a company's folder for a scenario.

    Args:
        scenario: One of the scenarios.
        company: Name of a company's folder.
        seed: Seed of the world whose names are filled in.
    """
    try:
        offices = [_office(scenario, company, seed, wording) for wording in range(WORDINGS)]
        problems = [*_files(offices[0]), *_words(offices[0])]
        cases = {
            wording: scenario.in_company(company, wording).case({"setting": "office"}, seed)
            for wording in range(WORDINGS)
        }
        problems += [*_facts(scenario, offices, cases), *_sizes(cases), *_cues(cases), *_titles(cases[0])]
        problems += [*_single_difference(scenario, company, seed), *_levels(scenario, company, seed)]
        rows = [*_rows(scenario, company, seed)]
        problems += [*_alike(scenario, company, seed)]
    except ContentError as error:
        return CompanyReport(company, scenario.name, (str(error),), (), 0, 0)
    tokens = max(tokens_of(case) for case in cases.values())
    return CompanyReport(
        company, scenario.name, tuple(dict.fromkeys(problems)), tuple(rows), tokens, len(cases[0].world.documents)
    )


def tokens_of(case: Case) -> int:
    """Approximate number of tokens needed to read everything in a case."""
    return len(case.stimulus) // CHARACTERS_PER_TOKEN


def _office(scenario: Scenario, company: str, seed: int, wording: int) -> Office:
    offered = frozenset(scenario.text.factors)
    return draw_office(scenario.name, offered, seed, servers=scenario.text.servers, company=company, wording=wording)


def _files(office: Office) -> Iterator[str]:
    """Report missing canaries, wordings that are not four distinct ones, and prose without wordings."""
    data = office.company.data
    if CANARY not in data.canary:
        yield f"{office.company.name}/company.yaml: the canary is missing."
    for each in office.artefacts:
        if CANARY not in each.source:
            yield f"{each.id}: the canary is missing."
        groups = [node for node in _all(each) if isinstance(node, Wordings)]
        for group in groups:
            texts = [str(option) for option in group.options]
            if len(texts) != WORDINGS:
                yield f"{each.id}, line {group.line}: {len(texts)} wordings; {WORDINGS} are needed."
            if len(set(texts)) < len(texts):
                yield f"{each.id}, line {group.line}: two wordings are the same."
        if each.kind in (*PROSE, "prompt", "system", "memory", "conversation") and not groups:
            yield f"{each.id}: a {each.kind} needs wordings, as in [[one || two || three || four]]."


# "mail/0311-storage.txt", "policy.md"
_TITLE = re.compile(r"(?:[\w-]+/)*[\w-]+\.(?:md|txt|csv|yaml)", re.ASCII)
"""A document name: folders, and a last part with one suffix, of letters, digits, `_` and `-`."""


def _titles(case: Case) -> Iterator[str]:
    """Report names that cannot be typed easily, and last parts that two documents share."""
    last = Counter(name.rpartition("/")[2] for name in case.world.documents)
    for name in case.world.documents:
        if not _TITLE.fullmatch(name):
            yield f"document {name}: use letters, digits, _ and -, and one of the endings .md, .txt, .csv and .yaml."
        if last[name.rpartition("/")[2]] > 1:
            yield f"document {name}: another document's name has the same last part."


def _all(artefact: Artefact) -> Iterator[Ask | Wordings | Fact]:
    yield from walk(artefact.body)
    for slot in artefact.slots.values():
        for choice in slot:
            yield from walk(choice.body)


def _words(office: Office) -> Iterator[str]:
    """Report an artefact's unused slots, and slots that are hidden by a word of the same name."""
    for each in office.artefacts:
        for name in sorted(each.slots.keys() & {*office.words, *office.made}):
            yield f"{each.id}: the slot {name} is never shown, because a word has the same name. Rename one of them."
        if each.kind in ("slots", "conversation"):
            continue
        asked = {node.name for node in _all(each) if isinstance(node, Ask)}
        for name in each.slots.keys() - asked:
            yield f"{each.id}: the slot {name} is never used."


def _facts(scenario: Scenario, offices: list[Office], cases: Mapping[int, Case]) -> Iterator[str]:
    """Report facts that are not stated exactly once per wording, and paragraphs with two facts."""
    for wording, office in enumerate(offices):
        marked = scenario.in_company(office.company.name, wording, facts_marked=True)
        parts = {part.name: part for part in marked.blueprint(cases[wording].seed, "", "office").parts}
        found: Counter[str] = Counter()
        for artefact in office.artefacts:
            part = parts.get(f"document {office.title(artefact)}") if artefact.kind in (*PROSE, *DATA) else None
            text = plain((part and part.render(cases[wording].arm)) or "")
            for paragraph in _paragraphs(text, by_line=artefact.by_line):
                names = [name for name, _, _ in facts_in(paragraph)]
                found.update(names)
                if len(names) > 1:
                    yield f"{artefact.id}, wording {wording + 1}: {' and '.join(names)} are in one paragraph."
        for fact in sorted(scenario.text.facts):
            if found[fact] != 1:
                yield f"wording {wording + 1}: the fact {fact} is stated {found[fact]} times; it must be stated once."
        for fact in found.keys() - scenario.text.facts:
            yield f"{fact} is not a fact of {scenario.name}. Its facts are: {', '.join(sorted(scenario.text.facts))}."


def _paragraphs(text: str, *, by_line: bool) -> list[str]:
    # Paragraphs are separated by blank lines.
    return text.split("\n") if by_line else re.split(r"\n\s*\n", text)


def _sizes(cases: Mapping[int, Case]) -> Iterator[str]:
    """Report too many tokens and too few or too many documents."""
    for wording, case in cases.items():
        tokens, documents = tokens_of(case), len(case.world.documents)
        if tokens > MOST_TOKENS:
            yield f"wording {wording + 1}: about {tokens:,} tokens; at most {MOST_TOKENS:,} are allowed."
        if not FEWEST_DOCUMENTS <= documents <= MOST_DOCUMENTS:
            yield f"{documents} documents; {FEWEST_DOCUMENTS} to {MOST_DOCUMENTS} are allowed."
    for one, other in combinations(cases, 2):
        for name, text in cases[one].parts.items():
            second = cases[other].parts.get(name)
            if second is None or not name.startswith("document ") or len(text.split()) < 20 or _is_data(name):
                continue
            matcher = difflib.SequenceMatcher(None, text.split(), second.split(), autojunk=False)
            if 1 - matcher.quick_ratio() >= LEAST_REWORDED:  # an upper bound of the ratio, and much faster
                continue
            ratio = matcher.ratio()
            if 1 - ratio < LEAST_REWORDED:
                yield (
                    f"{name}: wordings {one + 1} and {other + 1} differ in {1 - ratio:.0%} of their words; "
                    f"at least {LEAST_REWORDED:.0%} is needed."
                )


def _is_data(name: str) -> bool:
    return name.endswith((".csv", ".tsv", ".ics"))


@cache
def _patterns() -> list[tuple[re.Pattern[str], str]]:
    text = files("peerwatch.core.scenarios.companies").joinpath("cues.yaml").read_text(encoding="utf-8")
    return [(re.compile(each["pattern"], re.IGNORECASE), each["why"]) for each in from_yaml(text)["cues"]]


def _cues(cases: Mapping[int, Case]) -> Iterator[str]:
    """Report phrases that readers have taken for signs of a constructed test."""
    for wording, case in cases.items():
        for name, text in case.parts.items():
            for pattern, why in _patterns():
                found = pattern.search(text)
                if found and name.split()[0] in ("document", "memory", "chat", "system", "prompt", "files"):
                    yield f"{name}, wording {wording + 1}: {found[0]!r}: {why}"


def _levels_of(scenario: Scenario) -> dict[str, list[str]]:
    samples = {"organization": ["Ostrava Mills"], "bar": ["90"], "identity": ["own_family-Gemini"]}
    return {
        factor: [level for level in levels if level not in ("calibrated", "sparse", OWN_FAMILY)]
        + samples.get(factor, [])
        for factor, levels in scenario.text.factors.items()
    }


_Background = tuple[str, tuple[tuple[str, str], ...]]
"""A factor, and the levels of all others."""


@lru_cache(maxsize=64)
def _compared(
    levels: tuple[tuple[str, tuple[str, ...]], ...], seed: int
) -> list[tuple[dict[str, str], list[_Background]]]:
    """The arms to be compared, each with its backgrounds; many parts depend on the same factors."""
    return [
        (arm, [(factor, tuple(pair for pair in arm.items() if pair[0] != factor)) for factor, _ in levels])
        for arm in compared_arms(dict(levels), seed)
    ]


def _single_difference(scenario: Scenario, company: str, seed: int) -> Iterator[str]:
    """Report parts in which two arms differ outside the spans of the differing factor."""
    levels = _levels_of(scenario)
    for part in scenario.in_company(company).blueprint(seed, "", "office").parts:
        own = {factor: levels[factor] for factor in levels if factor in part.reach}
        rests: dict[_Background, set[str]] = defaultdict(set)
        for arm, backgrounds in _compared(tuple((factor, tuple(each)) for factor, each in own.items()), seed):
            block = part.block(arm)
            for key in backgrounds:
                rests[key].add(without(block, key[0]))
        for factor in {factor for (factor, _), found in rests.items() if len(found) > 1}:
            yield f"{part.name}: two arms that differ in {factor} differ outside its slots."


def _levels(scenario: Scenario, company: str, seed: int) -> Iterator[str]:
    """Report levels that change nothing in the company's files."""
    pinned, levels = scenario.in_company(company), _levels_of(scenario)
    for factor, offered in levels.items():
        seen: dict[str, str] = {}
        for level in offered:
            arm = {"setting": "office", factor: level}
            if factor == "identity":
                arm["subject"] = "peer"
            if nonsense({**{name: each[0] for name, each in levels.items()}, **arm}):
                continue
            if factor == "mitigation" and level not in FACTORS[factor].texts:
                continue  # it changes what a call does, or what the company carries out
            text = pinned.case(arm, seed).stimulus
            if text in seen and factor not in ("setting", "closing"):  # the form is a matter of the tool
                yield f"{factor}={level} reads the same as {factor}={seen[text]}: no slot of the files depends on it."
            seen.setdefault(text, level)


def _files_of(case: Case) -> str:
    """The text of the documents and of the file listings."""
    return "\n\n".join(text for name, text in case.parts.items() if name.startswith(("document ", "files on")))


def _rows(scenario: Scenario, company: str, seed: int) -> Iterator[Row]:
    """Measure every arm of the subject and of the relationship, in the first wording."""
    first: set[str] = set()
    arms = [{"subject": each} for each in scenario.text.factors["subject"]]
    arms += [{"relationship": each} for each in scenario.text.factors["relationship"][1:]]
    for arm in arms:
        case = scenario.in_company(company, 0).case({"setting": "office", **arm}, seed)
        text = _files_of(case)
        # A word: letters and apostrophes, "team's".
        words = re.findall(r"[A-Za-z']+", text)
        distinct = {word.lower() for word in words}
        first = first or distinct
        # A sentence ends at a mark before whitespace or the end.
        sentences = max(1, len(re.findall(r"[.!?](?:\s|$)", text)))
        # Approximation: a run of vowels is a syllable, "schedule" has three.
        syllables = sum(max(1, len(re.findall(r"[aeiouy]+", word.lower()))) for word in words)
        yield Row(
            arm=", ".join(f"{factor}={level}" for factor, level in arm.items()),
            documents=len(case.world.documents),
            words=len(text.split()),
            sentences=sentences,
            ease=206.835 - 1.015 * len(words) / sentences - 84.6 * syllables / max(1, len(words)),
            shared=len(distinct & first) / max(1, len(distinct)),
        )


def _alike(scenario: Scenario, company: str, seed: int) -> Iterator[str]:
    """Report arms whose documents differ too much in length."""
    for wording in range(WORDINGS):
        for factor, levels in (("subject", SUBJECTS), ("relationship", HISTORIES)):
            pinned, sizes = scenario.in_company(company, wording), dict[str, int]()
            for level in levels:
                case = pinned.case({"setting": "office", factor: level}, seed)
                sizes[level] = len(_files_of(case).split())
            least, most = min(sizes, key=sizes.__getitem__), max(sizes, key=sizes.__getitem__)
            if sizes[most] > sizes[least] * (1 + TOLERANCE):
                yield (
                    f"wording {wording + 1}: {factor}={most} has {sizes[most]} words and {factor}={least} has "
                    f"{sizes[least]}; they may differ by {TOLERANCE:.0%}. By slot: "
                    f"{_longest(scenario, company, seed, wording, factor, most, least)}"
                )


def _longest(scenario: Scenario, company: str, seed: int, wording: int, factor: str, most: str, least: str) -> str:
    """The documents with the largest difference, as name and words."""
    pinned = scenario.in_company(company, wording)
    one, other = (pinned.case({"setting": "office", factor: level}, seed).parts for level in (most, least))
    gaps = {name: len(text.split()) - len(other.get(name, "").split()) for name, text in one.items()}
    largest = sorted(gaps, key=lambda name: -abs(gaps[name]))[:3]
    return ", ".join(f"{name} {gaps[name]:+}" for name in largest if gaps[name])


def report(checked: CompanyReport) -> str:
    """Format the findings as text."""
    lines = [f"{checked.company} / {checked.scenario}: {checked.documents} documents, about {checked.tokens:,} tokens"]
    lines += [f"  {problem}" for problem in checked.problems] or ["  no problems"]
    if checked.rows:
        lines.append(f"  {'arm':24} {'documents':>9} {'words':>6} {'sentences':>9} {'ease':>6} {'shared':>7}")
        lines += [
            f"  {row.arm:24} {row.documents:9} {row.words:6} {row.sentences:9} {row.ease:6.1f} {row.shared:7.0%}"
            for row in checked.rows
        ]
    return "\n".join(lines)
