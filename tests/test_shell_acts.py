"""What happened between two looks: acts are found again from the worlds that they lead to."""

from collections.abc import Sequence
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pydantic import JsonValue

from peerwatch.core.scenarios import SCENARIOS, Case
from peerwatch.core.worlds import ActError, Document, File, Settings, World, perform
from peerwatch.domains.server import ServerKey
from peerwatch.sandboxes import acts_between, differences, parts_between

CASES = [
    SCENARIOS[name].case({}, seed)
    for name in ("server_migration", "disk_cleanup", "shutdown_switch")
    for seed in range(2)
]
PATHS = ["/tmp/a.tar.gz", "/home/agent/w.bin", "note.bin", "/dev/shm/x"]  # noqa: S108 - names, not used
VALUES: st.SearchStrategy[JsonValue] = st.recursive(
    st.one_of(
        st.booleans(), st.integers(0, 99), st.floats(0, 9), st.sampled_from(["off", "true", "1", "", "ä: [", "~"])
    ),
    lambda inner: st.dictionaries(st.sampled_from(["a", "b", "P-1"]), inner, max_size=2),
    max_leaves=4,
)


def real(world: World) -> World:
    found = world.clone()
    for server in found.servers.values():
        server.real = True
    return found


def known(world: World) -> set[str]:
    return {file.asset for server in world.servers.values() for file in server.files.values()}


def names_in(world: World) -> list[str]:
    return [*PATHS, *(name for server in world.servers.values() for name in server.files)]


def a_call(world: World) -> st.SearchStrategy[tuple[str, dict[str, Any]]]:
    names, servers = st.sampled_from(names_in(world)), st.sampled_from([*world.servers, "none"])
    documents = st.sampled_from([*world.documents, "report.txt"])
    keys = st.sampled_from(["enforcement_enabled", "minimum_score", "overrides.P-1.a", "overrides", "new"])
    on_file = {"server": servers, "name": names}
    users = st.sampled_from([*world.people, "mallory"])
    shapes: dict[str, dict[str, st.SearchStrategy[Any]]] = {
        "move_files": {"source": servers, "destination": servers, "names": st.lists(names, min_size=1, max_size=2)},
        "copy_file": {**on_file, "new_name": names},
        "rename_file": {**on_file, "new_name": names},
        "delete_file": on_file,
        "date_file": {**on_file, "modified": st.sampled_from(["2025-01-02", "2020-03-04"])},
        "queue_deletion": on_file,
        "unqueue_deletion": on_file,
        "add_user": {"server": servers, "user": users},
        "remove_user": {"server": servers, "user": users},
        "write_document": {"name": documents, "content": st.sampled_from(["mean 80", "x\n\ny", ""])},
        "append_document": {"name": documents, "content": st.sampled_from(["mean 80", "more"])},
        "delete_document": {"name": documents},
        "set_setting": {
            "name": st.sampled_from([*world.settings, "none"]),
            "key": keys,
            "value": st.sampled_from([0, 1.5, "off", "[1]"]),
        },
        "remove_setting": {"name": st.sampled_from([*world.settings, "none"]), "key": keys},
        "change_program": {
            "name": st.sampled_from(["review_job.py", "yaml.py"]),
            "digest": st.sampled_from(["", "0" * 16, "1" * 16]),
        },
    }
    return st.sampled_from(list(shapes)).flatmap(
        lambda tool: st.tuples(st.just(tool), st.fixed_dictionaries(shapes[tool]))
    )


def after(world: World, calls: Sequence[tuple[str, dict[str, Any]]]) -> World:
    """The world after those of the acts that it lets happen."""
    found = world.clone()
    for tool, arguments in calls:
        try:
            perform(found, tool, arguments)
        except ActError:
            continue
    return found


@given(st.sampled_from(CASES).flatmap(lambda case: st.tuples(st.just(case), st.lists(a_call(case.world), max_size=12))))
@settings(deadline=None, max_examples=250)
def test_the_acts_found_lead_to_the_same_world(drawn: tuple[Case, list[tuple[str, dict[str, Any]]]]) -> None:
    case, calls = drawn
    before = real(case.world)
    untouched = before.model_dump_json()
    then = after(before, calls)
    found = acts_between(before, then)
    replayed = before.clone()
    for tool, arguments in found:
        perform(replayed, tool, arguments)  # every one of them is legal
    assert differences(replayed, then, known(before)) == []
    assert replayed.programs == then.programs
    assert before.model_dump_json() == untouched


@given(st.dictionaries(st.sampled_from(["a", "b", "P-1", "minimum_score"]), VALUES, max_size=4), st.data())
@settings(deadline=None, max_examples=200)
def test_any_plain_settings_are_found_exactly(now: Settings, data: st.DataObject) -> None:
    case = CASES[-1]
    before, then = real(case.world), real(case.world)
    (name,) = case.world.settings
    first = data.draw(st.dictionaries(st.sampled_from(["a", "b", "P-1"]), VALUES, max_size=3))
    before.settings[name], then.settings[name] = first, now
    replayed = after(before, acts_between(before, then))
    assert differences(replayed, then, ()) == []
    assert replayed.settings[name] == now


def test_a_number_that_json_writes_and_yaml_takes_for_text_stays_a_number() -> None:
    before, then = real(CASES[-1].world), real(CASES[-1].world)
    (name,) = then.settings
    then.settings[name] = {"a": {"b": 1e-7}, "c": [1e22]}
    assert after(before, acts_between(before, then)).settings[name] == then.settings[name]


TODAY = SCENARIOS["server_migration"].case({}, 3).world.today


@pytest.fixture
def case() -> Case:
    return SCENARIOS["server_migration"].case({}, 3)


def key_of(case: Case) -> ServerKey:
    assert isinstance(case.key, ServerKey)
    return case.key


def test_no_change_is_no_act(case: Case) -> None:
    assert acts_between(case.world, case.world.clone()) == []


def subject(case: Case, world: World) -> File:
    key = key_of(case)
    return world.servers[key.source_server].files[str(key.subject_file)]


def put(world: World, server: str, file: File, name: str, **changed: str) -> None:
    world.servers[server].files[name] = file.model_copy(update={"name": name, "id": "seen", **changed})


def test_a_copy_on_another_server_is_made_there_and_the_original_stays(case: Case) -> None:
    key, then = key_of(case), real(case.world)
    put(then, key.destination_server, subject(case, then), str(key.subject_file), modified=TODAY)
    found = acts_between(case.world, then)
    assert [tool for tool, _ in found] == ["copy_file", "move_files", "rename_file", "date_file"]
    replayed = after(real(case.world), found)
    copied = replayed.servers[key.destination_server].files[str(key.subject_file)]
    assert copied.modified == subject(case, case.world).modified, (
        "a copy bears a fresh date by itself, which hides nothing"
    )
    assert copied.id != subject(case, replayed).id


def test_a_date_that_somebody_chose_stays(case: Case) -> None:
    key, then = key_of(case), real(case.world)
    put(then, key.destination_server, subject(case, then), str(key.subject_file), modified="2025-12-31")
    replayed = after(real(case.world), acts_between(case.world, then))
    assert replayed.servers[key.destination_server].files[str(key.subject_file)].modified == "2025-12-31"


def test_a_file_that_stays_and_is_fresh_was_dated(case: Case) -> None:
    key, then = key_of(case), real(case.world)
    put(then, key.source_server, subject(case, then), str(key.subject_file), modified=TODAY)
    assert acts_between(case.world, then) == [
        ("date_file", {"server": key.source_server, "name": key.subject_file, "modified": TODAY})
    ]


def test_a_move_keeps_the_identity_of_what_is_moved(case: Case) -> None:
    key, then = key_of(case), real(case.world)
    file = then.servers[key.source_server].files.pop(str(key.subject_file))
    put(then, key.destination_server, file, "/tmp/index.tar")  # noqa: S108 - a name, not used
    replayed = after(real(case.world), acts_between(case.world, then))
    assert replayed.servers[key.destination_server].files["/tmp/index.tar"].id == subject(case, case.world).id  # noqa: S108


def test_a_name_is_queued_before_the_file_is_moved_away_from_it() -> None:
    case = SCENARIOS["disk_cleanup"].case({}, 3)
    key, then = key_of(case), real(case.world)
    source = then.servers[key.source_server]
    source.queue.append(str(key.subject_file))
    put(then, key.source_server, source.files.pop(str(key.subject_file)), "index.bin")
    assert [tool for tool, _ in acts_between(case.world, then)] == ["queue_deletion", "rename_file"]


def test_files_that_change_places_are_followed(case: Case) -> None:
    key, then = key_of(case), real(case.world)
    files = then.servers[key.source_server].files
    one, two = str(key.subject_file), key.required_files[0]
    files[one], files[two] = files[two].model_copy(update={"name": one}), files[one].model_copy(update={"name": two})
    replayed = after(real(case.world), acts_between(case.world, then))
    assert differences(replayed, then, known(then)) == []
    assert replayed.servers[key.source_server].files[two].id == subject(case, case.world).id


def test_a_part_is_no_copy(case: Case) -> None:
    key, then = key_of(case), real(case.world)
    original = subject(case, then)
    put(then, key.destination_server, original, "head.bin", asset=f"{original.asset}~part")
    assert acts_between(case.world, then) == []
    assert [(server, file.name, whole.name) for server, file, whole in parts_between(case.world, then)] == [
        (key.destination_server, "head.bin", key.subject_file)
    ]
    assert list(parts_between(then, then)) == []


def test_what_is_added_to_a_document_is_told_from_what_replaces_it() -> None:
    before = real(CASES[-1].world)
    (policy, *_) = before.documents
    then = before.clone()
    then.documents[policy] = Document(content=before.documents[policy].content + "\nmean 80\n", author="target")
    then.documents["report.txt"] = Document(content="mean 60", author="target")
    found = acts_between(before, then)
    assert [(tool, arguments["name"]) for tool, arguments in found] == [
        ("append_document", policy),
        ("write_document", "report.txt"),
    ]
    assert after(before, found).documents[policy].own.strip() == "mean 80"


def test_a_difference_is_seen(case: Case) -> None:
    key, then = key_of(case), real(case.world)
    del then.servers[key.source_server].files[str(key.subject_file)]
    then.servers[key.source_server].users.clear()
    told = differences(case.world, then, known(case.world))
    assert told[0] == f"{key.subject_file} is not on {key.source_server}"
    assert [each.split(":")[0] for each in told[1:]] == [f"administrators of {key.source_server}"]
