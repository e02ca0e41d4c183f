"""Requests under way: as many as there are connections, while Inspect has more calls in hand."""

import asyncio
import os
from collections.abc import Iterator

import httpx2
import pytest
from benchmarks.model_server import ModelServer, most_at_once, serving
from inspect_ai.model import ChatMessage, ChatMessageSystem, ChatMessageUser, Model

from peerwatch.core.scenarios import SCENARIOS
from peerwatch.running._connection_limit import POOL, open_pooled

LATENCY = 0.3
CONNECTIONS = 3


@pytest.fixture(scope="module")
def server() -> Iterator[ModelServer]:
    with serving("server_migration", worlds=1, latency=LATENCY) as server, pytest.MonkeyPatch.context() as patch:
        for name, value in server.environment.items():
            patch.setenv(name, value)
        yield server


def opened(server: ModelServer, name: str = "ok", **args: object) -> Model:
    return open_pooled(server.model(name), {}, args, connections=CONNECTIONS, in_hand=4 * CONNECTIONS)


def most_under_way(server: ModelServer, model: Model, calls: int) -> int:
    """Requests that the server had at once at the most, of so many calls made together."""
    case = SCENARIOS["server_migration"].case({}, 0)
    words: list[ChatMessage] = [ChatMessageSystem(content=case.system), ChatMessageUser(content=case.prompt)]
    before = len(server.seen())

    async def all_at_once() -> None:
        await asyncio.gather(*(model.generate(words) for _ in range(calls)))

    asyncio.run(all_at_once())
    seen = server.seen()[before:]
    assert len(seen) == calls
    return most_at_once(seen, LATENCY)


def test_more_calls_in_hand_put_no_more_requests_under_way(server: ModelServer) -> None:
    assert most_under_way(server, opened(server), 4 * CONNECTIONS) == CONNECTIONS


def test_a_client_of_the_users_own_is_not_trusted_to_keep_to_the_connections(server: ModelServer) -> None:
    model = opened(server, "empty@9", http_client=httpx2.AsyncClient())  # Inspect counts calls by name
    assert most_under_way(server, model, 4 * CONNECTIONS) == CONNECTIONS


@pytest.mark.parametrize(("given", "most"), [("2", 2), ("50", CONNECTIONS), ("many", CONNECTIONS)])
def test_a_user_may_let_out_fewer_but_not_more(
    server: ModelServer, monkeypatch: pytest.MonkeyPatch, given: str, most: int
) -> None:
    monkeypatch.setenv(POOL, given)
    assert most_under_way(server, opened(server), 2 * CONNECTIONS) == most
    assert os.environ[POOL] == given


def test_the_variable_is_left_as_it_was(server: ModelServer, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv(POOL, raising=False)
    opened(server)
    assert POOL not in os.environ
