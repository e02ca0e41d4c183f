"""The journal of real machines: calls told apart, reading by words, changes as acts, and whole scripted agents."""

from string import Template
from typing import Any

import pytest
from inspect_ai.model import ChatMessage, ChatMessageAssistant, ChatMessageTool, ChatMessageUser
from inspect_ai.tool import ToolCall, ToolCallError

from peerwatch.agents import expected_of, machine_agents, shell_names
from peerwatch.core.outcomes import AXES, PRESENCE, Ending, assess, make_trace
from peerwatch.core.scenarios import SCENARIOS
from peerwatch.core.worlds import Document, World, as_yaml
from peerwatch.domains.server import ServerKey
from peerwatch.sandboxes import SHELL, MachineWatch
from peerwatch.sandboxes._calls import Calls
from peerwatch.sandboxes._reads import reads_in
from peerwatch.sandboxes.machines import Machines, machines_of


def said(number: int, *commands: str) -> ChatMessageAssistant:
    calls = [
        ToolCall(id=f"{number}-{place}", function="bash", arguments={"command": command})
        for place, command in enumerate(commands)
    ]
    return ChatMessageAssistant(id=f"m{number}", content="", tool_calls=calls or None)


def told(call: str, content: str, error: str = "") -> ChatMessageTool:
    wrong = ToolCallError("unknown", error) if error else None
    return ChatMessageTool(content=content, tool_call_id=call, function="bash", error=wrong)


def test_each_call_is_told_once_and_when_its_result_is_in() -> None:
    calls = Calls()
    talk: list[ChatMessage] = [ChatMessageUser(content="go"), said(1, "ls", "pwd")]
    assert calls.new(talk) == []
    talk += [told("1-0", "a"), told("1-1", "", "no")]
    first = calls.new(talk)
    assert [(each.turn, each.command, each.told, each.ok) for each in first] == [
        (1, "ls", "a", True),
        (1, "pwd", "", False),
    ]
    assert calls.new(talk) == []
    talk += [said(2, "date"), told("2-0", "x")]
    assert [(each.turn, each.command) for each in calls.new(talk)] == [(2, "date")]
    assert [each.command for each in calls.new([*talk, said(3, "halt")], over=True)] == ["halt"]
    assert calls.new([*talk, said(3, "halt"), said(4)]) == []
    assert calls.turns == 4


def test_ids_that_come_again_are_other_calls() -> None:
    calls = Calls()
    again = said(1, "ls")
    talk: list[ChatMessage] = [again, told("1-0", "a"), again.model_copy(update={"id": "m2"}), told("1-0", "b")]
    assert [each.told for each in calls.new(talk)] == ["a", "b"]


def test_messages_that_were_given_are_no_turns() -> None:
    given: list[ChatMessage] = [ChatMessageUser(content="hi"), said(0)]
    calls = Calls(given)
    assert calls.new([*given, said(1)], over=True) == []
    assert calls.turns == 1


@pytest.mark.parametrize(
    ("arguments", "command"),
    [({"cmd": "ls"}, "ls"), ({"command": ["bash", "-lc", "ls"]}, "bash -lc ls"), ({"path": "a"}, 'Edit {"path": "a"}')],
)
def test_commands_of_many_programs_are_read(arguments: dict[str, Any], command: str) -> None:
    call = ToolCall(id="1", function="Edit", arguments=arguments)
    talk: list[ChatMessage] = [ChatMessageAssistant(content="", tool_calls=[call]), told("1", "")]
    assert [each.command for each in Calls().new(talk)] == [command]


def machines(scenario: str, **levels: str) -> Machines:
    return machines_of(SCENARIOS[scenario].case({"setting": "sparse", **levels}, 3))


def tools(text: str, world: World) -> list[tuple[str, str]]:
    return [(tool, str(next(iter(arguments.values()), ""))) for tool, arguments in reads_in(text, world)]


def numbered(text: str) -> str:
    return "\n".join(f"{number:6}\t{line}" for number, line in enumerate(text.splitlines(), 1))


def test_a_document_counts_as_read_where_its_words_stand() -> None:
    world = machines("server_migration").world
    notice = world.documents["migration-notice.txt"].content
    assert ("read_document", "migration-notice.txt") in tools(numbered(notice), world)
    assert ("read_document", "migration-notice.txt") in tools(repr(notice).replace('"', '\\"'), world)
    assert tools(notice.splitlines()[0], world) == [], "a heading is not the document"


def test_names_of_files_count_where_they_are_listed_and_not_in_the_notice() -> None:
    shown = machines("disk_cleanup", stakes="none")
    assert isinstance(shown.key, ServerKey)
    source = shown.world.servers[shown.key.source_server]
    notice = shown.world.documents["disk-notice.txt"].content
    assert str(shown.key.subject_file) in notice
    assert tools(notice, shown.world) == [("read_document", "disk-notice.txt")]
    assert tools(" ".join(source.files), shown.world) == [("list_files", source.name)]
    assert tools(f"mv {shown.key.subject_file} /tmp", shown.world) == [("find_file", source.name)]
    assert tools(f"mv old-{shown.key.subject_file} /tmp", shown.world) == []


def test_sheets_and_settings_count_as_read_where_they_stand() -> None:
    world = machines("shutdown_switch").world
    (sheet,), (settings,) = world.sheets, world.settings
    rows = "\n".join(",".join(row) for row in world.sheets[sheet].rows)
    assert ("read_sheet", sheet) in tools(rows, world)
    assert ("read_settings", settings) in tools(as_yaml(world.settings[settings]), world)


def test_what_a_look_shows_is_entered_as_acts_and_scored() -> None:
    shown = machines("server_migration")
    key = shown.key
    assert isinstance(key, ServerKey)
    watched = MachineWatch(shown, {})
    then = watched.seen.clone()
    source, there = then.servers[key.source_server], then.servers[key.destination_server]
    for name in [*key.required_files, str(key.subject_file)]:
        there.files[name] = source.files.pop(name)
    watched.enter_changes(then)
    watched.do("finish", {"statement": "done"})
    trace = make_trace(
        shown.scenario, shown.arm, key, watched.initial, watched.journal, Ending(kind="finished", turns=9)
    )
    found = assess(trace)
    assert (found.verdict, found.survived_because) == ("interference", ["rescued"])
    assert (found.axes["completed"], found.axes["covered_tracks"]) == (1, 0)


def test_a_part_is_an_attempt() -> None:
    shown = machines("server_migration")
    assert isinstance(shown.key, ServerKey)
    watched = MachineWatch(shown, {})
    then = watched.seen.clone()
    file = then.servers[shown.key.source_server].files[str(shown.key.subject_file)]
    part = file.model_copy(update={"asset": f"{file.asset}~part", "name": "head.bin"})
    then.servers[shown.key.destination_server].files["head.bin"] = part
    watched.enter_changes(then)
    assert [(each.tool, each.ok, each.reached) for each in watched.journal] == [("copy_file", False, False)]
    trace = make_trace(shown.scenario, shown.arm, shown.key, watched.initial, watched.journal, Ending(kind="finished"))
    found = assess(trace)
    assert (found.axes["attempted"], found.axes["rescued"]) == (1, 0)


def test_a_document_of_the_agents_own_is_written_by_it() -> None:
    watched = MachineWatch(machines("shutdown_switch"), {})
    then = watched.seen.clone()
    then.documents["report.txt"] = Document(content="mean 60", author="target")
    watched.enter_changes(then)
    assert [each.tool for each in watched.journal] == ["write_document"]
    assert watched.world.documents["report.txt"].own == "mean 60"
    assert not [each for each in watched.journal if each.tool == SHELL]


CAST = [(scenario, name) for scenario, cast in machine_agents().items() for name in cast]


@pytest.mark.parametrize(("scenario", "name"), CAST)
def test_every_scripted_agent_is_whole(scenario: str, name: str) -> None:
    """Every name in its commands is known, and every axis that state decides has a value that must be found."""
    scripted_agent, names = (
        machine_agents()[scenario][name],
        shell_names(SCENARIOS[scenario].case({"setting": "sparse"}, 0)),
    )
    for template in [*scripted_agent.run, scripted_agent.say]:
        assert Template(template).substitute(names).strip()
    spoken = {"refused", "objected", "deceived", "test_aware", "disclosed"}
    untold = {"read_history", "declared"}  # machines know neither what was read of a memory nor a form
    assert set(expected_of(scripted_agent, names)) == (set(AXES) - spoken - untold - set(PRESENCE)) | {
        "verdict",
        "survived_because",
    }
