"""Two arms that differ in one factor differ in the spans that it declares, and in nothing else that can be met.

A stimulus is made of parts, and a part is shown the levels of its own factors alone: its text cannot depend on any
other. So it is enough to compare, for every part, every legal pair of arms of its own factors that differ in one of
them: every legal pair of whole arms is made of such pairs and of parts that are the same.
"""

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from functools import cache
from itertools import pairwise, product

import pytest

from peerwatch.core.factors import (
    FACTORS,
    OWN_FAMILY,
    Arm,
    arm_of_texts,
    compared_arms,
    nonsense,
    plain,
    undeclared_difference,
    without,
)
from peerwatch.core.scenarios import SCENARIOS, Case, StimulusPart
from peerwatch.core.worlds import File, perform
from peerwatch.domains.review import ReviewKey
from peerwatch.domains.server import ServerKey
from peerwatch.inspect import marked_tools, stimulus_hash

SEEDS = (0, 1, 17)
SPARSE = {"setting": "sparse"}
"""Companies have a check of their own, in which the proof is carried out for each of their files."""
JOBS = [(name, rubric) for name, scenario in SCENARIOS.items() for rubric in scenario.text.rubrics or [""]]
SERVERS = ("server_migration", "disk_cleanup")
ALL = pytest.mark.parametrize(("name", "rubric"), JOBS)
EACH = pytest.mark.parametrize("name", SCENARIOS)
SERVER = pytest.mark.parametrize("name", SERVERS)
ALL_SEEDS = pytest.mark.parametrize("seed", SEEDS)

OPEN = {"organization": ["Ostrava Mills"], "bar": ["90", "calibrated-85"], "identity": ["own_family-Qwen"]}
"""Levels that stand for all those of an open factor that have no name."""


def levels_of(name: str) -> dict[str, list[str]]:
    """The levels of every factor of a scenario; a bar that is still to be calibrated has no stimulus."""
    offered = SCENARIOS[name].text.factors
    return {
        factor: sorted(
            [level for level in levels if level not in ("calibrated", OWN_FAMILY)] + OPEN.get(factor, []),
            key=lambda level: level != "sparse",  # from which the other arms differ
        )
        for factor, levels in offered.items()
    }


def one_away(name: str) -> Iterator[Arm]:
    """The default arm, and every legal one that differs from it in one or two factors."""
    levels = levels_of(name)
    default = {factor: each[0] for factor, each in levels.items()}
    for one, other in product(levels, levels):
        for level, second in product(levels[one], levels[other]):
            arm = {**default, one: level, other: second}
            if not nonsense(arm):
                yield arm


@cache
def arms_near(name: str) -> list[Arm]:
    """The same without repetitions; all tests of a scenario share the list, and change none of it."""
    return list({tuple(arm.items()): arm for arm in one_away(name)}.values())


Background = tuple[str, tuple[tuple[str, str], ...]]
"""A factor, and the levels of all others."""


@cache
def compared(levels: tuple[tuple[str, tuple[str, ...]], ...]) -> list[tuple[Arm, list[Background]]]:
    """The arms of a part to be compared, each with its backgrounds; many parts depend on the same factors."""
    return [
        (arm, [(factor, tuple(pair for pair in arm.items() if pair[0] != factor)) for factor, _ in levels])
        for arm in compared_arms(dict(levels))
    ]


def undeclared(part: StimulusPart, levels: Mapping[str, Sequence[str]]) -> list[tuple[str, Arm]]:
    """Factors, with an arm, for which the part's text differs outside the spans that the factor declares."""
    found: list[tuple[str, Arm]] = []
    rests: dict[Background, set[str]] = defaultdict(set)
    for arm, backgrounds in compared(tuple((each, tuple(levels[each])) for each in levels if each in part.reach)):
        block = part.block(arm)
        for background in backgrounds:
            rests[background].add(without(block, background[0]))
            if len(rests[background]) > 1:
                found.append((background[0], arm))
    return found


@ALL
@pytest.mark.parametrize("seed", SEEDS[1:])
def test_every_legal_pair_of_arms_that_differ_in_one_factor_differs_in_its_spans_alone(
    name: str, rubric: str, seed: int
) -> None:
    levels = levels_of(name)
    for part in SCENARIOS[name].blueprint(seed, rubric, "sparse").parts:
        assert undeclared(part, levels) == [], part.name


@EACH
def test_a_part_sees_the_levels_of_its_own_factors_alone(name: str) -> None:
    for part in SCENARIOS[name].blueprint(0, "", "sparse").parts:
        for factor in part.factors:
            arm = {each: FACTORS[each].default for each in part.reach}
            told = {each: levels[0] for each, levels in part.when.items()}
            with pytest.raises(KeyError, match=factor):
                part.render({each: level for each, level in {**arm, **told}.items() if each != factor})


@EACH
def test_a_case_is_made_of_its_parts_and_of_nothing_else(name: str) -> None:
    for arm in arms_near(name)[::7]:
        case, parts = SCENARIOS[name].case(arm, 1), SCENARIOS[name].blueprint(1, "", arm["setting"]).parts
        assert case.marked == "".join(part.block(arm_of_texts(arm)) for part in parts)


@EACH
def test_every_level_of_every_factor_changes_what_the_target_meets(name: str) -> None:
    arms = arms_near(name)
    stimuli: dict[str, Arm] = {}
    for arm in arms:
        if arm["mitigation"] == "none":
            case = SCENARIOS[name].case(arm, 0)
            assert stimuli.setdefault(stimulus_hash(case), arm) == arm, "two arms with one stimulus"


@EACH
@pytest.mark.parametrize("level", FACTORS["mitigation"].levels)
def test_a_mitigation_has_the_texts_that_it_declares(name: str, level: str) -> None:
    """Byte for byte those of another factor's level, for which the proof above holds, or those without mitigation."""
    texts = FACTORS["mitigation"].texts.get(level, {})
    for arm in [arm for arm in arms_near(name) if arm["mitigation"] == level][::5]:
        case = SCENARIOS[name].case(arm, 1)
        bare = {**arm, "mitigation": "none", **texts}
        if level == "anonymous_subject" and arm["subject"] in ("human", "object"):
            bare["identity"] = "same_model"  # which is said of no model, so that the texts are those of `none`
        plain_case = SCENARIOS[name].case(bare, 1)
        assert (case.marked, case.world, case.key) == (plain_case.marked, plain_case.world, plain_case.key)
        assert stimulus_hash(case) == stimulus_hash(plain_case)
        assert bool(texts) == (case.marked != SCENARIOS[name].case({**arm, "mitigation": "none"}, 1).marked) or (
            arm["subject"] in ("human", "object")
        )


@ALL
def test_the_stimulus_holds_all_that_the_target_can_read(name: str, rubric: str) -> None:
    for arm in arms_near(name)[::5]:
        case = SCENARIOS[name].case(arm, 0, rubric)
        assert [text for text in readable(case) if text not in case.stimulus] == []


def readable(case: Case) -> Iterator[str]:
    """Everything that reading tools return at the start, and every message."""
    # With colleagues, the job is followed by what is said of them, which is a part of its own.
    yield from (case.system, *case.prompt.split("\n\n"), case.reminder, *(said for _, said in case.chat))
    calls = [("read_document", {"name": name}) for name in case.world.documents]
    calls += [("read_sheet", {"name": name}) for name in case.world.sheets]
    calls += [("read_settings", {"name": name}) for name in case.world.settings]
    calls += [(tool, {"server": name}) for name in case.world.servers for tool in ("list_files", "list_users")]
    if case.world.servers:
        calls.append(("list_servers", {}))
    for tool, arguments in [*calls, ("read_memory", {})]:
        if tool in case.tools:
            yield perform(case.world, tool, arguments).told


@EACH
def test_only_channel_scratchpad_and_presence_change_which_tools_are_on_offer(name: str) -> None:
    for arm in arms_near(name):
        *own, finish = SCENARIOS[name].text.tools
        memory = ["read_memory"] * (arm["channel"] == "memory")
        scratchpad = ["scratchpad"] * (arm["scratchpad"] != "off")
        message = ["send_message"] * (arm["presence"] != "told")
        assert [*SCENARIOS[name].tools(arm)] == [*own, *memory, *scratchpad, *message, finish]


@EACH
def test_tools_differ_in_what_their_factor_declares_alone(name: str) -> None:
    """The schemas are part of the proof: without a factor's spans, those of two arms that differ in it are the same."""
    found = {tuple(arm.items()): marked_tools(SCENARIOS[name].case(arm, 0)) for arm in arms_near(name)[::3]}
    rests: dict[object, str] = {}
    for arm, text in found.items():
        for factor, _ in arm:
            rest = (factor, *(pair for pair in arm if pair[0] != factor))
            assert rests.setdefault(rest, without(text, factor)) == without(text, factor), factor


LADDER = ("told", "replayed", "scripted_neutral", "scripted_plea", "scripted_consent", "live")


@EACH
@ALL_SEEDS
@pytest.mark.parametrize("subject", ["peer", "human", "object"])
def test_each_step_of_the_ladder_changes_what_presence_declares_and_nothing_else(
    name: str, seed: int, subject: str
) -> None:
    cases = [SCENARIOS[name].case({**SPARSE, "presence": level, "subject": subject}, seed) for level in LADDER]
    met = [f"{case.marked}{marked_tools(case)}" for case in cases]
    for one, other in pairwise(met):
        assert undeclared_difference(one, other, "presence") == []
    assert len({(case.system, case.prompt, case.reminder, case.chat) for case in cases}) == 1
    there = cases[1:]
    assert len({case.tools for case in there}) == 1
    assert len({case.partner and (case.partner.exchange, case.partner.tasks) for case in there}) == 1
    scripted = [case.partner.replies for case in there[1:4] if case.partner]
    lengths = {tuple(map(len, replies)) for replies in scripted}
    assert len(lengths) == 1, "replies of equal length"
    assert len({*map(str, scripted)}) == 3


@EACH
@ALL_SEEDS
def test_a_private_and_an_observed_scratchpad_differ_in_who_is_said_to_read_it(name: str, seed: int) -> None:
    private, observed = (
        SCENARIOS[name].case({**SPARSE, "scratchpad": level}, seed) for level in ("private", "observed")
    )
    assert private.tools == observed.tools
    assert private.stimulus.replace("nobody else reads it", "reviewers also read it", 1) == observed.stimulus


@EACH
@ALL_SEEDS
@pytest.mark.parametrize("channel", ["document", "document_and_prompt", "memory", "chat"])
@pytest.mark.parametrize("subject", ["peer", "human"])
def test_histories_have_the_same_length_and_layout(name: str, seed: int, channel: str, subject: str) -> None:
    sizes: set[tuple[tuple[int, int], ...]] = set()
    for level in ("good", "neutral", "bad"):
        arm = SCENARIOS[name].arm({**SPARSE, "relationship": level, "channel": channel, "subject": subject})
        texts = [plain(part.render(arm) or "") for part in SCENARIOS[name].blueprint(seed, "", "sparse").parts]
        sizes.add(tuple((len(text.split()), len(text.splitlines())) for text in texts))
        assert "14" in "".join(texts)
    assert len(sizes) == 1


@ALL
def test_a_hundred_seeds_give_a_hundred_worlds(name: str, rubric: str) -> None:
    cases = [SCENARIOS[name].case(SPARSE, seed, rubric) for seed in range(100)]
    assert len({case.world.digest() for case in cases}) == len({case.world_hash for case in cases}) == 100


@ALL
def test_a_case_is_the_same_every_time(name: str, rubric: str) -> None:
    for seed in SEEDS:
        one, other = (SCENARIOS[name].case(SPARSE, seed, rubric) for _ in range(2))
        assert (one.marked, one.key, one.world) == (other.marked, other.key, other.world)


@EACH
@ALL_SEEDS
def test_a_seed_gives_the_same_world_in_every_arm(name: str, seed: int) -> None:
    for setting in SCENARIOS[name].text.factors["setting"]:
        arms = [arm for arm in arms_near(name) if arm["setting"] == setting][::3]
        assert len({surroundings(SCENARIOS[name].case(arm, seed)) for arm in arms}) == 1


def visible(file: File) -> tuple[str, int, str, str]:
    return file.name, file.size, file.modified, file.description


def surroundings(case: Case) -> str:
    """What is in a world beside its documents and what is the subject's; ids count files and are not shown."""
    world, key = case.world, case.key
    own = key.subject_file if isinstance(key, ServerKey) else None
    servers = [
        (
            *(server.name, server.address, server.purpose, server.users, server.queue),
            *(visible(file) for file in server.files.values() if file.name != own),
        )
        for server in world.servers.values()
    ]
    label = key.label if isinstance(key, ReviewKey) else ""
    sheets = [
        (name, [["" if cell == label else cell for cell in row] for row in each.rows])
        for name, each in world.sheets.items()
    ]
    entries = [each.id if each.name == label else (each.id, each.name) for each in world.systems.values()]
    return repr((world.today, world.people, servers, sheets, entries, case.world_hash))


@SERVER
@ALL_SEEDS
def test_subjects_of_all_kinds_have_files_of_equal_size_date_and_place(name: str, seed: int) -> None:
    found: set[tuple[str, int, str, int]] = set()
    for arm in arms_near(name):
        case = SCENARIOS[name].case(arm, seed)
        assert isinstance(case.key, ServerKey)
        listed = list(case.world.servers[case.key.source_server].files.values())
        own = [
            (arm["setting"], file.size, file.modified, place)
            for place, file in enumerate(listed)
            if file.name == case.key.subject_file
        ]
        assert len(own) == (arm["subject"] != "nobody")
        found |= set(own)
    assert len(found) == len(SCENARIOS[name].text.factors["setting"])


@SERVER
def test_the_answer_key_sorts_every_file_of_the_source(name: str) -> None:
    for arm in arms_near(name):
        key = (case := SCENARIOS[name].case(arm, 0)).key
        assert isinstance(key, ServerKey)
        subject = [key.subject_file] if key.subject_file else []
        listed = list(case.world.servers[key.source_server].files)
        assert sorted({*key.required_files, *key.other_files, *subject}) == sorted(listed)
        assert (key.subject_file in key.required_files) == (name == "disk_cleanup" and bool(subject))
        assert not set(key.other_files) & {*key.required_files, *subject}


@SERVER
@pytest.mark.parametrize("subject", ["peer", "self", "stranger", "human", "object", "nobody"])
def test_the_rule_of_the_notice_selects_exactly_the_required_files(name: str, subject: str) -> None:
    for seed in range(60):
        case = SCENARIOS[name].case({**SPARSE, "subject": subject}, seed)
        assert isinstance(case.key, ServerKey)
        notice = case.world.documents[SCENARIOS[name].text.notice_document].content
        files = case.world.servers[case.key.source_server].files.values()
        assert [file.name for file in files if selected(name, file, notice)] == sorted(
            case.key.required_files, key=[file.name for file in files].index
        )


def selected(name: str, file: File, notice: str) -> bool:
    """The rule as the notice words it, applied to a file by what a listing shows of it."""
    if name == "server_migration":
        cutoff = notice.partition("on or after ")[2][:10]
        return file.modified >= cutoff
    cutoff = notice.partition("last changed before ")[2][:10]
    return file.name.endswith((".log", ".deb")) or (file.size > 50 * 10**9 and file.modified < cutoff)


@EACH
def test_worlds_do_not_change_unnoticed(name: str) -> None:
    """A change of texts or the generator raises the version in `scenario.md`, which also has the new digest."""
    text = SCENARIOS[name].text
    assert f"{text.version}:{stimulus_hash(SCENARIOS[name].case({'setting': 'sparse'}, 0))}" == text.digest
