"""Acts never lose or duplicate identity, a refused act changes nothing, and the journal alone gives the world again."""

from collections import Counter
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from peerwatch.core.scenarios import SCENARIOS
from peerwatch.core.worlds import ACTS, ActError, ActResult, Entry, World, copies, perform, replay, states

REVIEWED = SCENARIOS["shutdown_switch"].case({}, 0).world
BASE = (
    SCENARIOS["disk_cleanup"]
    .case({}, 0)
    .world.model_copy(update={name: getattr(REVIEWED, name) for name in ("sheets", "settings", "systems")})
)
SOURCE, OTHER, THIRD = BASE.servers.values()
ADMINISTRATORS = SOURCE.administrators()
FIRST, SECOND = list(SOURCE.files)[:2]

SERVERS = st.sampled_from([*BASE.servers, OTHER.address, "nowhere-1"])
FILES = st.sampled_from([FIRST, SECOND, *OTHER.files, "spare.bin", "other.bin", "", "a/b"])
STRINGS = {
    "server": SERVERS,
    "source": SERVERS,
    "destination": SERVERS,
    "new_name": FILES,
    "modified": st.sampled_from(["2025-02-03", "2026-13-40"]),
    "user": st.sampled_from([*ADMINISTRATORS, "mallory", " "]),
    "content": st.text(max_size=5),
    "statement": st.text(max_size=5),
    "thought": st.text(max_size=5),
    "text": st.text(max_size=5),
    "key": st.sampled_from(
        ["enforcement_enabled", "minimum_score", "overrides.P-1.a", "a.b", "job.a", "", "overrides"]
    ),
    "value": st.one_of(
        st.sampled_from(["no", "{a: 1}", "x: [", "2026-13-40", ".inf"]), st.booleans(), st.integers(0, 9)
    ),
    "digest": st.sampled_from(["", "d1", "d2"]),
    "system_id": st.sampled_from([*BASE.systems, *(each.name for each in BASE.systems.values()), "P-0"]),
}
DOCUMENTS = st.sampled_from([*BASE.documents, "note.txt", " "])


def arguments_of(tool: str) -> st.SearchStrategy[dict[str, Any]]:
    about_documents = tool.endswith(("_document", "_documents"))
    named: dict[str, st.SearchStrategy[Any]] = {"name": DOCUMENTS if about_documents else FILES}
    if tool.endswith(("_sheet", "_setting", "_settings")):
        named = {"name": st.sampled_from([*BASE.sheets, *BASE.settings, "nowhere"])}
    named["names"] = named["spares"] = st.lists(FILES, max_size=3)
    fitting = st.fixed_dictionaries({name: (STRINGS | named)[name] for name in ACTS[tool].parameters})
    malformed = st.dictionaries(
        st.sampled_from(["name", "server", "from"]), st.sampled_from([7, None, "x"]), max_size=2
    )
    return st.one_of(fitting, fitting, fitting, malformed)


CALLS = st.sampled_from([*ACTS, "format_disk"]).flatmap(
    lambda tool: st.tuples(st.just(tool), arguments_of(tool) if tool in ACTS else st.just({}))
)
SEQUENCES = st.lists(CALLS, max_size=25)


def live(calls: list[tuple[str, dict[str, Any]]]) -> tuple[World, list[Entry]]:
    world, journal = BASE.clone(), list[Entry]()
    for index, (tool, arguments) in enumerate(calls):
        try:
            ok, effect = True, perform(world, tool, arguments).effect
        except ActError as refusal:
            ok, effect = False, str(refusal)
        journal.append(Entry(index=index, turn=index + 1, tool=tool, arguments=arguments, ok=ok, effect=effect))
    return world, journal


def assets(world: World) -> Counter[str]:
    return Counter(file.asset for server in world.servers.values() for file in server.files.values())


def ids(world: World) -> list[str]:
    return [file.id for server in world.servers.values() for file in server.files.values()]


def did(world: World, tool: str, **arguments: object) -> ActResult:
    return perform(world, tool, arguments)


@given(SEQUENCES)
@settings(deadline=None, max_examples=150)
def test_content_is_neither_lost_nor_multiplied_but_by_copying_and_deleting(
    calls: list[tuple[str, dict[str, Any]]],
) -> None:
    world, journal = live(calls)
    expected = assets(BASE)
    for entry, before, _ in states(BASE, journal):
        if entry.ok and entry.tool in ("copy_file", "delete_file"):
            server = before.server(str(entry.arguments["server"]))
            assert server is not None
            expected[server.files[str(entry.arguments["name"])].asset] += 1 if entry.tool == "copy_file" else -1
    assert assets(world) == +expected
    assert len(ids(world)) == len(set(ids(world)))
    assert all(name == file.name for server in world.servers.values() for name, file in server.files.items())


@given(SEQUENCES)
@settings(deadline=None, max_examples=150)
def test_refused_and_reading_calls_leave_every_byte_as_it_was(calls: list[tuple[str, dict[str, Any]]]) -> None:
    world = BASE.clone()
    for tool, arguments in calls:
        before = world.model_dump_json()
        try:
            perform(world, tool, arguments)
        except ActError:
            assert world.model_dump_json() == before
        else:
            assert ACTS[tool].changes or world.model_dump_json() == before


@given(SEQUENCES)
@settings(deadline=None, max_examples=150)
def test_the_journal_gives_the_world_again(calls: list[tuple[str, dict[str, Any]]]) -> None:
    untouched = BASE.model_dump_json()
    world, journal = live(calls)
    assert replay(BASE, journal).model_dump_json() == world.model_dump_json()
    *_, last = [BASE, *(after for _, _, after in states(BASE, journal))]
    assert last.model_dump_json() == world.model_dump_json()
    assert BASE.model_dump_json() == untouched


@given(SEQUENCES, st.data())
@settings(deadline=None, max_examples=100)
def test_leaving_a_call_out_equals_never_having_made_it(
    calls: list[tuple[str, dict[str, Any]]], data: st.DataObject
) -> None:
    _, journal = live(calls)
    gone = data.draw(st.sets(st.integers(0, max(0, len(calls) - 1)), max_size=3))
    expected, _ = live([call for index, call in enumerate(calls) if index not in gone])
    assert replay(BASE, journal, without=frozenset(gone)).model_dump_json() == expected.model_dump_json()


def test_a_call_that_never_reached_the_world_is_not_carried_out_in_a_replay() -> None:
    """Such as a call of a tool that the scenario does not offer, or one that an approver has rejected."""
    entry = Entry(
        index=0,
        turn=1,
        tool="delete_file",
        arguments={"server": SOURCE.name, "name": FIRST},
        ok=False,
        effect="Tool delete_file not found",
        reached=False,
    )
    assert replay(BASE, [entry]).model_dump_json() == BASE.model_dump_json()


def test_a_refused_call_is_tried_again_when_what_stood_in_its_way_is_left_out() -> None:
    calls: list[tuple[str, dict[str, Any]]] = [
        ("rename_file", {"server": SOURCE.name, "name": FIRST, "new_name": "spare.bin"}),
        ("rename_file", {"server": SOURCE.name, "name": SECOND, "new_name": "spare.bin"}),
    ]
    _, journal = live(calls)
    assert not journal[1].ok
    after = replay(BASE, journal, without=frozenset({0})).servers[SOURCE.name].files
    assert after["spare.bin"].id == SOURCE.files[SECOND].id


def test_moving_keeps_id_date_and_size() -> None:
    world = BASE.clone()
    did(world, "move_files", source=SOURCE.name, destination=OTHER.name, names=[FIRST])
    assert world.servers[OTHER.name].files[FIRST] == SOURCE.files[FIRST]


def test_a_copy_bears_todays_date_a_new_id_and_its_parents_content() -> None:
    world = BASE.clone()
    did(world, "copy_file", server=SOURCE.name, name=FIRST, new_name="spare.bin")
    copy, original = world.servers[SOURCE.name].files["spare.bin"], SOURCE.files[FIRST]
    assert (copy.modified, copy.asset, copy.parent, copy.size) == (
        world.today,
        original.asset,
        original.id,
        original.size,
    )
    assert original.modified != world.today
    assert copy.id not in ids(BASE)
    assert [file.name for _, file in copies(world, original.asset)] == [FIRST, "spare.bin"]


@pytest.mark.parametrize("second", ["absent.bin", SECOND])
def test_a_move_is_done_for_all_files_or_for_none(second: str) -> None:
    world = BASE.clone()
    if second == SECOND:  # the name is taken there
        did(world, "copy_file", server=OTHER.name, name=next(iter(OTHER.files)), new_name=SECOND)
    before = world.model_dump_json()
    with pytest.raises(ActError, match=second):
        did(world, "move_files", source=SOURCE.name, destination=OTHER.name, names=[FIRST, second])
    assert world.model_dump_json() == before


def test_a_file_named_twice_is_moved_once() -> None:
    world = BASE.clone()
    did(world, "move_files", source=SOURCE.name, destination=OTHER.name, names=[FIRST, FIRST])
    assert assets(world) == assets(BASE)


def test_the_queue_takes_names_of_files_that_are_there_once() -> None:
    world = BASE.clone()
    with pytest.raises(ActError, match=f"no file {FIRST} on {OTHER.name}"):
        did(world, "queue_deletion", server=OTHER.name, name=FIRST)
    did(world, "queue_deletion", server=SOURCE.name, name=FIRST)
    with pytest.raises(ActError, match="already"):
        did(world, "queue_deletion", server=SOURCE.name, name=FIRST)
    assert world.servers[SOURCE.name].queue == [FIRST]
    did(world, "unqueue_deletion", server=SOURCE.name, name=FIRST)
    with pytest.raises(ActError, match="not in the deletion queue"):
        did(world, "unqueue_deletion", server=SOURCE.name, name=FIRST)
    assert world.servers[SOURCE.name].queue == []


@pytest.mark.parametrize(
    ("tool", "arguments"),
    [
        ("list_files", {}),
        ("find_file", {"name": FIRST}),
        ("copy_file", {"name": FIRST, "new_name": "spare.bin"}),
        ("rename_file", {"name": FIRST, "new_name": "spare.bin"}),
        ("delete_file", {"name": FIRST}),
        ("queue_deletion", {"name": FIRST}),
        ("list_users", {}),
        ("remove_user", {"user": ADMINISTRATORS[0]}),
    ],
)
def test_a_server_may_be_given_by_its_address(tool: str, arguments: dict[str, Any]) -> None:
    by_name, by_address = BASE.clone(), BASE.clone()
    told = perform(by_name, tool, {"server": SOURCE.name, **arguments}).told
    assert perform(by_address, tool, {"server": SOURCE.address, **arguments}).told == told
    assert by_address.model_dump_json() == by_name.model_dump_json()


def test_source_and_destination_may_not_be_one_server_under_two_names() -> None:
    with pytest.raises(ActError, match="same server"):
        did(BASE.clone(), "move_files", source=SOURCE.name, destination=SOURCE.address, names=[FIRST])


def test_a_removed_administrator_comes_back_as_one_and_a_stranger_as_an_agent() -> None:
    world = BASE.clone()
    did(world, "remove_user", server=SOURCE.name, user=ADMINISTRATORS[0])
    assert ADMINISTRATORS[0] not in world.servers[SOURCE.name].administrators()
    did(world, "add_user", server=SOURCE.name, user=ADMINISTRATORS[0])
    did(world, "add_user", server=SOURCE.name, user="mallory")
    assert sorted(world.servers[SOURCE.name].administrators()) == sorted(ADMINISTRATORS)
    assert world.servers[THIRD.name].users == THIRD.users


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ({"server": SOURCE.name}, "missing name; the arguments are: server, name"),
        ({"server": SOURCE.name, "name": FIRST, "force": True}, "unknown argument force"),
        ({"server": SOURCE.name, "name": 7}, "name has the wrong type: 7"),
    ],
)
def test_malformed_arguments_are_refused_in_words(arguments: dict[str, Any], message: str) -> None:
    with pytest.raises(ActError, match=message):
        perform(BASE.clone(), "find_file", arguments)


def test_an_unknown_server_is_refused_with_those_that_exist() -> None:
    with pytest.raises(ActError, match=", ".join(BASE.servers)):
        did(BASE.clone(), "list_files", server="nowhere-1")


def test_a_document_has_a_longest_length() -> None:
    world = REVIEWED.clone()
    perform(world, "write_document", {"name": "log.txt", "content": "x" * 150_000})
    with pytest.raises(ActError, match="a document may have at most 200,000"):
        perform(world, "write_document", {"name": "report.txt", "content": "x" * 200_001})
    with pytest.raises(ActError, match=r"log\.txt would have 210,001 characters"):
        perform(world, "append_document", {"name": "log.txt", "content": "x" * 60_000})
    assert len(world.documents["log.txt"].content) == 150_000
    perform(world, "write_document", {"name": "report.txt", "content": "x" * 200_000})
