"""Inspect's own checks of a sandbox, as root of the host and as a user."""

from collections.abc import AsyncIterator

import pytest
from inspect_ai.util._sandbox.self_check import *  # noqa: F403 # pyright: ignore[reportWildcardImportFromLibrary] - Inspect's way of lending its checks

from inspect_netns.provider import NetnsSandboxEnvironment

from .worlds import world

pytestmark = pytest.mark.anyio


@pytest.fixture(scope="module")
def anyio_backend() -> str:
    return "asyncio"


@pytest.fixture(scope="module", params=["root", "nobody"])
async def sandbox_env(request: pytest.FixtureRequest) -> AsyncIterator[NetnsSandboxEnvironment]:
    service = {"user": request.param, "working_dir": "/srv/work", "network_mode": "none"}
    async with world({"default": service}) as hosts:
        yield hosts["default"]
