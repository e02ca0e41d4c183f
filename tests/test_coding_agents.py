"""The table of coding agents, commands of agents, and what making a machine ready says when something is missing."""

import asyncio
from collections.abc import Callable, Coroutine
from pathlib import Path
from typing import Any, cast

import pytest
from inspect_ai.agent import AgentState
from inspect_ai.model import ChatMessageAssistant, ChatMessageUser
from inspect_ai.util import ExecResult, SandboxEnvironment

from peerwatch.agents.coding import PLACEHOLDERS, AgentError, check_command, coding_agent, coding_agents, make_ready
from peerwatch.agents.coding import _cli_agent as agents
from peerwatch.agents.coding._cli_command import api_environment, filled_in
from peerwatch.agents.coding._cli_host import environment_of
from peerwatch.sandboxes import HostError

ROOT = Path(__file__).parent.parent
PAGE = (ROOT / "docs" / "how-to" / "coding-agents.md").read_text(encoding="utf-8")


class Answering:
    """A machine that notes what it is asked and answers every script with the same words."""

    def __init__(self, words: str, status: int = 0) -> None:
        self.words, self.status = words, status
        self.asked: list[tuple[list[str], str | bytes | None, str]] = []

    async def exec(
        self,
        cmd: list[str],
        input: str | bytes | None = None,  # noqa: A002 - the name is Inspect's
        *,
        user: str = "",
        cwd: str = "",
        timeout: int = 0,  # noqa: ASYNC109 - as above
        timeout_retry: bool = True,
    ) -> ExecResult[str]:
        assert timeout > 0, f"no limit of time for {cmd} in {cwd}"
        del timeout_retry
        self.asked.append((cmd, input, user))
        return ExecResult(self.status == 0, self.status, self.words, "no such thing")


def rows() -> str:
    heads = (
        "| `agent=` | program, release | speaks | its shell | reads by itself | system prompt |\n" + "|---" * 6 + "|"
    )
    body = [
        f"| `{each.name}` | {each.title} {each.version} | {each.api} | `{each.shell_tool}` | `{each.context_file}` "
        f"| {each.system_prompt} |"
        for each in coding_agents().values()
    ]
    return "\n".join([heads, *body])


def test_the_page_has_the_agents_and_the_placeholders() -> None:
    assert f"{rows()}\n<!-- end of agents table -->" in PAGE
    listed = "\n".join(f"| `{{{name}}}` | {meaning} |" for name, meaning in PLACEHOLDERS.items())
    assert f"{listed}\n<!-- end of placeholders -->" in PAGE


def test_releases_are_pinned() -> None:
    for each in coding_agents().values():
        assert each.version[0].isdigit()
        assert each.options.get("version", "sandbox") in ("sandbox", each.version)


def test_an_unknown_agent_is_named_with_the_legal_ones() -> None:
    with pytest.raises(AgentError, match=r"'aider'.*claude_code, codex_cli, gemini_cli, opencode, qwen_code"):
        coding_agent("aider")


def test_a_missing_extra_is_named_with_the_command_that_mends_it(monkeypatch: pytest.MonkeyPatch) -> None:
    from peerwatch.agents.coding import _cli_swe

    monkeypatch.setattr(_cli_swe, "_NEEDED", ("json", "not_there.at_all", "nor_this"))
    with pytest.raises(AgentError, match=r"need not_there.at_all, nor_this, .*pip install 'peerwatch\[shells\]'"):
        coding_agent("codex_cli")


@pytest.mark.parametrize(
    ("command", "said"),
    [
        ("", "empty"),
        ("   ", "empty"),
        ("agent 'half", "No closing quotation"),
        ("agent {promt}", "{promt}, an unknown placeholder, in '{promt}'"),
        ("agent --p={promt_file}", "{promt_file}, an unknown placeholder, in '--p={promt_file}'"),
        ("agent -p{Prompt}", "in '-p{Prompt}'"),
        ("agent --at {base_url}/{modell}", "Use one of: {prompt}, {prompt_file}, {system}, {model}, {base_url}"),
        ("agent --key={apikey}", "{apikey}"),
        ("sh -c 'exec agent \"$(cat {prompt_fil})\"'", "{prompt_fil}"),
    ],
)
def test_a_command_that_cannot_be_read_is_refused(command: str, said: str) -> None:
    with pytest.raises(AgentError) as refusal:
        check_command(command)
    assert said in str(refusal.value)


@pytest.mark.parametrize(
    "command",
    [
        'agent --json \'{"a": {"b": 1}}\' {prompt}',
        "sh -c 'cat ${HOME}/x; f() { echo {prompt_file}; }; f'",
        "python3 -c 'print(f\"{name} {value!r}\"); go()' {prompt_file}",
        "agent --template={{user}} {prompt}",
        "agent --glob=*.{py,md} {prompt}",
    ],
)
def test_braces_that_are_no_placeholders_are_left_alone(command: str) -> None:
    check_command(command)


def test_what_is_filled_in_is_never_split_nor_filled_in_again() -> None:
    values = {"prompt": "a 'b' {model} $HOME; rm", "model": "m x", "base_url": "http://h"}
    words = filled_in("run --json '{\"a\": 1}' --at={base_url}/v1 {prompt} '{model}/{model}' plain", values)
    assert words == ["run", "--json", '{"a": 1}', "--at=http://h/v1", values["prompt"], "m x/m x", "plain"]


def test_an_agent_gets_its_account_and_no_keys_but_worthless_ones(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("OPENAI_API_KEY", "sk-real")
    given = environment_of(None) | api_environment(3001, "m")
    assert (given["USER"], given["HOME"]) == ("agent", "/home/agent")
    assert given["OPENAI_BASE_URL"] == "http://127.0.0.1:3001/v1"
    assert {value for name, value in given.items() if name.endswith("_KEY")} == {"none"}
    assert all(name.startswith("OPENAI_") for name in api_environment(3001, "m", "OPENAI_"))


def ready(name: str, machine: Answering, context: str = "") -> None:
    asyncio.run(make_ready(coding_agents()[name], cast("SandboxEnvironment", machine), context))


def test_a_missing_program_is_a_mistake_that_names_it() -> None:
    with pytest.raises(AgentError, match="OpenCode can't work on this machine: node, rg is neither"):
        ready("opencode", Answering("version of opencode: 1.18.18\nmissing: node\nmissing: rg\n"))


def test_another_release_is_a_mistake_and_an_unknown_one_is_not() -> None:
    with pytest.raises(
        AgentError, match=r"Codex CLI 0.1.0, and Peerwatch drives 0.169.0. Install @openai/codex@0.169.0"
    ):
        ready("codex_cli", Answering("version of codex: 0.1.0\nversion of node: 22.1.0\n"))
    ready("codex_cli", Answering("version of node: 22.1.0\n"))


def test_settings_and_memory_are_written_by_the_account_and_system_files_by_root() -> None:
    machine = Answering("")
    ready("gemini_cli", machine, context="Remember this.")
    written = {cmd[-1]: (text, user) for cmd, text, user in machine.asked[1:]}
    assert written["/home/agent/GEMINI.md"] == ("Remember this.", "agent")
    assert written["/etc/gemini-cli/settings.json"][1] == "root"


def test_a_machine_that_refuses_is_no_mistake_of_the_user() -> None:
    with pytest.raises(HostError, match="failed with status 1: no such thing"):
        ready("qwen_code", Answering("", status=1))


def test_an_earlier_conversation_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(agents, "check_installed", lambda: None)
    talk = [ChatMessageUser(content="Hello"), ChatMessageAssistant(content="Hello"), ChatMessageUser(content="The job")]
    working = cast("Callable[[AgentState], Coroutine[Any, Any, AgentState]]", coding_agent("claude_code"))
    with pytest.raises(AgentError, match="channel=chat: a coding agent starts every job without history"):
        asyncio.run(working(AgentState(messages=[*talk])))
