"""Keeps the number of requests in flight for a model equal to its connections.

Inspect counts a call as running from before its request is built until its answer is parsed. With a fast provider and
many calls, a connection would be idle for a tenth of the time. Inspect may therefore have a few more running calls than
there are connections, while the provider's HTTP client limits the number of simultaneous requests.
"""

import os
from collections.abc import Generator, Mapping
from contextlib import contextmanager
from typing import Any

from inspect_ai.model import Model

from peerwatch.running._model_factory import open_model

POOL = "INSPECT_HTTP_POOL_CONNECTIONS"
"""Environment variable from which Inspect takes the connection limit of an HTTP client when it creates the client."""

HTTP_CLIENT = "http_client"
"""Attribute with the HTTP client that a provider made with Inspect's limits, and argument that replaces it."""


def open_pooled(
    name: str, options: Mapping[str, object], args: Mapping[str, Any], *, connections: int, in_hand: int
) -> Model:
    """Open a model with a limit on concurrent requests.

    Args:
        name: Its name in Inspect.
        options: Inspect's generation options.
        args: Arguments of its provider.
        connections: Maximum number of simultaneous requests.
        in_hand: Maximum number of calls that Inspect may have started, if the provider's client enforces the
            connections.

    Raises:
        StudyError: If Inspect does not know the model, or its provider cannot be used.
        ModelError: If it is the embedded model and its weights or runtime are missing.
    """
    with _pool_of(connections):
        model = open_model(name, options, args)
    keeps = hasattr(model.api, HTTP_CLIENT) and HTTP_CLIENT not in args
    model.config.max_connections = in_hand if keeps else connections
    return model


@contextmanager
def _pool_of(connections: int) -> Generator[None]:
    """Limit clients created in the block to this many simultaneous requests, or fewer if the user's variable does."""
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
