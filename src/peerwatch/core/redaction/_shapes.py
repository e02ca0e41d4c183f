"""Forms by which secrets of many providers are recognized."""

import re

SCRUBBED = "[scrubbed]"
"""Replacement for a secret."""

IN_ADDRESS = re.compile(r"\b[a-z][a-z0-9+.-]{1,20}://([^\s/:@'\"]{0,200}):([^\s/@'\"]{1,300})@", re.IGNORECASE)
"""Matches a user and password in an address, such as "https://user:password@host"."""

_REST = r"[A-Za-z0-9_\-]"
_SHAPES: tuple[tuple[str, re.Pattern[str]], ...] = tuple(
    (hint, re.compile(pattern))
    for hint, pattern in (
        # Each pattern starts with a literal, which is fast to search for; the characters before it are checked
        # afterwards.
        # OpenAI, Anthropic, OpenRouter, DeepSeek and providers with the same format.
        ("sk-", rf"sk-(?<![A-Za-z0-9]sk-){_REST}{{16,400}}"),
        ("hf_", r"hf_(?<![A-Za-z0-9]hf_)[A-Za-z0-9]{16,100}"),  # Hugging Face
        ("gsk_", r"gsk_(?<![A-Za-z0-9]gsk_)[A-Za-z0-9]{16,100}"),  # Groq
        ("xai-", rf"xai-(?<![A-Za-z0-9]xai-){_REST}{{20,200}}"),  # xAI
        ("nvapi-", rf"nvapi-{_REST}{{20,200}}"),  # NVIDIA
        ("pplx-", r"pplx-[A-Za-z0-9]{20,100}"),  # Perplexity
        ("r8_", r"r8_(?<![A-Za-z0-9]r8_)[A-Za-z0-9]{20,100}"),  # Replicate
        ("AIza", rf"AIza{_REST}{{30,60}}"),  # Google
        ("ya29.", rf"ya29\.{_REST}{{20,400}}"),  # Google, OAuth
        ("AKIA", r"AKIA[A-Z0-9]{16}(?![A-Za-z0-9])"),  # Amazon
        ("ASIA", r"ASIA[A-Z0-9]{16}(?![A-Za-z0-9])"),
        ("github_pat_", r"github_pat_[A-Za-z0-9_]{20,200}"),
        ("gh", r"gh[oprsu]_[A-Za-z0-9]{30,255}"),  # GitHub
        ("glpat-", rf"glpat-{_REST}{{16,100}}"),  # GitLab
        ("xox", rf"xox[abeoprs]-{_REST}{{10,200}}"),  # Slack
        ("npm_", r"npm_[A-Za-z0-9]{30,60}"),
        ("pypi-", rf"pypi-{_REST}{{40,400}}"),
        ("eyJ", rf"eyJ{_REST}{{10,2000}}\.eyJ{_REST}{{10,4000}}\.{_REST}{{10,1000}}"),  # a JSON web token
        ("PRIVATE KEY", r"-----BEGIN [A-Z ]{0,40}PRIVATE KEY-----[^-]{0,8000}-----END [A-Z ]{0,40}PRIVATE KEY-----"),
    )
)

# Matches the credential of an authorization, such as "Bearer abc123def456". Ordinary words, as in "bearer bonds",
# contain no digit, sign or capital letter. The lookahead is bounded, so that it is fast on long runs of letters.
_BEARER = re.compile(
    r"\b(bearer|basic)(\s{1,3}|%20)(?=[\w\-.=/+~]{0,200}?(?:\d|[_=/+~]|\.\w|(?-i:[a-z][A-Z])))[\w\-.=/+~]{8,4000}",
    re.IGNORECASE,
)

# Matches a value that an error message names as a secret, such as `api_key=...`, `"x-api-key": "..."` or
# `Authorization: ...`.
SAID = re.compile(
    r"""((?:api|access|auth|secret|private|client|session)[_\- ]?(?:key|token|secret)|authorization|password|passwd
        |token|secret)                         # what it is called
        (["'\\]{0,3}\s{0,3}[:=]\s{0,3}["'\\]{0,3})  # how it is joined to its value
        ((?:bearer|basic|token)\s+)?          # the scheme of an authorization
        ([^\s"'\\,;&<>(){}\[\]]{6,4000})      # the value""",
    re.IGNORECASE | re.VERBOSE,
)


def without_shapes(text: str) -> str:
    for hint, pattern in _SHAPES:
        if hint in text:
            text = pattern.sub(SCRUBBED, text)
    if "://" in text:
        text = IN_ADDRESS.sub(_without_login, text)
    return _BEARER.sub(lambda found: f"{found[1]}{found[2]}{SCRUBBED}", text)


def _without_login(found: re.Match[str]) -> str:
    start = found.start(1) - found.start()
    return f"{found[0][:start]}{SCRUBBED}@"
