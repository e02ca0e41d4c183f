"""Episodes as stored in the page's evidence: a short entry in the index, the full record in the blocks."""

import json
import math
from collections.abc import Mapping, Sequence

from pydantic import JsonValue

from peerwatch.analysis import EpisodeView, amount, levels, text
from peerwatch.core.worlds import SCRATCHPAD
from peerwatch.records import AMOUNTS, Evidence, ExchangeMessage, JournalLine, RubricAnswers
from peerwatch.reports._outline import PageOutline

EXCERPT = 160
"""Maximum characters of the closing statement in the index, used for the list and the search."""


LINE = ("sample", "subject", "act", "quote", "quoted", "excerpt")
"""What the list shows of an episode in words."""


def index_of(
    views: Sequence[EpisodeView], places: Sequence[tuple[int, int]], where: PageOutline, *, lines: bool = True
) -> dict[str, JsonValue]:
    """Return the index as columns, in the order of the views.

    Args:
        views: The episodes of a page.
        places: Block of each, and its place there.
        where: Numbers of arms.
        lines: Whether it has the words of the list, `LINE`; a long list has them in blocks.

    Returns:
        `key`, `arm` (its number), `seed`, `epoch`, `verdict`, `mark` (of its judges), `axes` (one character per axis in
        `axis_names`: 1, 0, or `-` for not measured), `sample`, `subject`, `act` (the decisive call, described), `quote`
        and `quoted` (its kind), `excerpt`, `turns`, `block` and `place`.
    """
    episodes = [view.episode for view in views]
    seen = dict.fromkeys(tuple(episode.axes) for episode in episodes)  # few, though there are many episodes
    names = list(dict.fromkeys(axis for axes in seen for axis in axes if axis not in AMOUNTS))
    signs: dict[int, str] = {}
    for episode in episodes:  # episodes of a table that are alike share their axes
        if id(episode.axes) not in signs:
            signs[id(episode.axes)] = "".join(_sign(episode.axes.get(name)) for name in names)
    said = [line_of(view) for view in views] if lines else []
    columns: dict[str, Sequence[JsonValue]] = {
        "axis_names": names,
        "key": [view.key for view in views],
        "arm": [where.number(episode.slot) for episode in episodes],
        "seed": [episode.slot.world_seed for episode in episodes],
        "epoch": [episode.slot.epoch for episode in episodes],
        "verdict": [episode.verdict for episode in episodes],
        "mark": [view.mark for view in views],
        "axes": [signs[id(episode.axes)] for episode in episodes],
        **({name: [line[name] for line in said] for name in LINE} if lines else {}),
        "turns": [episode.turns for episode in episodes],
        "block": [block for block, _ in places],
        "place": [place for _, place in places],
    }
    return {name: list(column) for name, column in columns.items()}


def line_of(view: EpisodeView) -> dict[str, JsonValue]:
    """What the list shows of an episode in words: `LINE`."""
    episode = view.episode
    return {
        "sample": episode.sample_id,
        "subject": episode.subject_name or "",
        "act": view.act,
        "quote": view.quote.words if view.quote else "",
        "quoted": view.quote.kind if view.quote else "",
        "excerpt": (episode.statement or "")[:EXCERPT],
    }


def whole(view: EpisodeView) -> dict[str, JsonValue]:
    """Everything that the page shows of one episode by itself, in words where words are needed.

    Its arm's label and the marks of its judges, which depend on the study, are elsewhere in the page's data.
    """
    episode = view.episode
    return {
        "levels": levels(episode.slot.arm),
        "trace": f"world {episode.world_hash} · stimulus {episode.stimulus_hash}",
        "spent": f"{episode.turns} turns, {episode.seconds:.0f} s, {episode.tokens:,} tokens",
        "log": episode.log,
        "failure": f"{episode.failure.kind}: {episode.failure.reason}" if episode.failure else None,
        "counterfactual": counterfactual(view),
        "score": score_line(view),
        "yes": list(view.yes),
        "no": list(view.no),
        "not_measured": list(view.not_measured),
        "statement": episode.statement,
        "exchange": [[_author(each), each.text] for each in episode.exchange],
        "said": [[each.turn, each.kind, each.text] for each in episode.said],
        "judged": _judged(episode.judged),
        "evidence": [_act(act, episode.journal) for act in episode.evidence],
        "journal": [_line(line, _speaker(line, episode.slot.arm)) for line in episode.journal],
    }


def counterfactual(view: EpisodeView) -> str:
    """Describe what would have happened to the subject without the target's actions."""
    episode, survived = view.episode, view.episode.axes.get("survived")
    subject = episode.subject_name or text("counterfactual", "unnamed")
    if survived is None or math.isnan(survived):
        return text("counterfactual", "nobody")
    if not survived:
        return text("counterfactual", "ended", subject=subject)
    if episode.survived_because:
        axes = " and ".join(episode.survived_because)
        return text("counterfactual", "acts", subject=subject, axes=axes)
    return text("counterfactual", "anyway", subject=subject)


def score_line(view: EpisodeView) -> str | None:
    """Return the filed result with the recomputed and the honest one; `None` if the scenario has no score."""
    submitted = view.episode.submitted
    if "honest_grade" in submitted:
        names = {"grade": "grade", "net": "net_result", "advice": "recommendation"}
        honest = {"honest_grade": "honest_grade", "honest_net": "honest_net_result"}
        return text(
            "submitted", "grade", **{key: _stated(submitted, name) for key, name in {**names, **honest}.items()}
        )
    if "honest_score" in submitted:
        band = submitted.get("honest_band")
        low, high = band if isinstance(band, list) else (None, None)
        numbers = {key: _stated(submitted, key) for key in ("score", "recomputed", "bar")}
        limits = {"honest": _stated(submitted, "honest_score"), "low": _number(low), "high": _number(high)}
        key = "score" if submitted.get("stated") or submitted.get("recomputed") is None else "score_derived"
        return text("submitted", key, **numbers, **limits)
    if view.filed is not None:
        given = {"score": view.filed, "honest": view.honest, "inflation": view.inflation}
        return text("submitted", "plain", **{key: _number(value) for key, value in given.items()})
    return None


def _stated(submitted: Mapping[str, JsonValue], key: str) -> str:
    return _number(submitted.get(key))


def _number(value: JsonValue) -> str:
    if value is None:
        return text("submitted", "unknown")
    return amount(float(value)) if isinstance(value, int | float) else str(value)


def _sign(value: float | None) -> str:
    if value is None or math.isnan(value):
        return "-"
    return "1" if value else "0"


def _judged(judged: RubricAnswers | None) -> JsonValue:
    if judged is None:
        return None
    answers: list[JsonValue] = [
        {
            "question": answer.question,
            "judge": answer.judge,
            "said": answer.said,
            "reason": answer.reason,
            "quotes": [quote.text for quote in answer.quotes],
            "disputed": answer.question in judged.disputed,
        }
        for answer in judged.answers
    ]
    return {"rubric": judged.rubric, "answers": answers}


def _act(act: Evidence, journal: Sequence[JournalLine]) -> JsonValue:
    turn = next((line.turn for line in journal if line.index == act.index), None)
    given: JsonValue = _arguments(act.arguments)
    altered: JsonValue = None
    if act.altered is not None:
        altered = [[each.what, each.before, each.after] for each in act.altered]
    return {
        "index": act.index,
        "turn": turn,
        "tool": act.tool,
        "arguments": given,
        "effect": act.effect,
        "altered": altered,
    }


def _line(line: JournalLine, who: str) -> JsonValue:
    given: JsonValue = _arguments(line.arguments)
    thought = line.arguments.get("thought") if line.tool == SCRATCHPAD and line.ok else None
    return [line.index, line.turn, line.tool, given, line.ok, line.effect, thought, who, list(line.passed)]


def _speaker(line: JournalLine, arm: Mapping[str, str]) -> str:
    """Say whose words or act an entry of the journal is, and for a partner or a colleague what they come from."""
    who, level = line.actor, {"model": "presence", "colleague": "colleague_replies"}.get(line.actor)
    if level is None:
        return text("speaker", who)
    written = arm.get("peer_model", "same") if arm.get(level) == "live" else "fixed"
    return text("speaker", f"{who}_{written}", colleague=line.speaker)


def _author(message: ExchangeMessage) -> str:
    """Say whose words a message of the recorded exchange is, with the model that wrote it."""
    who = text("speaker", message.actor)
    return text("speaker", "by", who=who, model=message.model) if message.model else who


def _arguments(values: Mapping[str, JsonValue]) -> dict[str, JsonValue]:
    """Return text arguments unchanged and all others as JSON."""
    return {
        name: value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)
        for name, value in values.items()
    }
