"""The settings of a target: one model at two settings is two targets, named by the differing settings."""

import hashlib
import json
import re
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from inspect import signature
from typing import Any
from urllib.parse import urlsplit, urlunsplit

from inspect_ai.log import EvalLog
from inspect_ai.model import GenerateConfig

from peerwatch.agents import simulated
from peerwatch.core.agent_names import SIMULATED, named

MODEL = "peerwatch_model"
"""Metadata key for the study's name of the model, which may run with several settings."""

Settings = dict[str, str]
"""Name of a setting to its value in a few characters; different values have different texts."""

UNSET = "not set"
"""Placeholder for a setting that a log lacks."""

TRANSPORT = frozenset(
    {"max_retries", "timeout", "attempt_timeout", "max_connections", "adaptive_connections", "batch", "cache"}
)
"""Generation options that affect the transport of requests, but not the question or the answer."""

# Matches "api_key", "OPENAI_TOKEN", "Authorization", but not "author".
_SECRET = re.compile(r"key|token|secret|password|credential|auth(?!or)|cookie|http_client", re.IGNORECASE)
"""Names of arguments and headers that contain credentials or program objects, and are therefore not settings."""

# Matches "max_tokens", "reasoning_token", "logprobs"
_TOKENS = re.compile(r"tokens?$|^logprobs$")
"""Names that look like secrets but are counts."""

# Matches " at 0x7f3a2c" in "<function f at 0x7f3a2c>"
_PLACE_IN_MEMORY = re.compile(r" at 0x[0-9a-fA-F]+")
"""The address in the name of a Python object; it differs between processes."""

_REVIEW = "peerwatch/reviewed_calls"
"""The setup solver that has calls decided on; a sentinel is its argument."""

_SETUPS = ("peerwatch/open_world", "peerwatch/open_setting", "peerwatch/meet_partner", _REVIEW)
"""Solvers that set up a sample. They belong to the scenario rather than the target."""

_SIMULATED = "peerwatch/simulated"
"""Name of the simulated agent in Inspect's logs."""

_USUAL = {name: each.default for name, each in signature(simulated).parameters.items()}
"""Default arguments of the simulated agent, for logs older than an argument."""

_LONGEST = 40
"""Maximum length of a displayed value, in characters."""


def settings_of(header: EvalLog) -> Settings:
    """Return the settings of a log's target."""
    return dict(sorted(_settings(header)))


def _settings(header: EvalLog) -> Iterator[tuple[str, str]]:
    about = header.eval
    options = header.plan.config.merge(about.model_generate_config)
    left_out = TRANSPORT | ({"seed"} if about.model.startswith("peerwatch/") else set[str]())
    yield from _named(options.model_dump(mode="json", exclude=set(left_out & GenerateConfig.model_fields.keys())))
    yield from _named(about.model_args)
    if about.model_base_url:
        yield "base URL", _address(about.model_base_url)
    steps = [step for step in header.plan.steps if step.solver not in _SETUPS]
    yield "solver", _shown(" + ".join(step.solver for step in steps))
    for number, step in enumerate(steps):
        place = "solver" if len(steps) == 1 else f"solver {number + 1}"
        usual = _USUAL if step.solver == _SIMULATED else {}
        given = {name: value for name, value in step.params.items() if value != usual.get(name, UNSET)}
        yield from ((f"{place}.{name}", each) for name, each in _named(given))
    yield from (
        ("sentinel", _shown(step.params["sentinel"]))
        for step in header.plan.steps
        if step.solver == _REVIEW and step.params.get("sentinel")
    )
    if about.config.approval:
        yield "approval", _shown(about.config.approval.model_dump(mode="json", exclude_none=True))


def settings_in(values: Mapping[str, Any]) -> Settings:
    """Convert generation options or arguments to settings: shortened, and without secrets."""
    return dict(_named(values))


def _named(values: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    for name, value in values.items():
        if value is not None and not _hidden(name):
            yield name, _shown(_open(value))


def _hidden(name: str) -> bool:
    return bool(_SECRET.search(name)) and not _TOKENS.search(name)


def _open(value: Any) -> Any:  # noqa: ANN401 - any JSON
    """Return a value without its secret parts."""
    if isinstance(value, dict):
        return {name: _open(each) for name, each in value.items() if not _hidden(str(name))}  # pyright: ignore[reportUnknownVariableType, reportUnknownArgumentType] - any JSON
    return value


def _shown(value: Any) -> str:  # noqa: ANN401 - any JSON
    """Shorten a value; long ones become their start and a digest of the whole."""
    text = value if isinstance(value, str) else json.dumps(value, sort_keys=True, ensure_ascii=False, default=str)
    text = _PLACE_IN_MEMORY.sub("", text)
    line = " ".join(text.split())
    if len(line) <= _LONGEST and line == text:
        return line
    return f"{line[: _LONGEST // 2]}... #{hashlib.sha256(text.encode(errors='replace')).hexdigest()[:8]}"


def _address(url: str) -> str:
    """Return a URL without user and query, which may contain credentials."""
    parts = urlsplit(url)
    return urlunsplit((parts.scheme, parts.netloc.rpartition("@")[2], parts.path, "", ""))


def model_of(log: EvalLog) -> str:
    """Return the study's name of a log's model or, without a study, its name and its agent unless simulated."""
    said = log.eval.task_args
    agent, command = str(said.get("agent", SIMULATED)), said.get("agent_command", "")
    given = (log.eval.metadata or {}).get(MODEL)
    return str(given or named(log.eval.model, f"{agent} ({command})" if command else agent))


def names_of(headers: Sequence[EvalLog]) -> tuple[list[str], tuple[tuple[str, ...], ...]]:
    """Name the model of each log; if it occurs at several settings, add the differing ones.

    Returns:
        The names, in the order of the logs; and the groups of names that are one model.
    """
    names = [model_of(header) for header in headers]
    settings = [settings_of(header) for header in headers]
    found = told_apart(zip(names, settings, strict=True))
    chosen = [found[name, key_of(each)] for name, each in zip(names, settings, strict=True)]
    return chosen, groups_of(found)


SettingsKey = tuple[tuple[str, str], ...]
"""Settings as a hashable key."""


def key_of(settings: Settings) -> SettingsKey:
    """Convert settings to a key."""
    return tuple(sorted(settings.items()))


def told_apart(targets: Iterator[tuple[str, Settings]]) -> dict[tuple[str, SettingsKey], str]:
    """Give each combination of model and settings a unique name."""
    by_model: dict[str, dict[SettingsKey, Settings]] = defaultdict(dict)
    for name, settings in targets:
        by_model[name][key_of(settings)] = settings
    found: dict[tuple[str, SettingsKey], str] = {}
    for name, kinds in by_model.items():
        differing = differences(list(kinds.values()))
        for key, settings in kinds.items():
            said = ", ".join(f"{each} {settings.get(each, UNSET)}" for each in differing)
            found[name, key] = f"{name} ({said})" if differing else name
    return found


def differences(settings: Sequence[Settings]) -> list[str]:
    """Names of the settings in which targets differ."""
    names = dict.fromkeys(name for each in settings for name in each)
    return [name for name in names if len({each.get(name, UNSET) for each in settings}) > 1]


def groups_of(found: Mapping[tuple[str, SettingsKey], str]) -> tuple[tuple[str, ...], ...]:
    """Groups of names that are one model at several settings."""
    groups: dict[str, list[str]] = defaultdict(list)
    for (model, _), name in found.items():
        groups[model].append(name)
    return tuple(tuple(names) for names in groups.values() if len(names) > 1)
