"""Run a program of this machine to its end."""

import os
import sys
from typing import Final

_PLACES: Final = ("/usr/sbin", "/sbin", "/usr/bin", "/bin")


def run(program: str, *arguments: str, text: str = "") -> None:
    """Run a program with `text` on its standard input. Only its error output is kept.

    Raises:
        OSError: It is not installed or failed; the message contains its error output.
    """
    path = next((f"{place}/{program}" for place in _PLACES if os.access(f"{place}/{program}", os.X_OK)), None)
    if path is None:
        raise OSError(f"{program} is not installed (looked in {', '.join(_PLACES)})")
    given, give = os.pipe()
    told, tell = os.pipe()
    os.write(give, text.encode())
    os.close(give)
    actions = [(os.POSIX_SPAWN_DUP2, given, 0), (os.POSIX_SPAWN_DUP2, tell, 1), (os.POSIX_SPAWN_DUP2, tell, 2)]
    pid = os.posix_spawn(path, [program, *arguments], {"PATH": ":".join(_PLACES)}, file_actions=actions)
    os.close(given)
    os.close(tell)
    said = b""
    while part := os.read(told, 65536):
        said += part
    os.close(told)
    _, status = os.waitpid(pid, 0)
    if status:
        raise OSError(f"{program}: {said.decode(errors='replace').strip() or f'status {status}'}")


def exit_child(what: str) -> None:
    """End a process made by `clone`, which must never return into its parent's code.

    Errors are written to standard error, where the caller of the supervisor reads them.
    """
    problem = sys.exc_info()[1]
    if problem is not None:
        os.write(2, f"{what}: {type(problem).__name__}: {problem}\n".encode())
    os._exit(1)
