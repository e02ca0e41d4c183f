"""Inspect's sandbox `netns`: the services of a compose file as hosts made of Linux namespaces."""

import errno
import os
from functools import partial
from pathlib import Path, PurePosixPath
from typing import Literal, NoReturn, overload

import anyio
import anyio.to_thread
from inspect_ai.util import (
    ComposeConfig,
    ExecResult,
    OutputLimitExceededError,
    SandboxEnvironment,
    SandboxEnvironmentConfigType,
    SandboxEnvironmentLimits,
    SandboxUnavailableError,
    SandboxUserUnsupportedError,
    parse_compose_yaml,
    sandboxenv,
)
from typing_extensions import override

from ._audit import ExecRecord
from ._call import RequestResult
from ._compose import WorldDescription, describe_world
from ._error import NetnsError
from ._world import RunningWorld, WorldDownError
from .supervisor import Host, Request

_ALONE = {"services": {"default": {"network_mode": "none"}}}


def _describe(config: SandboxEnvironmentConfigType | None) -> WorldDescription:
    base = Path.cwd()
    if isinstance(config, str):
        base, config = Path(config).absolute().parent, parse_compose_yaml(config)
    config = config or ComposeConfig.model_validate(_ALONE)
    if not isinstance(config, ComposeConfig):
        raise NetnsError(f"netns takes a compose file or a ComposeConfig, not a {type(config).__name__}.")
    return describe_world(config, base)


@sandboxenv(name="netns")  # pyright: ignore[reportUntypedClassDecorator] - Inspect declares no type for it
class NetnsSandboxEnvironment(SandboxEnvironment):
    """One host of a world that is made of namespaces."""

    def __init__(self, world: RunningWorld, host: Host) -> None:
        super().__init__()
        self.world, self.host = world, host

    @classmethod
    def config_files(cls) -> list[str]:
        """Return the names of compose files to look for in a task's folder."""
        return ["compose.yaml", "compose.yml", "docker-compose.yaml", "docker-compose.yml"]

    @classmethod
    def default_concurrency(cls) -> int | None:
        """Return the maximum number of simultaneous worlds. Memory is limited, and idle worlds cost almost nothing."""
        return 4 * (os.cpu_count() or 1)

    def default_polling_interval(self) -> float:
        """Return the polling interval for services in the sandbox, in seconds."""
        return 0.2

    @override
    @classmethod
    async def sample_init(
        cls, task_name: str, config: SandboxEnvironmentConfigType | None, metadata: dict[str, str]
    ) -> dict[str, SandboxEnvironment]:
        asked = _describe(config)
        world = await anyio.to_thread.run_sync(partial(RunningWorld, asked.hosts, asked.networks))
        found: dict[str, SandboxEnvironment] = {host["name"]: cls(world, host) for host in asked.hosts}
        return {asked.default: found[asked.default], **found}

    @override
    @classmethod
    async def sample_cleanup(
        cls,
        task_name: str,
        config: SandboxEnvironmentConfigType | None,
        environments: dict[str, SandboxEnvironment],
        interrupted: bool,
    ) -> None:
        worlds = {id(each.world): each.world for each in (env.as_type(cls) for env in environments.values())}
        with anyio.CancelScope(shield=True):
            for world in worlds.values():
                await anyio.to_thread.run_sync(world.stop)

    def audit(self) -> list[ExecRecord]:
        """Return everything that was started on any host of this world so far, in order of time; see `ExecRecord`.

        Raises:
            SandboxUnavailableError: The world has ended, and its records with it.
        """
        try:
            return self.world.audit()
        except WorldDownError as down:
            raise SandboxUnavailableError(str(down)) from down

    def overrun(self, host: str | None = None) -> str | None:
        """Return the limit that a host has exceeded; `None` if it has exceeded none.

        Args:
            host: Name of a host of this world; without it, the first host that has exceeded a limit.

        Raises:
            SandboxUnavailableError: The world has ended.
        """
        try:
            over = self.world.overruns()
        except WorldDownError as down:
            raise SandboxUnavailableError(str(down)) from down
        if host is not None:
            return over.get(host)
        return next((f"{name}: {why}" for name, why in over.items()), None)

    def unrecorded(self) -> int:
        """Return the number of programs that were started in this world after its record was full.

        Raises:
            SandboxUnavailableError: The world has ended.
        """
        try:
            return self.world.unrecorded()
        except WorldDownError as down:
            raise SandboxUnavailableError(str(down)) from down

    async def _ask(self, request: Request, given: bytes, limit: int) -> RequestResult:
        try:
            ended = await self.world.ask(self.host["name"], request, given, limit)
        except WorldDownError as down:
            raise SandboxUnavailableError(str(down)) from down
        if "user" in ended.answer:
            raise SandboxUserUnsupportedError(f"{self.host['name']} has no user {ended.answer['user']!r}")
        if ended.answer.get("full"):
            raise SandboxUnavailableError(f"{self.host['name']} can start no further process: it is at its limit")
        return ended

    def _path(self, path: str | None) -> str:
        return str(PurePosixPath(self.host["working_dir"]) / (path or ""))

    @override
    async def exec(
        self,
        cmd: list[str],
        input: str | bytes | None = None,
        cwd: str | None = None,
        env: dict[str, str] | None = None,
        user: str | None = None,
        timeout: int | None = None,
        timeout_retry: bool = True,
        concurrency: bool = True,
    ) -> ExecResult[str]:
        given = input.encode() if isinstance(input, str) else input or b""
        request: Request = {"do": "run", "words": cmd, "environment": env or {}, "cwd": self._path(cwd),
                            "user": user or "", "most": 0}  # fmt: skip
        return await self._run(request, given, timeout)

    async def exec_apart(self, cmd: list[str], given: bytes, seconds: int) -> ExecResult[str]:
        """Run a program in the original root file system of a host, as root.

        Changes made on the host since its start can't affect the program or its libraries and tools. Its descriptor
        `supervisor.GIVEN` is the original file system, `supervisor.HOST` the host's current one.

        Args:
            cmd: Program and arguments, from the original file system.
            given: Standard input.
            seconds: Time limit.
        """
        request: Request = {"do": "run", "words": cmd, "environment": {}, "cwd": "/", "user": "0", "most": 0,
                            "apart": True}  # fmt: skip
        return await self._run(request, given, seconds)

    async def _run(self, request: Request, given: bytes, seconds: int | None) -> ExecResult[str]:
        cmd = request["words"]
        try:
            with anyio.fail_after(seconds):
                ended = await self._ask(request, given, SandboxEnvironmentLimits.MAX_EXEC_OUTPUT_SIZE)
        except TimeoutError:
            raise TimeoutError(f"Command timed out after {seconds} seconds") from None
        if "errno" in ended.answer:
            return self._not_started(cmd[0], ended)
        code = ended.answer.get("exit", 1)
        out, err = (each.decode(errors="replace") for each in (ended.stdout, ended.stderr))
        return ExecResult(success=code == 0, returncode=code, stdout=out, stderr=err)

    def _not_started(self, program: str, ended: RequestResult) -> ExecResult[str]:
        code, about = ended.answer.get("errno", 0), ended.answer.get("about")
        if about == "program" and code == errno.EACCES:
            raise PermissionError(code, "Permission denied executing command", program)
        what = program if about == "program" else "working directory"
        status = 127 if code == errno.ENOENT and about == "program" else 126
        return ExecResult(success=False, returncode=status, stdout="", stderr=f"{what}: {os.strerror(code)}\n")

    def _refused(self, file: str, code: int) -> NoReturn:
        if code == errno.ENOTDIR:
            code = errno.ENOENT
        raise OSError(code, os.strerror(code), file)

    async def _file(self, do: Literal["read", "write"], file: str, given: bytes, most: int) -> bytes:
        request: Request = {"do": do, "words": [self._path(file)], "environment": {}, "cwd": "/", "user": "",
                            "most": most}  # fmt: skip
        ended = await self._ask(request, given, most)
        if "errno" in ended.answer:
            self._refused(file, ended.answer["errno"])
        return ended.stdout

    @override
    async def write_file(self, file: str, contents: str | bytes) -> None:
        await self._file("write", file, contents.encode() if isinstance(contents, str) else contents, 1)

    @overload
    async def read_file(self, file: str, text: Literal[True] = True) -> str: ...
    @overload
    async def read_file(self, file: str, text: Literal[False]) -> bytes: ...
    @override
    async def read_file(self, file: str, text: bool = True) -> str | bytes:
        most = SandboxEnvironmentLimits.MAX_READ_FILE_SIZE
        data = await self._file("read", file, b"", most + 1)
        if len(data) > most:
            limit = SandboxEnvironmentLimits.MAX_READ_FILE_SIZE_STR
            raise OutputLimitExceededError(limit_str=limit, truncated_output=None)
        return data.decode("utf-8") if text else data
