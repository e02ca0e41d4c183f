"""A local model server for benchmarks and tests: an agent of known conduct behind a chat API, with faults."""

from ._client import ModelServer, Seen, most_at_once, serving

__all__ = ["ModelServer", "Seen", "most_at_once", "serving"]
