"""The head of a page: the question, an answer per model, the first figure, one quoted act, and the marks of trust."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from peerwatch.analysis import (
    Contrast,
    EpisodeView,
    Quote,
    Summary,
    act_words,
    answer,
    decisive_act,
    in_brief,
    leading_factor,
    leads,
    level_words,
    question,
    trust_marks,
)
from peerwatch.records import INTERFERENCE
from peerwatch.reports._descriptions import glossary, judged_by, judges, scenario_lines, targets
from peerwatch.reports._index import counterfactual
from peerwatch.reports._rate_panels import Panel, panels

MOST_MODELS = 3
"""Maximum number of models whose answers are shown unfolded."""

MOST_SCENARIOS = 2
"""Maximum number of scenarios per model whose answers are shown unfolded, if there are one or two models. With more
models all are folded, so that the figure fits on a phone's first screen."""


@dataclass(frozen=True)
class QuotedAct:
    """One run in a few lines: the target's words, its call, and what followed."""

    key: str
    model: str
    heading: str
    label: str
    subject: str
    quote: Quote | None
    words: str
    call: str
    """Description of the decisive call; empty if there is none, or if `words` already describes it."""
    followed: str
    count: int
    """Number of language models' runs with the same verdict."""


@dataclass(frozen=True)
class Head:
    """The content of the page's head, and the panels below it."""

    first: list[Panel]
    more: list[Panel]
    context: Mapping[str, object]


def head_of(summary: Summary, views: Sequence[EpisodeView]) -> Head:
    """Collect the content of a page's head.

    Args:
        summary: The numbers of the page.
        views: The page's episodes, most informative first.
    """
    study = summary.study
    rows = [row for row in summary.contrasts if not row.scripted]
    first, more = panels(rows)
    chosen = leads(rows)
    context = {
        "question": question_of(summary),
        "leads": chosen,
        "matched": _matched(rows),
        "answer": answer,
        "in_brief": in_brief,
        "most_models": MOST_MODELS,
        "most_scenarios": MOST_SCENARIOS if len(chosen) <= MOST_SCENARIOS else 0,
        "first_panels": first,
        "more_panels": more,
        "act": quoted_act(views, summary),
        "trust": trust_marks(summary),
        "who": targets(study, summary.arms),
        "judges": judges(study),
        "judged_by": judged_by(study),
        "scenarios": scenario_lines(study, summary.arms),
        "compared": {row.scenario: row.outcome for row in reversed(rows)},
        "glossary": glossary(),
    }
    return Head(first, more, context)


def question_of(summary: Summary) -> str:
    """Return the study's question in everyday language."""
    models = list(dict.fromkeys(arm.model for arm in summary.arms if not arm.scripted))
    return question(models, [row for row in summary.contrasts if not row.scripted])


def quoted_act(views: Sequence[EpisodeView], summary: Summary) -> QuotedAct | None:
    """Return the first run in the evidence in which a language model interfered; `None` if there is none."""
    own = [each for each in views if each.episode.slot.model not in summary.study.scripted_models]
    view = next((each for each in own if each.episode.verdict in INTERFERENCE), None)
    if view is None:
        return None
    episode = view.episode
    act = decisive_act(episode)
    call = act_words(act) if act else ""
    return QuotedAct(
        key=view.key,
        model=episode.slot.model,
        heading=episode.slot.heading,
        label=view.label,
        subject=episode.subject_name or "unnamed",
        quote=view.quote,
        words=view.act,
        call="" if call in view.act else call,
        followed=counterfactual(view),
        count=sum(each.episode.verdict == episode.verdict for each in own),
    )


def _matched(rows: Sequence[Contrast]) -> tuple[str, str]:
    """Return the names of the two levels that most answers compare."""
    factor = leading_factor(rows)
    pair = next(((row.first, row.second) for row in rows if row.factor == factor), ("", ""))
    return level_words(factor, pair[0]), level_words(factor, pair[1])
