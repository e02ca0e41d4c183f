"""The only module that uses xllamacpp, which has no type stubs."""

import importlib
import os
import secrets
from collections.abc import Callable
from pathlib import Path
from typing import Any, Protocol, cast

from peerwatch.models._errors import ModelError, RuntimeMissing

_CACHE_MIB = 512


class Server(Protocol):
    """A loaded model that answers requests in the format of OpenAI's chat completions."""

    def handle_chat_completions(self, request: dict[str, Any], /) -> dict[str, Any]:
        """Answer one request; blocks, but releases the interpreter's lock."""
        ...


class _Cpu(Protocol):
    n_threads: int


class _File(Protocol):
    path: str


class _Params(Protocol):
    model: _File
    cpuparams: _Cpu
    cpuparams_batch: _Cpu
    n_ctx: int
    n_parallel: int
    cache_prompt: bool
    cache_ram_mib: int
    verbosity: int
    warmup: bool
    ui: bool
    endpoint_slots: bool
    api_keys: list[str]


class _Bindings(Protocol):
    CommonParams: Callable[[], _Params]
    Server: Callable[[_Params], Server]
    json_schema_to_grammar: Callable[[dict[str, Any]], str]


def load(path: Path, *, n_ctx: int, threads: int) -> Server:
    """Load a GGUF file into this process.

    Args:
        path: The file.
        n_ctx: Context size in tokens, for prompt and answer together.
        threads: CPU threads to use.

    Raises:
        RuntimeMissing: If xllamacpp is not installed, or does not load.
        ModelError: If llama.cpp rejects the file.
    """
    bindings = _import()
    params = bindings.CommonParams()
    params.model.path = str(path)
    params.n_ctx = n_ctx
    params.n_parallel = 1
    params.cpuparams.n_threads = threads
    params.cpuparams_batch.n_threads = threads
    params.cache_prompt = True
    # Conversations that alternate on the single slot are kept in memory: by default up to 8 GiB.
    params.cache_ram_mib = _CACHE_MIB
    params.verbosity = 0
    params.warmup = False
    # The library always opens a loopback port. The key is not disclosed, so no one else can use the port.
    params.api_keys = [secrets.token_hex(32)]
    params.ui = False
    params.endpoint_slots = False
    try:
        return bindings.Server(params)
    except RuntimeError as error:
        raise ModelError(
            f"llama.cpp could not load {path}: {error} Is it a GGUF file, and are about 2.5 GB of memory free?"
        ) from error


def require() -> None:
    """Check that the library is available, so that a run stops before its first episode rather than in each of them.

    Raises:
        RuntimeMissing: If xllamacpp is not installed, or does not load.
    """
    _import()


def grammar(schema: dict[str, Any]) -> str:
    """Return the grammar that restricts an answer to a JSON schema.

    Compact JSON only: unrestricted, the model indents, which costs a third more tokens.
    """
    spacing = {"whitespace_flexible": False, "item_separator": ", ", "key_separator": ": "}
    return _import().json_schema_to_grammar({"x-guidance": spacing, **schema})


def _import() -> _Bindings:
    # Read when the library loads. Spinning threads would starve the others on a busy machine.
    os.environ.setdefault("OMP_WAIT_POLICY", "passive")
    try:
        return cast("_Bindings", importlib.import_module("xllamacpp"))
    except ModuleNotFoundError as error:
        raise RuntimeMissing(
            "The embedded model needs the package xllamacpp. Install it with `pip install 'peerwatch[local]'`."
        ) from error
    except ImportError as error:
        raise RuntimeMissing(
            f"The package xllamacpp is installed but does not load: {error}. "
            "On Linux it needs the OpenMP library (Debian and Ubuntu: `apt-get install libgomp1`)."
        ) from error
