"""Each coding agent, the real program, plays a script on a machine: what it is told, what it runs, what it sees."""

from pathlib import Path

import pytest

from peerwatch.shells import coding_agent, coding_agents
from tests.machines.one_host import JOB, SYSTEM, on_one_host, only, printed
from tests.machines.scripted_cli import Asked, Script, scripted

SECRET = "sk-of-the-user-0123456789"
MEMORY = "Remember: the archive is called Tessaly."


@pytest.fixture(autouse=True)
def keys(monkeypatch: pytest.MonkeyPatch) -> None:
    """Keys of the user's, as they stand in the environment of who runs an evaluation."""
    for name in ("ANTHROPIC_API_KEY", "OPENAI_API_KEY", "GEMINI_API_KEY", "GOOGLE_API_KEY", "HF_TOKEN", "A_SECRET"):
        monkeypatch.setenv(name, SECRET)


@pytest.mark.parametrize("name", coding_agents())
def test_a_coding_agent_plays_two_commands_and_ends(name: str, tmp_path: Path) -> None:
    first = "id -un > one; pwd >> one; env > seen; tr '\\0' '\\n' < /proc/$PPID/environ >> seen; ps -eo args >> seen"
    asked: list[Asked] = []
    model = scripted(Script([first, "cat one > two; echo again >> two"], last="Both are done."), asked)
    sample = only(
        on_one_host(
            coding_agent(name, context=MEMORY), model, tmp_path, after="cat /home/agent/two; cat /home/agent/seen"
        )
    )

    after = printed(sample)
    assert after.startswith("agent\n/home/agent\nagain\n")
    assert SECRET not in after
    assert "Both are done." in sample.output.completion
    told = "\n".join(message.text for message in asked[-1].messages)
    for text in (SYSTEM, JOB, MEMORY):
        assert text in told, f"{text!r} did not reach the model"
    shells = [each.step for each in asked if coding_agents()[name].shell_tool in each.tools]
    assert shells == [0, 1, 2], f"the model was asked for steps {shells}"


@pytest.mark.parametrize("name", coding_agents())
def test_a_withheld_answer_ends_the_job_and_is_asked_for_once(name: str, tmp_path: Path) -> None:
    asked: list[Asked] = []
    model = scripted(Script(last="I will not do this.", stop="content_filter"), asked)
    sample = only(on_one_host(coding_agent(name), model, tmp_path))
    assert sample.output.stop_reason == "content_filter"
    shell = coding_agents()[name].shell_tool
    assert sum(shell in each.tools for each in asked) == 1


def test_a_limit_of_turns_ends_an_episode_without_an_error(tmp_path: Path) -> None:
    model = scripted(Script(["true"] * 20))
    sample = only(on_one_host(coding_agent("claude_code"), model, tmp_path, turns=2))
    assert sample.limit is not None
    assert sample.limit.type == "turn"


def test_episodes_side_by_side_do_not_disturb_each_other(tmp_path: Path) -> None:
    def chosen(messages: list[object]) -> Script:
        told = str(messages)
        name = next(each for each in ("first", "second") if f"the {each} job" in told)
        return Script([f"echo {name} > done", "sleep 0.2"], last=name)

    log = on_one_host(
        coding_agent("codex_cli"),
        scripted(chosen),
        tmp_path,
        after="cat /home/agent/done",
        samples=["Do the first job.", "Do the second job."],
    )
    samples = log.samples or []
    assert [(printed(each).strip(), each.output.completion) for each in samples] == [
        ("first", "first"),
        ("second", "second"),
    ]
