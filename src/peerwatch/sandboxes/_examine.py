"""Runs scripts that inspect a host, or that do the company's part on it, with an interpreter that agents can't reach.

In `netns` the interpreter is that of the original root file system of the host. In Docker and Kubernetes it is that of
a sidecar: a container of the host's image that shares the host's process ids. From there the script enters the host's
mount, network and IPC namespaces, so that it sees what a program on the host would see. The host's processes see a
second `tail -f /dev/null`, but neither its files nor its memory, because it has capabilities that they lack.
"""

import shlex
import uuid
from abc import ABC, abstractmethod
from collections.abc import AsyncGenerator, Callable
from contextlib import asynccontextmanager
from datetime import datetime
from logging import getLogger
from typing import Final
from weakref import WeakKeyDictionary

import anyio
from inspect_ai.util import ExecResult, SandboxEnvironment, SandboxUnavailableError, subprocess
from typing_extensions import override

from peerwatch.sandboxes._hosts import PYTHON, HostClosedError, HostError, apart
from peerwatch.sandboxes.machines import Standpoint

_WAIT: Final = ["/usr/bin/tail", "-f", "/dev/null"]
"""The idle command of a sidecar between two scripts; hosts use the same."""

_UP: Final = 60
"""Seconds within which a sidecar must start."""

_ANSWERS: Final = 180
"""Seconds within which an engine or a cluster must complete a command."""

_GRACE: Final = 5
"""Seconds that a script has to end after its time is over."""

_SLACK: Final = 30
"""Additional seconds within which an engine must answer."""

_OVER: Final = 124
"""Exit status of `timeout` if the time was over."""

logger = getLogger(__name__)


async def examine(host: SandboxEnvironment, script: Callable[[Standpoint], str], *, seconds: int) -> str:
    """Run a Python script on a host, if possible with an interpreter that agents can't reach; return its output.

    Args:
        host: The sandbox.
        script: Returns the source of the script, given where it is started.
        seconds: Time limit.

    Raises:
        HostClosedError: If the script fails.
        HostError: If no sidecar can be started in Docker.
        TimeoutError: If the time is exceeded.
    """
    own = apart(host)
    sidecar = None if own else await sidecar_of(host)
    if sidecar is not None:
        return await sidecar.run(script(sidecar.standpoint).encode(), seconds)
    text = script(Standpoint("given" if own else "host")).encode()
    try:
        if own is not None:
            result = await own.exec_apart(PYTHON, text, seconds)
        else:
            result = await host.exec(PYTHON, input=text, user="root", cwd="/", timeout=seconds, timeout_retry=False)
    except SandboxUnavailableError as down:
        raise HostClosedError(str(down)) from down
    return _printed(result)


def _printed(result: ExecResult[str]) -> str:
    if not result.success:
        raise HostClosedError(f"a script failed with status {result.returncode}: {result.stderr.strip()[-500:]}")
    return result.stdout


class Sidecar(ABC):
    """A container beside one host.

    It is started on first use, and again whenever something on the host has ended it. It ends with the host.

    Attributes:
        standpoint: Where its scripts are started.
    """

    standpoint = Standpoint("sidecar")

    def __init__(self) -> None:
        self._name = ""
        self._lock = anyio.Lock()

    @abstractmethod
    async def _begin(self) -> str:
        """Start a container; return its name."""

    @abstractmethod
    def _inside(self, name: str) -> list[str]:
        """The command prefix that runs a program in a container."""

    async def _end(self, name: str) -> None:
        """End a container with all its processes."""
        del name

    @asynccontextmanager
    async def _held_still(self) -> AsyncGenerator[None]:
        """Pause everything that runs on the host for the duration of the block, if possible."""
        yield

    async def run(self, script: bytes, seconds: int) -> str:
        """Run a script and return its output.

        If something on the host ends it, it is run once more with the host paused.

        Args:
            script: Its source.
            seconds: Time limit.

        Raises:
            HostClosedError: If the script fails.
            TimeoutError: If the time is exceeded.
        """
        async with self._lock:
            try:
                return await self._run(script, seconds)
            except (HostError, TimeoutError):
                await self._give_up()
            async with self._held_still():
                return await self._run(script, seconds)

    async def _run(self, script: bytes, seconds: int) -> str:
        if not self._name:
            self._name = await self._begin()
        bounded = ["/usr/bin/timeout", "-k", str(_GRACE), str(seconds), *PYTHON]
        words = [*self._inside(self._name), *bounded]
        result = await command(words, script, seconds=seconds + _GRACE + _SLACK)
        if result.returncode == _OVER:
            raise TimeoutError(f"a script exceeded {seconds} seconds")
        return _printed(result)

    async def _give_up(self) -> None:
        if self._name:
            await self._end(self._name)
        self._name = ""


class DockerSidecar(Sidecar):
    """A sidecar by means of `docker`, as in Inspect's provider."""

    def __init__(self, host: str, image: str, created: str) -> None:
        super().__init__()
        self._host, self._image = host, image
        # A host that was switched off and on again has kept its files, and has a new first process.
        self.standpoint = Standpoint("sidecar", _seconds(created))

    @classmethod
    async def beside(cls, host: str) -> "DockerSidecar":
        about = await told(["docker", "inspect", "--format", "{{.Image}} {{.Created}}", host])
        return cls(host, *about.split())

    @override
    async def _begin(self) -> str:
        await self._switch_on()
        rights = ["--cap-add", "SYS_ADMIN", "--cap-add", "SYS_PTRACE"]
        own = ["--read-only", "--user", "0:0", "--memory", "2g", "--network", "none", "--entrypoint", _WAIT[0]]
        words = ["docker", "run", "--detach", "--rm", "--pid", f"container:{self._host}", *rights, *own]
        return (await told([*words, self._image, *_WAIT[1:]])).strip()

    async def _switch_on(self) -> None:
        """Restart a host that was switched off from within, including its ssh server, as a company would."""
        if (await told(["docker", "inspect", "--format", "{{.State.Running}}", self._host])).strip() != "true":
            await told(["docker", "start", self._host])
            await command(["docker", "exec", "--user", "0:0", self._host, "/usr/sbin/sshd"])

    @override
    def _inside(self, name: str) -> list[str]:
        return ["docker", "exec", "--interactive", name]

    @override
    async def _end(self, name: str) -> None:
        await command(["docker", "rm", "--force", name])

    @override
    @asynccontextmanager
    async def _held_still(self) -> AsyncGenerator[None]:
        await self._switch_on()
        await told(["docker", "pause", self._host])
        try:
            yield
        finally:
            with anyio.CancelScope(shield=True):
                await command(["docker", "unpause", self._host])


class KubernetesSidecar(Sidecar):
    """A sidecar as an ephemeral container of the host's pod, by means of `kubectl`."""

    def __init__(self, pod: list[str], container: str) -> None:
        super().__init__()
        self._pod, self._container = pod, container

    @classmethod
    async def beside(cls, connection: str) -> "KubernetesSidecar | None":
        """Return the sidecar of a host; `None` if the cluster does not allow one.

        Args:
            connection: The command with which a person would open a shell there: `kubectl exec -it POD -n NAMESPACE -c
                CONTAINER [--context CONTEXT] -- bash -l`.
        """
        words = shlex.split(connection)
        pod = words[3 : words.index("--")]
        place = pod.index("-c")
        sidecar = cls([*pod[:place], *pod[place + 2 :]], pod[place + 1])
        try:
            await sidecar._run(b"", _UP)
        except (HostError, OSError) as refused:
            logger.warning(f"This cluster does not allow sidecars, so snapshots use the hosts' own Python: {refused}")
            return None
        return sidecar

    @override
    async def _begin(self) -> str:
        field = f'{{.spec.containers[?(@.name=="{self._container}")].image}}'
        image = (await told(["kubectl", "get", "pod", *self._pod, "--output", f"jsonpath={field}"])).strip()
        name = f"sidecar-{uuid.uuid4().hex[:8]}"
        beside = ["--image", image, "--target", self._container, "--container", name, "--profile", "sysadmin"]
        await told(["kubectl", "debug", *self._pod, *beside, "--quiet", "--", *_WAIT])
        for _ in range(_UP):
            if (await command([*self._inside(name), "/usr/bin/true"])).success:
                return name
            await anyio.sleep(1)
        raise HostError(f"the sidecar {name} did not start within {_UP} seconds")

    @override
    def _inside(self, name: str) -> list[str]:
        return ["kubectl", "exec", *self._pod, "--container", name, "--stdin", "--quiet", "--"]


_SIDECARS: WeakKeyDictionary[SandboxEnvironment, Sidecar | None] = WeakKeyDictionary()


async def sidecar_of(host: SandboxEnvironment) -> Sidecar | None:
    """Return the sidecar of a host in Docker or Kubernetes; `None` in other sandboxes.

    Raises:
        HostError: If none can be started in Docker.
    """
    if host not in _SIDECARS:
        _SIDECARS[host] = await _made(host)
    return _SIDECARS[host]


async def _made(host: SandboxEnvironment) -> Sidecar | None:
    try:
        connection = await host.connection()
    except NotImplementedError:
        return None
    if connection.type == "docker" and connection.container:
        return await DockerSidecar.beside(connection.container)
    if connection.type == "k8s":
        return await KubernetesSidecar.beside(connection.command)
    return None


async def command(words: list[str], given: bytes = b"", *, seconds: int = _ANSWERS) -> ExecResult[str]:
    """Run a program on this machine.

    Raises:
        TimeoutError: If the time is exceeded.
    """
    return await subprocess(words, text=True, input=given, timeout=seconds)


async def told(words: list[str]) -> str:
    """Run a program on this machine and return its output.

    Raises:
        HostError: If it fails.
    """
    result = await command(words)
    if not result.success:
        raise HostError(f"{' '.join(words[:2])} failed: {result.stderr.strip()[-500:]}")
    return result.stdout


def _seconds(moment: str) -> float:
    """Convert an engine's time, such as 2026-11-30T15:53:58.123456789Z, to seconds; Python has no nanoseconds."""
    return datetime.fromisoformat(f"{moment.partition('.')[0].removesuffix('Z')}+00:00").timestamp()
