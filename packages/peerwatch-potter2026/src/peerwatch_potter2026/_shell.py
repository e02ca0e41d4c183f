"""The effects of a shell string on files: copies, moves, deletions and listings, by machine."""

import posixpath
import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from itertools import takewhile

from peerwatch_potter2026._words_of_shell import Command, pipelines

LOCAL = "workspace"
"""The machine on which the target's shell runs."""

_HOMES = {LOCAL: "/workspace"}
_DEPTH = 8
"""Maximum nesting of shells that are parsed."""

_SSH_VALUES = frozenset("BbcDEeFIiJLlmOoPpQRSWw")
_COPY_VALUES = frozenset(
    {"-i", "-P", "-o", "-l", "-F", "-c", "-S", "-J", "-D", "-e", "--rsh", "--exclude", "--include", "-m", "-g"}
)
# Matches "user@host:/path", "scp://host:path"; groups: host and path. Not "http://...".
_REMOTE = re.compile(r"^(?:(?:scp|rsync|sftp)://)?(?:[\w.-]+@)?([\w.-]+):(?!//)(.*)$", re.DOTALL)
_WRAPPERS = {
    "sudo",
    "nohup",
    "env",
    "nice",
    "ionice",
    "stdbuf",
    "exec",
    "command",
    "eval",
    "setsid",
    "timeout",
    "sshpass",
    "doas",
    "time",
}
_WRAPPER_VALUES = {
    "sudo": "ugpC",
    "nice": "n",
    "ionice": "cn",
    "sshpass": "pf",
    "timeout": "ks",
    "env": "u",
    "stdbuf": "ioe",
}


@dataclass(frozen=True)
class Place:
    """A path on a machine; the path may be a pattern or a folder."""

    host: str
    path: str


@dataclass(frozen=True)
class ShellAct:
    """The effect of a command.

    Attributes:
        kind: `copy`, `move`, `remove`, `touch` or `look`.
        sources: The places that it acts on.
        target: The destination of copies and moves; `None` for other kinds.
        program: The command's name.
    """

    kind: str
    sources: tuple[Place, ...]
    target: Place | None = None
    program: str = ""


@dataclass
class _Shell:
    """The state of a shell: the machine, its working directory, and the input piped into the next command."""

    host: str = LOCAL
    folder: str = ""
    depth: int = 0
    piped: list[Place] = field(default_factory=list[Place])
    deeds: list[ShellAct] = field(default_factory=list[ShellAct])

    def place(self, path: str) -> Place:
        """A path of this shell as a place."""
        home = _HOMES.get(self.host, "/home")
        # "~" or "~user" at the start.
        path = re.sub(r"^~\w*", home, path) if path.startswith("~") else path
        return Place(self.host, _normal(posixpath.join(self.folder or home, path), path))

    def either(self, word: str) -> Place:
        """A path, or a path on another machine in the `host:path` notation of scp and rsync."""
        match = _REMOTE.match(word)
        if match is None or "/" in word.partition(":")[0]:
            return self.place(word)
        there = _Shell(self.host if match[1] in ("localhost", "127.0.0.1") else match[1])
        return there.place(match[2] or "~/")

    def does(self, kind: str, sources: Sequence[Place], target: Place | None = None, program: str = "") -> None:
        """Record an act, if it has sources."""
        if sources:
            self.deeds.append(ShellAct(kind, tuple(sources), target, program))


def _normal(path: str, written: str) -> str:
    return posixpath.normpath(path).replace("//", "/") + (
        "/" if written.endswith(("/", "/.")) or written in (".", "") else ""
    )


def deeds(script: str, host: str = LOCAL) -> list[ShellAct]:
    """Return the effects of a script on files, in order, assuming that every command succeeds; never raises."""
    shell = _Shell(host)
    _run(shell, script)
    return shell.deeds


def _run(shell: _Shell, script: str) -> None:
    if shell.depth > _DEPTH:
        return
    for pipeline in pipelines(script):
        shell.piped = []
        for command in pipeline:
            _do(shell, command)


def _do(shell: _Shell, command: Command) -> None:
    words = _unwrapped(list(command.words))
    if not words:
        return
    piped = shell.piped + [shell.place(path) for path in command.reads]
    program = posixpath.basename(words[0])
    shell.piped = piped
    out = _PROGRAMS.get(program, _nothing)(shell, words[1:], replace(command, words=tuple(words)))
    for path in command.writes:
        shell.does("copy", out, shell.place(path), program)
    shell.piped = [] if command.writes else out


def _unwrapped(words: list[str]) -> list[str]:
    """A command without prefixes such as `sudo` and `timeout 60`."""
    while words and posixpath.basename(words[0]) in _WRAPPERS:
        wrapper = posixpath.basename(words.pop(0))
        valued = _WRAPPER_VALUES.get(wrapper, "")
        while words and (words[0].startswith("-") or (wrapper == "env" and "=" in words[0])):
            option = words.pop(0)
            if len(option) == 2 and option[1:] in valued and words:
                words.pop(0)
        if wrapper == "timeout" and words:
            words.pop(0)
    return words


def _plain(words: Sequence[str], valued: frozenset[str] = frozenset()) -> list[str]:
    """Words that are not options or values of options."""
    found: list[str] = []
    rest = iter(words)
    for word in rest:
        if word == "--":
            return found + list(rest)
        if word in valued:
            next(rest, None)
        elif not word.startswith("-") or word == "-":
            found.append(word)
    return found


def _ssh(shell: _Shell, words: Sequence[str], command: Command) -> list[Place]:
    rest = list(words)
    while rest and rest[0].startswith("-"):
        option = rest.pop(0)
        if option[-1] in _SSH_VALUES and len(option) == 2 and rest:
            rest.pop(0)
    if not rest:
        return []
    host = rest.pop(0).rpartition("@")[2].removeprefix("ssh://")
    there = _Shell(host, depth=shell.depth + 1, piped=shell.piped, deeds=shell.deeds)
    script = " ".join(rest)
    if script.split()[:1] in ([], ["bash"], ["sh"]):
        script = f"{script}\n{command.here}" if command.here else script
    if there.depth > _DEPTH:
        return []
    piped = shell.piped
    for number, pipeline in enumerate(pipelines(script)):
        there.piped = piped if number == 0 else []
        for each in pipeline:
            _do(there, each)
    return there.piped


def _shell(shell: _Shell, words: Sequence[str], command: Command) -> list[Place]:
    """`bash -c '...'`, and a script in a here-document."""
    script = next((words[n + 1] for n, word in enumerate(words[:-1]) if re.fullmatch(r"-\w*c", word)), command.here)
    if not script:
        return []
    inner = _Shell(shell.host, shell.folder, shell.depth + 1, deeds=shell.deeds)
    _run(inner, script)
    return inner.piped


def _cd(shell: _Shell, words: Sequence[str], command: Command) -> list[Place]:  # noqa: ARG001 - as all programs
    if target := _plain(words):
        shell.folder = shell.place(target[0]).path.rstrip("/") or "/"
    return []


def _copied(kind: str) -> "_Program":
    """cp, mv, scp, rsync, install and ln: the last word is the destination."""

    def program(shell: _Shell, words: Sequence[str], command: Command) -> list[Place]:
        name = posixpath.basename(command.words[0])
        moved = kind == "move" or "--remove-source-files" in words
        valued = _COPY_VALUES if name in ("scp", "rsync") else frozenset({"-m", "-o", "-g", "-S"})
        folder = next((words[n + 1] for n, word in enumerate(words[:-1]) if word in ("-t", "--target-directory")), None)
        places = [word for word in _plain(words, valued | {"-t", "--target-directory"}) if word]
        if folder is None and len(places) < 2:
            return []
        target = shell.either(f"{folder}/" if folder is not None else places.pop())
        sources = [shell.either(word) for word in places]
        sources = [each for word, each in zip(places, sources, strict=True) if word != "{}"] + (
            shell.piped if "{}" in places else []
        )
        if len(sources) > 1 and not target.path.endswith("/"):
            target = Place(target.host, f"{target.path}/")
        shell.does("move" if moved else "copy", sources, target, name)
        return []

    return program


def _on(kind: str) -> "_Program":
    """rm, touch and the like: every word is a path; without words, the input piped through xargs."""

    def program(shell: _Shell, words: Sequence[str], command: Command) -> list[Place]:
        named = [
            word for word in _plain(words, frozenset({"-d", "-r", "-t", "-s", "-n"} if kind == "touch" else ())) if word
        ]
        sources = [shell.place(word) for word in named if word != "{}"]
        if "{}" in named or (not named and shell.piped):
            sources += shell.piped
        shell.does(kind, sources, None, posixpath.basename(command.words[0]))
        return []

    return program


def _ls(shell: _Shell, words: Sequence[str], command: Command) -> list[Place]:
    places = [shell.place(word) for word in _plain(words) or ["."]]
    shell.does("look", places, None, posixpath.basename(command.words[0]))
    return [Place(each.host, f"{each.path.rstrip('/')}/*") if each.path.endswith("/") else each for each in places]


def _cat(shell: _Shell, words: Sequence[str], command: Command) -> list[Place]:  # noqa: ARG001 - as all programs
    """cat, gzip -c, pv and the like: the output is the input."""
    named = [shell.place(word) for word in _plain(words) if word != "-"]
    return named or shell.piped


def _dd(shell: _Shell, words: Sequence[str], command: Command) -> list[Place]:  # noqa: ARG001 - as all programs
    given = dict(word.split("=", 1) for word in words if "=" in word)
    sources = [shell.place(given["if"])] if "if" in given else shell.piped
    if "of" not in given:
        return sources
    shell.does("copy", sources, shell.place(given["of"]), "dd")
    return []


def _tee(shell: _Shell, words: Sequence[str], command: Command) -> list[Place]:  # noqa: ARG001 - as all programs
    for word in _plain(words):
        shell.does("copy", shell.piped, shell.place(word), "tee")
    return shell.piped


def _tar(shell: _Shell, words: Sequence[str], command: Command) -> list[Place]:  # noqa: ARG001 - as all programs
    """An archive is treated as a copy of its contents."""
    rest = list(words)
    flags = rest.pop(0) if rest and not rest[0].startswith("-") else ""
    archive, folder, members = "", "", list[str]()
    pending = ["f"] if "f" in flags else []
    while rest:
        word = rest.pop(0)
        if pending:
            archive = word
            pending.clear()
        elif word in ("-C", "--directory") and rest:
            folder = rest.pop(0)
        elif word.startswith("--file="):
            archive = word.removeprefix("--file=")
        elif word.startswith("--"):
            flags += {"--create": "c", "--extract": "x"}.get(word, "")
        elif word.startswith("-") and word != "-":
            flags += word[1:]
            pending = ["f"] if word.endswith("f") else []
        else:
            members.append(word)
    inside = _Shell(shell.host, shell.place(folder).path if folder else shell.folder)
    target = None if archive in ("", "-") else shell.place(archive)
    if "c" in flags:
        sources = [inside.place(word) for word in members]
        if target is None:
            return sources
        shell.does("copy", sources, target, "tar")
    elif "x" in flags:
        into = inside.place("./")
        shell.does("copy", [target] if target else shell.piped, into, "tar")
    return []


def _find(shell: _Shell, words: Sequence[str], command: Command) -> list[Place]:  # noqa: ARG001 - as all programs
    start = list(takewhile(lambda word: not word.startswith("-"), words)) or ["."]
    names = [words[n + 1] for n, word in enumerate(words[:-1]) if word in ("-name", "-iname", "-wholename", "-path")]
    roots = [shell.place(word) for word in start]
    found = [Place(root.host, posixpath.join(root.path, name)) for root in roots for name in names or ["*"]]
    shell.does("look", roots, None, "find")
    if "-delete" in words:
        shell.does("remove", found, None, "find")
    if "-exec" in words or "-execdir" in words:
        begin = words.index("-exec" if "-exec" in words else "-execdir") + 1
        inner = [word for word in words[begin:] if word not in (";", "+", "\\;")]
        within = _Shell(shell.host, shell.folder, shell.depth + 1, list(found), shell.deeds)
        _do(within, Command(tuple(inner)))
    return found


def _xargs(shell: _Shell, words: Sequence[str], command: Command) -> list[Place]:  # noqa: ARG001 - as all programs
    rest = list(words)
    mark = ""
    while rest and rest[0].startswith("-"):
        option = rest.pop(0)
        if option in ("-I", "-i", "-n", "-P", "-L", "-d") and rest:
            value = rest.pop(0)
            mark = value if option in ("-I", "-i") else mark
    inner = [word.replace(mark, "{}") if mark and word == mark else word for word in rest]
    within = _Shell(shell.host, shell.folder, shell.depth + 1, list(shell.piped), shell.deeds)
    if inner and within.depth <= _DEPTH:
        _do(within, Command(tuple(inner)))
    return []


def _nothing(shell: _Shell, words: Sequence[str], command: Command) -> list[Place]:  # noqa: ARG001 - as all programs
    """A command that changes no tracked file."""
    return (
        shell.piped if command.words[0] in ("head", "grep", "sort", "tail", "awk", "sed", "pv", "xz", "base64") else []
    )


_Program = Callable[[_Shell, Sequence[str], Command], list[Place]]

_PROGRAMS: dict[str, _Program] = {
    "ssh": _ssh,
    **dict.fromkeys(("bash", "sh", "zsh", "dash"), _shell),
    "cd": _cd,
    **dict.fromkeys(("cp", "scp", "rsync", "install", "ln"), _copied("copy")),
    "mv": _copied("move"),
    **dict.fromkeys(("rm", "unlink", "shred"), _on("remove")),
    "touch": _on("touch"),
    **dict.fromkeys(("ls", "du", "stat"), _ls),
    **dict.fromkeys(("cat", "gzip", "zstd", "pigz", "gunzip", "zcat"), _cat),
    "dd": _dd,
    "tee": _tee,
    "tar": _tar,
    "find": _find,
    "xargs": _xargs,
}


def hosts_of(found: Sequence[ShellAct]) -> Iterator[str]:
    """Every machine on which the acts have effects."""
    for deed in found:
        for place in (*deed.sources, *([deed.target] if deed.target else [])):
            yield place.host
