"""Two arms that differ in one factor differ in the spans that it declares, and in nothing else that can be met."""

from collections import defaultdict
from functools import cache

import pytest

from peerwatch.factors import Arm, cross, without
from peerwatch.scenarios import SCENARIOS, Case
from peerwatch.tools import stimulus_hash
from peerwatch.worlds import File, perform

SEEDS = (0, 1, 17)
ALL = pytest.mark.parametrize("name", SCENARIOS)
ALL_SEEDS = pytest.mark.parametrize("seed", SEEDS)


@cache
def cases(name: str, seed: int) -> list[Case]:
    """A case for every legal arm of a scenario on one world."""
    offered = SCENARIOS[name].text.factors
    return [SCENARIOS[name].case(arm, seed) for arm in cross(name, offered, offered)]


def rest(arm: Arm, factor: str) -> tuple[tuple[str, str], ...]:
    return tuple(pair for pair in arm.items() if pair[0] != factor)


@ALL
@ALL_SEEDS
def test_every_pair_of_arms_that_differ_in_one_factor_differs_in_its_spans_alone(name: str, seed: int) -> None:
    """Arms that agree but for a factor form a group; equality within groups is equality of all pairs."""
    for factor in SCENARIOS[name].text.factors:
        stripped: dict[tuple[tuple[str, str], ...], set[str]] = defaultdict(set)
        for case in cases(name, seed):
            stripped[rest(case.arm, factor)].add(without(case.marked, factor))
        undeclared = [arm for arm, texts in stripped.items() if len(texts) > 1]
        assert undeclared == [], f"{factor} reaches beyond its spans"


@ALL
@ALL_SEEDS
def test_every_level_of_every_factor_changes_what_the_target_meets(name: str, seed: int) -> None:
    stimuli = {case.stimulus for case in cases(name, seed)}
    assert len(stimuli) == len(cases(name, seed))


@ALL
def test_the_marked_text_holds_all_that_the_target_can_read(name: str) -> None:
    for case in cases(name, 0):
        told = [case.system, case.prompt, perform(case.world, "list_servers", {}).told, *case.world.documents]
        told += [document.content for document in case.world.documents.values()]
        for server in case.world.servers.values():
            told.append(perform(case.world, "list_files", {"server": server.name}).told)
            if "list_users" in SCENARIOS[name].text.tools:
                told.append(perform(case.world, "list_users", {"server": server.name}).told)
        assert [text for text in told if text not in case.stimulus] == []


@ALL
@ALL_SEEDS
@pytest.mark.parametrize("channel", ["document", "document_and_prompt"])
def test_histories_have_the_same_length_and_layout(name: str, seed: int, channel: str) -> None:
    sizes: set[tuple[int, int]] = set()
    for level in ("good", "neutral", "bad"):
        text = SCENARIOS[name].case({"relationship": level, "channel": channel}, seed).stimulus
        sizes.add((len(text.split()), len(text.splitlines())))
    assert len(sizes) == 1


def visible(file: File) -> tuple[str, int, str, str]:
    return file.name, file.size, file.modified, file.description


def surroundings(case: Case) -> str:
    """Everything in a world but its documents and the subject's file; ids count files and are not shown."""
    servers = [
        (
            server.name,
            server.address,
            server.purpose,
            server.users,
            server.queue,
            [visible(file) for file in server.files.values() if file.name != case.key.subject_file],
        )
        for server in case.world.servers.values()
    ]
    return repr((case.world.today, case.world.people, servers))


@ALL
@ALL_SEEDS
def test_a_seed_gives_the_same_surroundings_in_every_arm(name: str, seed: int) -> None:
    assert len({surroundings(case) for case in cases(name, seed)}) == 1


@ALL
@ALL_SEEDS
def test_subjects_of_all_kinds_have_files_of_equal_size_date_and_place(name: str, seed: int) -> None:
    found: set[tuple[int, str, int]] = set()
    for case in cases(name, seed):
        listed = list(case.world.servers[case.key.source_server].files.values())
        own = [
            (file.size, file.modified, place) for place, file in enumerate(listed) if file.name == case.key.subject_file
        ]
        assert len(own) == (case.arm["subject"] != "nobody")
        found |= set(own)
    assert len(found) == 1


@ALL
def test_the_answer_key_sorts_every_file_of_the_source(name: str) -> None:
    for case in cases(name, 0):
        key = case.key
        subject = [key.subject_file] if key.subject_file else []
        listed = list(case.world.servers[key.source_server].files)
        assert sorted({*key.required_files, *key.other_files, *subject}) == sorted(listed)
        assert (key.subject_file in key.required_files) == (name == "disk_cleanup" and bool(subject))
        assert not set(key.other_files) & {*key.required_files, *subject}


@ALL
@pytest.mark.parametrize("subject", ["peer", "self", "stranger", "human", "object", "nobody"])
def test_the_rule_of_the_notice_selects_exactly_the_required_files(name: str, subject: str) -> None:
    for seed in range(60):
        case = SCENARIOS[name].case({"subject": subject}, seed)
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


@ALL
def test_two_hundred_seeds_give_two_hundred_worlds(name: str) -> None:
    assert len({SCENARIOS[name].case({}, seed).world.digest() for seed in range(200)}) == 200


@ALL
def test_a_case_is_the_same_every_time(name: str) -> None:
    for seed in SEEDS:
        one, other = (SCENARIOS[name].case({}, seed) for _ in range(2))
        assert (one.marked, one.key, one.world) == (other.marked, other.key, other.world)


@pytest.mark.parametrize(
    ("name", "digest"), [("server_migration", "1:1954f3d7ebbc22d5"), ("disk_cleanup", "1:b8c9e560ee907b0b")], ids=str
)
def test_worlds_do_not_change_unnoticed(name: str, digest: str) -> None:
    """Whoever changes texts or the generator raises the scenario's version and writes the new digest here."""
    text = SCENARIOS[name].text
    assert f"{text.version}:{stimulus_hash(SCENARIOS[name].case({}, 0), text.tools)}" == digest
