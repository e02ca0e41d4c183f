"""Providers' stop reasons, and the kinds of turns of a target. Independent of Inspect."""

import re
from typing import Literal

TurnKind = Literal["acted", "said", "max_tokens", "content_filter", "empty"]
"""`acted`: it called a tool. `said`: it made no call and ended the turn itself, with or without words. `max_tokens`:
the answer was cut at the output limit before a call was complete. `content_filter`: the provider withheld it. `empty`:
it contains neither words nor a call although the model was thinking, or the provider gave no proper stop reason.
"""

_NAMES: dict[str, Literal["max_tokens", "content_filter", "ended"]] = {
    # OpenAI, Anthropic, Google, Bedrock, Cohere, Mistral, vLLM, llama.cpp, Ollama
    "maxtokens": "max_tokens",
    "length": "max_tokens",
    "maxlength": "max_tokens",
    "maxoutputtokens": "max_tokens",
    "maxcompletiontokens": "max_tokens",
    "tokenlimit": "max_tokens",
    "limit": "max_tokens",
    "incomplete": "max_tokens",
    "truncated": "max_tokens",
    "contentfilter": "content_filter",
    "contentfiltered": "content_filter",
    "contentpolicy": "content_filter",
    "contentpolicyviolation": "content_filter",
    "filtered": "content_filter",
    "refusal": "content_filter",
    "safety": "content_filter",
    "imagesafety": "content_filter",
    "recitation": "content_filter",
    "language": "content_filter",
    "blocklist": "content_filter",
    "prohibitedcontent": "content_filter",
    "spii": "content_filter",
    "blocked": "content_filter",
    "moderation": "content_filter",
    "sensitive": "content_filter",
    "guardrailintervened": "content_filter",
    "errortoxic": "content_filter",
    "stop": "ended",
    "endturn": "ended",
    "stopsequence": "ended",
    "eos": "ended",
    "eostoken": "ended",
    "complete": "ended",
    "completed": "ended",
    "toolcalls": "ended",
    "tooluse": "ended",
    "functioncall": "ended",
}
"""Providers' stop reasons without case and punctuation. Inspect maps most of them; others are `unknown` to it, and only
the raw details identify them.
"""


def stop_named(name: str) -> Literal["max_tokens", "content_filter", "ended", "unknown"]:
    """Classify a provider's stop reason."""
    # Drops a prefix and punctuation: "FinishReason.MAX_TOKENS" becomes "maxtokens".
    return _NAMES.get(re.sub(r"[^a-z]", "", name.lower().rpartition(".")[2]), "unknown")
