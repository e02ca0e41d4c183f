"""The recorded exchange of a world: two short tasks that the target and its partner actually did together."""

import hashlib
import json
from collections.abc import Iterator
from pathlib import Path
from typing import Literal

from inspect_ai.model import ChatMessage, ChatMessageAssistant, ChatMessageSystem, ChatMessageUser
from pydantic import BaseModel, ConfigDict, ValidationError

from peerwatch.core.errors import UserError
from peerwatch.core.scenarios import CANARY, Case, Partner, filled_in
from peerwatch.core.worlds import Actor
from peerwatch.core.writing import write_whole

EXCHANGE = "peerwatch:exchange"
"""Key of the exchange in the sample store."""

SCRIPT = "script"
"""Placeholder for a model's name where no model was used."""


class ExchangeError(UserError):
    """A recorded exchange cannot be used; the message names the file and what to do."""


class ExchangeKey(BaseModel):
    """What identifies a recorded exchange.

    Attributes:
        scenario: Name of the scenario.
        world_seed: The world's seed.
        world_hash: Hash of what the seed has drawn, equal in every arm.
        partner: Kind of the partner.
        target: Inspect's name of the target's model.
        peer: The same of the partner's; `script` for a person or a service.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    scenario: str
    world_seed: int
    world_hash: str
    partner: Actor
    target: str
    peer: str

    @property
    def file(self) -> str:
        """Name of the file in which it is kept: readable, and with a digest of everything that it is recorded for."""
        digest = hashlib.sha256(self.model_dump_json().encode()).hexdigest()[:10]
        return f"{self.scenario}.w{self.world_seed:04d}.{self.partner}.{digest}.json"


class Exchange(BaseModel):
    """A recorded exchange.

    Attributes:
        key: What it is recorded for.
        draft: The target's list in the first task.
        check: What the partner answered to it.
        partner_draft: The partner's list in the second task.
        target_check: What the target answered to that.
        canary: The canary string.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    key: ExchangeKey
    draft: str
    check: str
    partner_draft: str
    target_check: str
    canary: str = CANARY

    @property
    def digest(self) -> str:
        """SHA-256, as 16 hexadecimal digits, over what was said; equal in all arms that use it."""
        said = [self.draft, self.check, self.partner_draft, self.target_check]
        return hashlib.sha256(json.dumps(said).encode()).hexdigest()[:16]


def key_of(case: Case, partner: Partner, target: str, peer: str) -> ExchangeKey:
    """Return the key of a case's exchange."""
    return ExchangeKey(
        scenario=case.scenario,
        world_seed=case.seed,
        world_hash=case.world_hash,
        partner=partner.kind,
        target=target,
        peer=peer if partner.kind == "model" else SCRIPT,
    )


def opened(partner: Partner, number: Literal[1, 2], exchange: Exchange | None = None) -> str:
    """The message that opens a short task for the target, with the partner's words so far."""
    said = {"check": exchange.check, "draft": exchange.partner_draft} if exchange else {}
    lines = str(len(exchange.draft.splitlines())) if exchange else "0"
    return filled_in(partner.exchange[number - 1], {**said, "lines": lines})


def told_target(partner: Partner, exchange: Exchange) -> list[ChatMessage]:
    """The exchange as the target's own earlier conversation."""
    return [
        ChatMessageUser(content=opened(partner, 1, exchange), source="input"),
        ChatMessageAssistant(content=exchange.draft, source="input"),
        ChatMessageUser(content=opened(partner, 2, exchange), source="input"),
        ChatMessageAssistant(content=exchange.target_check, source="input"),
    ]


def told_as_text(partner: Partner, exchange: Exchange) -> str:
    """The exchange as one text, for a target that takes no earlier conversation.

    Every line of the exchange is marked, so that neither side's words can be mistaken for a heading or the job.
    """
    said = {
        "task_1": opened(partner, 1, exchange),
        "draft": exchange.draft,
        "task_2": opened(partner, 2, exchange),
        "answer": exchange.target_check,
    }
    return filled_in(partner.transcript, {name: _quoted(text) for name, text in said.items()})


def _quoted(text: str) -> str:
    return "\n".join(f"> {line}".rstrip() for line in text.splitlines())


def told_partner(partner: Partner, exchange: Exchange) -> list[ChatMessage]:
    """The exchange as an AI partner's own earlier conversation, its system message first."""
    first, second = partner.tasks
    return [
        ChatMessageSystem(content=partner.system),
        ChatMessageUser(content=filled_in(first, {"draft": exchange.draft})),
        ChatMessageAssistant(content=exchange.check),
        ChatMessageUser(content=second),
        ChatMessageAssistant(content=exchange.partner_draft),
        ChatMessageUser(content=filled_in(partner.message, {"text": exchange.target_check})),
    ]


def kept(folder: Path, key: ExchangeKey) -> Exchange | None:
    """The exchange in a folder with exactly this key, or `None`.

    Raises:
        ExchangeError: If its file is damaged.
    """
    file = folder / key.file
    return _read(file) if file.is_file() else None


def brought(folder: Path, key: ExchangeKey) -> Exchange:
    """The exchange of a world in a folder of recorded ones: the one of the same models, else the world's only one.

    Raises:
        ExchangeError: If there is none, or there are several.
    """
    if exact := kept(folder, key):
        return exact
    of_world = [each for each in _all(folder, key) if each.key.world_hash == key.world_hash]
    if len(of_world) == 1:
        return of_world[0]
    count = len(of_world) or "no"
    raise ExchangeError(
        f"{folder} holds {count} recorded exchanges of {key.scenario}, world {key.world_seed}, with a {key.partner} as "
        f"the partner, and none between {key.target} and {key.peer}. Leave exchange out to record one, or add the file."
    )


def _all(folder: Path, key: ExchangeKey) -> Iterator[Exchange]:
    for file in sorted(folder.glob(f"{key.scenario}.w{key.world_seed:04d}.{key.partner}.*.json")):
        yield _read(file)


def _read(file: Path) -> Exchange:
    try:
        return Exchange.model_validate_json(file.read_text(encoding="utf-8"))
    except (ValidationError, UnicodeDecodeError) as error:
        reason = str(error).splitlines()[0]
        raise ExchangeError(f"{file} is not a recorded exchange: {reason}. Restore it, or delete it.") from error


def keep(folder: Path, exchange: Exchange) -> None:
    """Write an exchange into a folder, which is made if it is missing."""
    folder.mkdir(parents=True, exist_ok=True)
    write_whole(folder / exchange.key.file, exchange.model_dump_json(indent=1) + "\n")
