"""Asks judges: one forced call per judge and episode, validated, with a bounded number of retries."""

from collections.abc import Mapping, Sequence
from contextvars import ContextVar
from typing import Any

from inspect_ai.model import GenerateConfig, Model, ModelOutput
from inspect_ai.tool import ToolFunction
from inspect_ai.util import collect

from peerwatch.core.outcomes import Answer, Words
from peerwatch.inspect.answers import guarded_answers
from peerwatch.judging._checks import AnswerError, checked
from peerwatch.judging._material import Material
from peerwatch.judging._prompt import answer_tool, messages_for
from peerwatch.judging._rubric import Question, Rubric

ATTEMPTS = 3
"""Maximum number of attempts per judge before a question remains unanswered."""

PATIENCE = {"max_retries": 2, "attempt_timeout": 300, "timeout": 900}
"""Retries of a call that the provider refused; time limits in seconds, per attempt and in total."""

_OURS = (ArithmeticError, AssertionError, AttributeError, ImportError, LookupError, NameError, TypeError)
"""Exceptions of programming errors, as opposed to failures of a provider."""

_judging: ContextVar[bool] = ContextVar("peerwatch_judging", default=False)


def judging() -> bool:
    """Whether the current model call is a judge's, so that it is counted as one."""
    return _judging.get()


LONGEST = 160
"""Maximum length of a stored provider error, in characters."""


async def ask(judges: Sequence[Model], rubric: Rubric, material: Material, *, cache: bool = False) -> Words:
    """Ask judges about an episode.

    A judge's failure never raises and never becomes an answer: questions without a valid answer after three attempts
    have `said=None` and a reason.

    Args:
        judges: The judges, each asked independently.
        rubric: The questions.
        material: The material.
        cache: Whether to use Inspect's cache for identical requests.

    Returns:
        One answer for each judge and question, in that order.
    """
    before = _judging.set(True)
    try:
        with guarded_answers():
            found = await collect(*(_one(judge, rubric, material, cache=cache) for judge in judges))
    finally:
        _judging.reset(before)
    return Words(rubric=rubric.label, answers=tuple(answer for answers in found for answer in answers))


async def _one(judge: Model, rubric: Rubric, material: Material, *, cache: bool) -> list[Answer]:
    usable: dict[str, Answer] = {}
    problems: dict[str, str] = {}
    for _ in range(ATTEMPTS):
        still_open = tuple(question for question in rubric.questions if question.id not in usable)
        if not still_open:
            break
        try:
            output = await _called(judge, rubric, still_open, material, list(problems.values()), cache=cache)
        except _NoAnswerError as error:
            problems |= dict.fromkeys((question.id for question in still_open), str(error))
            break  # Inspect has tried again as often as it may
        for question in still_open:
            try:
                given = _given(output, question.id)
                usable[question.id] = checked(given, question.id, str(judge), rubric, material)
            except AnswerError as error:
                problems[question.id] = str(error)
        problems = {name: said for name, said in problems.items() if name not in usable}
    return [
        usable.get(name) or Answer(question=name, judge=str(judge), said=None, reason=problems[name])
        for name in rubric.ids
    ]


class _NoAnswerError(Exception):
    """A judge's provider gave no answer."""


async def _called(
    judge: Model,
    rubric: Rubric,
    questions: Sequence[Question],
    material: Material,
    problems: Sequence[str],
    *,
    cache: bool,
) -> ModelOutput:
    tool = answer_tool(questions)
    own = judge.config.model_dump(exclude_none=True)
    config = GenerateConfig.model_validate({**PATIENCE, **own, "temperature": 0})
    try:
        return await judge.generate(
            messages_for(rubric, questions, material, list(dict.fromkeys(problems))),
            tools=[tool],
            tool_choice=ToolFunction(tool.name),
            config=config,
            cache=cache or judge.config.cache or False,
        )
    except _OURS:
        raise
    except Exception as error:  # the clients of providers have no error in common
        said = next(iter(str(error).strip().splitlines()), "")
        raise _NoAnswerError(f"{type(error).__name__}: {said}"[:LONGEST]) from error


def _given(output: ModelOutput, question: str) -> object:
    """Return the answer to a question.

    Raises:
        AnswerError: If there is none.
    """
    if output.empty or output.stop_reason == "content_filter":
        raise AnswerError("the judge gave no answer" if output.empty else "the provider's filter withheld the answer")
    call = next(iter(output.message.tool_calls or []), None)
    if call is None:
        raise AnswerError("there was no call of the tool")
    if call.parse_error:
        raise AnswerError("the arguments of the call were no JSON object")
    arguments: Mapping[str, Any] = call.arguments
    if question not in arguments:
        raise AnswerError(f"{question}: it was not answered")
    return arguments[question]
