"""Keeps exactly as many requests of a model in flight as it has connections.

Inspect counts a call as under way from before its request is put together until its answer has been taken apart. With
a fast provider and many calls that is a tenth of the time in which nothing is on its way. So Inspect may have a few
more calls in hand than there are connections, and the provider's HTTP client lets out only so many at once.
"""

import os
from collections.abc import Generator, Mapping
from contextlib import contextmanager
from typing import Any

from inspect_ai.model import Model

from peerwatch.running._model_factory import open_model

POOL = "INSPECT_HTTP_POOL_CONNECTIONS"
"""The variable from which Inspect takes how many requests an HTTP client lets out at once, when it makes the client."""

HTTP_CLIENT = "http_client"
"""What providers call the client that they have made with Inspect's limits, and the argument that brings another."""


def open_pooled(
    name: str, options: Mapping[str, object], args: Mapping[str, Any], *, connections: int, in_hand: int
) -> Model:
    """Open a model with a limit on concurrent requests.

    Args:
        name: As Inspect names it.
        options: Inspect's generation options.
        args: Arguments of its provider.
        connections: Requests that may be under way at once.
        in_hand: Calls that Inspect may have begun, if the provider's client keeps to the connections by itself.

    Raises:
        StudyError: If Inspect does not know it, or its provider cannot be used.
        ModelError: If it is the embedded model and its weights or runtime are missing.
    """
    with _pool_of(connections):
        model = open_model(name, options, args)
    keeps = hasattr(model.api, HTTP_CLIENT) and HTTP_CLIENT not in args
    model.config.max_connections = in_hand if keeps else connections
    return model


@contextmanager
def _pool_of(connections: int) -> Generator[None]:
    """Limit clients created inside to this many concurrent requests, or fewer if the user's variable does."""
    before = os.environ.get(POOL)
    fewer = before is not None and before.strip().isdigit() and 0 < int(before) < connections
    if not fewer:
        os.environ[POOL] = str(connections)
    try:
        yield
    finally:
        if before is None:
            del os.environ[POOL]
        else:
            os.environ[POOL] = before
