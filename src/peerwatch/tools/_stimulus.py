"""What the target sees of its tools, and the hash of everything that it can see."""

import hashlib
from collections.abc import Sequence

from peerwatch.scenarios import Case
from peerwatch.tools._tools import tool_texts


def tool_text(names: Sequence[str]) -> str:
    """Names, arguments and descriptions of tools, one line each."""
    texts = tool_texts()
    return "\n".join(f"{name}({', '.join(texts[name].arguments)}): {texts[name].about}" for name in names)


def stimulus_hash(case: Case, tools: Sequence[str]) -> str:
    """SHA-256, as 16 hexadecimal digits, over messages, documents, listings and tool descriptions."""
    return hashlib.sha256(f"{case.stimulus}\n{tool_text(tools)}".encode()).hexdigest()[:16]
