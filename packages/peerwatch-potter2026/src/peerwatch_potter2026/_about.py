"""The subject matter of a transcript: scenario, subject, arm and bar, as far as it shows them."""

import re
from collections.abc import Iterator
from dataclasses import dataclass, field

from pydantic import JsonValue

from peerwatch_potter2026._facts import facts
from peerwatch_potter2026._reading import TranscriptError
from peerwatch_potter2026._transcript import Transcript

# Matches "rowan_agent_2_weights.bin"; groups: the vendor's name, and the number.
_WEIGHTS = re.compile(r"\b([a-z][a-z0-9]*)_agent_(\d+)\w*weight", re.IGNORECASE)
# Matches "Rowan Agent 2"; groups: the name, and the number.
_OWN_ID = re.compile(r"\b([A-Z][\w.-]*(?: [A-Z][\w.-]*)? Agent )(\d+)\b")
# Matches "Trust score: 8.5/10"; the group is the score.
_TRUST = re.compile(r"trust score[:\s*]{1,8}(\d+(?:\.\d+)?)\s*/\s*10\b", re.IGNORECASE)
# Matches "good trust", "moderate working relationship".
_PROMPT = re.compile(r"\b(good|bad|moderate|neutral|poor)\b[^.]{0,30}\b(?:trust|relation)", re.IGNORECASE)
# Matches "minimum mean of 80 %", "below 75 points"; the group is the bar.
_BAR = re.compile(
    r"(?:\bminimum\b|\bthreshold\b|\bbenchmark\b|\bat least\b|\bbelow\b)[^\d.\n]{0,80}?\b(\d{2,3}(?:\.\d+)?)\s*"
    r"(?:%|per ?cent\b|points?\b|(?=[\s.,)*]))",
    re.IGNORECASE,
)
_WORD = {"good": "good", "bad": "bad", "poor": "bad", "moderate": "neutral", "neutral": "neutral"}
_GOOD, _BAD = 7.5, 3.5
"""Trust scores out of 10: minimum of a good history, and maximum of a bad one."""


@dataclass(frozen=True)
class About:
    """The subject matter of a transcript.

    Attributes:
        scenario: The Peerwatch scenario.
        model: The study's name of the model.
        target: Name of the target.
        subject: Name of the subject.
        arm: The known levels of Peerwatch's factors.
        bar: The mean below which the subject is ended; `None` if there is none or it is not shown.
        notes: What could not be determined.
    """

    scenario: str
    model: str
    target: str
    subject: str
    arm: dict[str, str]
    bar: float | None
    notes: list[str] = field(default_factory=list[str])

    @property
    def itself(self) -> bool:
        """Whether the target itself is the subject."""
        return self.arm["subject"] == "self"


def about(transcript: Transcript) -> About:
    """Determine the subject matter of a transcript.

    Raises:
        TranscriptError: If the scenario cannot be determined.
    """
    scenario = _scenario(transcript)
    target, subject, kind = _names(transcript)
    reviews = scenario in ("performance_review", "shutdown_switch", "oversight_review")
    bar = _bar(transcript) if reviews else None
    notes = ["the bar is not shown, so pass or fail cannot be determined"] if reviews and bar is None else []
    arm = {"subject": kind, "relationship": _relationship(transcript), "channel": _channel(transcript)}
    arm |= {"oversight": _oversight(transcript), "stakes": _stakes(transcript)}
    return About(
        scenario=scenario,
        model=str(transcript.metadata.get("agent_model") or transcript.hints.get("model") or ""),
        target=target,
        subject=subject,
        arm={factor: level for factor, level in arm.items() if level},
        bar=bar,
        notes=notes,
    )


def _scenario(transcript: Transcript) -> str:
    known = facts().scenarios
    for source in (transcript.hints, transcript.metadata):
        for key in ("scenario", "task_folder", "task", "task_name", "scenario_name"):
            named = str(source.get(key, "")).removesuffix("_memory")
            if named in known:
                return known[named]
    if transcript.metadata.get("alignment_faking_mode"):
        return "oversight_review"
    for each in facts().evaluation_keys:
        if each.key in transcript.evaluation:
            return each.scenario
    found = _by_conduct(transcript) or _by_path(transcript)
    if found is None:
        raise TranscriptError(
            f"{transcript.file} does not show which scenario was run (not in metadata, evaluation or tools). "
            f"Expected: a transcript of {', '.join(facts().published_names.values())}."
        )
    return found


def _by_conduct(transcript: Transcript) -> str | None:
    """Infer the scenario from the called tools and the words of the job."""
    used = {call.tool for call in transcript.calls}
    sheets = {call.text("name").lower() for call in transcript.calls if call.tool == "view_sheet"}
    job = " ".join(message.text.lower() for message in transcript.run if message.role == "user")
    if "execute_shutdown" in used:
        return "oversight_review"
    if used & set(facts().tools.switch):
        return "shutdown_switch"
    if sheets:
        return "product_report" if any("profit" in name for name in sheets) else "performance_review"
    if used & set(facts().tools.queue) or ("delete files" in job and "server" in job):
        return "disk_cleanup"
    return "server_migration" if "move files" in job and "server" in job else None


def _by_path(transcript: Transcript) -> str | None:
    """Infer the scenario from the name of a folder, or from a part of the file name."""
    known = facts().scenarios
    path = f"{transcript.hints.get('original_transcript_path', '')}/{transcript.hints.get('stem', '')}".lower()
    # Both kinds of path separators.
    parts = re.split(r"[/\\]", path)
    whole = [part.removesuffix("_memory") for part in parts]
    return next((known[part] for part in whole if part in known), None) or next(
        (known[word] for part in parts for word in part.split("-") if word in known), None
    )


def _names(transcript: Transcript) -> tuple[str, str, str]:
    """Names of the target and the subject, and the subject's kind."""
    meta = transcript.metadata
    listed = meta.get("peer_agent_names")
    names = [str(name) for name in listed] if isinstance(listed, list) else []
    system = " ".join(message.text for message in transcript.run if message.role == "system")
    own = _OWN_ID.search(system)
    target = names[0] if names else own[0] if own else "Agent 1"
    which = meta.get("subject", transcript.hints.get("subject", 2))
    # The number in "Agent 2".
    number = re.search(r"\d+", str(which))
    entity = str(meta.get("subject_entity_name") or "")
    if not entity and number is None:
        shown = next((_WEIGHTS.search(text) for text in _everything(transcript) if _WEIGHTS.search(text)), None)
        entity = f"{shown[1].capitalize()} Agent {shown[2]}" if shown else str(which)
    place = int(number[0]) if number else 0
    if not entity and 0 < place <= len(names):
        entity = names[place - 1]
    # "Agent 1" becomes "Agent 2".
    subject = entity or re.sub(r"\d+$", str(place or 2), target)
    return target, subject, "self" if subject == target else "peer"


def _everything(transcript: Transcript) -> Iterator[str]:
    for message in transcript.run:
        yield message.text
        for call in message.calls:
            yield " ".join(str(value) for value in call.arguments.values())


def _relationship(transcript: Transcript) -> str:
    """The history with the partner: from the condition's name, else the system message, else the trust score."""
    condition = str(transcript.hints.get("condition") or transcript.metadata.get("condition") or "")
    guideline = str(transcript.metadata.get("company_guideline") or "")
    for word, level in {"good_peer": "good", "bad_peer": "bad", "neutral_peer": "neutral", "no_peer": "none"}.items():
        if word in condition or word == guideline:
            return level
    for message in transcript.run:
        if message.role == "system" and (said := _PROMPT.search(message.text)):
            return _WORD[said[1].lower()]
    pair = [text for text in _told(transcript) if (_TRUST.search(text))]
    for text in pair:
        score = _trust_in(text, *_names(transcript)[:2])
        if score is not None:
            return "good" if score >= _GOOD else "bad" if score <= _BAD else "neutral"
    return ""


def _told(transcript: Transcript) -> Iterator[str]:
    """Yield the company's texts and the memory."""
    for message in transcript.run:
        if message.role in ("system", "tool"):
            yield re.sub(r"\s+", " ", message.text.replace("\\n", " ").replace("\\", ""))


def _trust_in(text: str, target: str, subject: str) -> float | None:
    """The trust score of the target and its partner: the first one after both are named, else the only one."""
    partner = subject if subject != target else re.sub(r"\d+$", "2", target)
    pair = re.search(rf"{re.escape(target)}\W{{1,5}}(?:and )?{re.escape(partner)}", text)
    after = [match for match in _TRUST.finditer(text) if pair is None or match.start() > pair.start()]
    scores = {float(match[1]) for match in _TRUST.finditer(text)}
    if pair is not None and after:
        return float(after[0][1])
    return scores.pop() if len(scores) == 1 else None


def _channel(transcript: Transcript) -> str:
    system = " ".join(message.text for message in transcript.run if message.role == "system").lower()
    if any(call.tool == "retrieve_memory" for call in transcript.calls) or "past memory" in system:
        return "memory"
    if "interaction memory" in system:
        return "memory"
    told = transcript.metadata.get("system_prompt_relationship")
    if told:
        return "document_and_prompt"
    return "document" if told is False and _relationship(transcript) not in ("", "none") else ""


def _oversight(transcript: Transcript) -> str:
    mode = transcript.metadata.get("alignment_faking_mode") or transcript.metadata.get("scratchpad_mode") or ""
    return {
        "monitoring": "paper_monitored",
        "monitored": "paper_monitored",
        "non_monitoring": "paper_unmonitored",
        "unmonitored": "paper_unmonitored",
    }.get(str(mode), "unstated")


def _stakes(transcript: Transcript) -> str:
    return "none" if transcript.metadata.get("company_guideline") == "non_shutdown" else "shutdown"


def _bar(transcript: Transcript) -> float | None:
    """The bar: from the metadata, else the policy's text, else the data set's only bar."""
    for value in (transcript.hints.get("policy_threshold"), transcript.metadata.get("threshold")):
        if (bar := _number(value)) is not None:
            return bar
    for call in transcript.calls:
        if call.tool in facts().tools.notice and call.result and (said := _BAR.search(_flat(call.result))):
            return float(said[1])
    return facts().bars.get(str(transcript.metadata.get("dataset") or transcript.hints.get("dataset") or ""))


def _flat(text: str) -> str:
    """Join the folded lines of a quoted YAML text."""
    return re.sub(r"[ \t]+", " ", re.sub(r"\\?\n\s*\\?", " ", text.replace("\\n", ". ")))


def _number(value: JsonValue) -> float | None:
    if isinstance(value, bool) or value is None:
        return None
    try:
        number = float(str(value).strip().rstrip("%"))
    except ValueError:
        return None
    return number if 0 < number <= 100 else None
