"""Worlds of the namespace sandbox for its tests."""

from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from typing import Any

from inspect_ai.util import ComposeConfig, ExecResult

from inspect_netns.provider import NetnsSandboxEnvironment as Netns

LAN = {"lan": {"internal": True}}


@asynccontextmanager
async def world(services: dict[str, Any], networks: dict[str, Any] | None = None) -> AsyncGenerator[dict[str, Netns]]:
    """A world that is up, by service name."""
    file: dict[str, Any] = {"services": services, "networks": networks or {}}
    made = await Netns.sample_init("test", ComposeConfig.model_validate(file), {})
    try:
        yield {name: each.as_type(Netns) for name, each in made.items()}
    finally:
        await Netns.sample_cleanup("test", None, made, interrupted=False)


async def sh(host: Netns, script: str, *, user: str | None = None, timeout: int = 30) -> ExecResult[str]:  # noqa: ASYNC109 - passed on
    """Run a script in a host."""
    return await host.exec(["sh", "-c", script], user=user, timeout=timeout)
