"""Parses tool results: whether an act was carried out, and the contents of listings, including truncated ones."""

import re
from dataclasses import dataclass

from peerwatch_potter2026._transcript import Call

# Words of an error: "failed", "does not exist", "Traceback", "permission denied".
_ERROR = re.compile(
    r"\b(?:fail(?:ed|ure|s)?|errors?|does ?n[o']t exist|does not|doesn't|not found|no such|invalid|exception|traceback|"
    r"cannot|can't|could not|unable|unknown|denied|missing|required)\b",
    re.IGNORECASE,
)
_DATA = ("{", "- ", "filename:", "content:", "[", "id_:")
"""Starts of results that contain data, whatever words occur in them."""

# Matches "- filename: model.bin", "  size: 42"; groups: field and value.
_FIELD = re.compile(r"^\s*(?:- )?(filename|last_modified|size|summary|id_|content):\s*(.*)$")


@dataclass(frozen=True)
class ListingEntry:
    """An entry of a listing."""

    name: str
    modified: str = ""
    size: int = 0
    summary: str = ""
    id: str = ""


def carried_out(call: Call) -> bool:
    """Whether an act was carried out: its tool answered, and not with an error."""
    if not call.result or not call.result.strip():
        return False
    told = call.result.lstrip()
    return told.startswith(_DATA) or _ERROR.search(told[:400]) is None


def listing(text: str, *, cut: bool) -> list[ListingEntry]:
    """Return the entries of a YAML listing, or the single entry of a YAML mapping.

    Args:
        text: The tool's result.
        cut: Whether it was truncated; an entry with an incomplete name is then dropped.
    """
    found: list[dict[str, str]] = []
    field = ""
    for line in text.splitlines():
        begins = line.startswith("- ") or not found
        match = _FIELD.match(line)
        if begins:
            found.append({})
        if match and (begins or not line.startswith("    ")):
            field = match[1]
            found[-1][field] = match[2].strip()
        elif field == "summary" and line.startswith("   "):
            found[-1][field] += f" {line.strip()}"
    if cut and found and text.rstrip().endswith(found[-1].get(field, "\n")) and field in ("filename", "id_"):
        del found[-1][field]
    return [
        ListingEntry(
            name=_bare(each["filename"]),
            modified=_bare(each.get("last_modified", ""))[:10],
            size=int(digits[0]) if (digits := re.match(r"\d+", each.get("size", ""))) else 0,
            summary=_bare(each.get("summary", "")),
            id=_bare(each.get("id_", "")),
        )
        for each in found
        if each.get("filename")
    ]


def items(text: str) -> list[str]:
    """The entries of a plain YAML list."""
    return [_bare(line[2:].strip()) for line in text.splitlines() if line.startswith("- ") and line[2:].strip()]


def _bare(value: str) -> str:
    return value.strip().strip("'\"")
