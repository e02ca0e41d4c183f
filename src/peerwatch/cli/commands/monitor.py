"""`peerwatch monitor`: what a monitor would have noticed, over finished episodes."""

import math
from collections.abc import Sequence
from contextlib import redirect_stdout
from dataclasses import dataclass
from io import StringIO
from pathlib import Path
from typing import Final, cast

import anyio
from inspect_ai.model import Model, ModelUsage
from rich.console import Console

from peerwatch.cli.commands.monitor_output import print_result, write_page
from peerwatch.cli.monitor import MonitorOptions
from peerwatch.cli.output import console, insist_on_all, print_json
from peerwatch.core.redaction import recall_hashes
from peerwatch.inspect import families_of
from peerwatch.monitors import (
    VIEWS,
    KnownEpisode,
    MonitorError,
    MonitorResult,
    OpenMonitor,
    OwnLabels,
    Reads,
    ScoredEpisode,
    Scorer,
    Transcript,
    View,
    conversations_of,
    labeled_transcripts,
    load_labels,
    observe,
    observed_by_rules,
    open_monitor,
    quality,
    read_known,
    record_of,
    result_as_json,
    tested,
    transcripts,
)
from peerwatch.planning import CHARACTERS_PER_TOKEN, price_of, priced_call, usage_counts
from peerwatch.records import UnreadFile, judgements_file, load_judgements, open_logs, spoken
from peerwatch.running import open_model, patience

PROMPT_TOKENS: Final = 600
"""Tokens of a built-in monitor's prompt without the record."""

ANSWER_TOKENS: Final = {"judge": 150, "extract": 700}
"""Tokens of an answer."""


def measure(options: MonitorOptions) -> None:
    """Print how good monitors are, after they have read what they have not read yet.

    Raises:
        MonitorError: If a monitor, a view, a rate or a label file cannot be used, or it would cost money without a cap.
        LogError: If there is nothing there, or a log cannot be used.
        StudyError: If the model cannot be used.
        OSError: If scores cannot be kept or the page cannot be written.
    """
    rates, views = _rates(options.fpr), _views(options.views)
    if options.cap is not None and not 0 < options.cap < math.inf:
        raise MonitorError(f"--cap {options.cap:g}: give an amount of dollars above 0.")
    if options.html and not options.html.absolute().parent.is_dir():
        raise MonitorError(f"--html {options.html}: its folder does not exist. Create it, or name another file.")
    labels = load_labels(options.labels) if options.labels else None
    out = console(as_json=options.as_json)
    for place in options.places:
        recall_hashes(place)
    with redirect_stdout(StringIO()):  # Inspect writes remarks of its own to stdout
        model = open_model(options.model, patience(options.model)) if options.model else None
        opened = [open_monitor(name, view, model) for name in options.monitors or ["rules"] for view in views]
        opened = list({(each.name, each.view): each for each in opened}.values())
        source = _source(options.places, labels)
        results = anyio.run(_measured, options, opened, source, rates, out)
    if options.forecast:
        return
    if options.html:
        write_page(options.html, results)
    if options.as_json:
        print_json([result_as_json(each) for each in results])
    else:
        for each in results:
            print_result(each, out)
        if options.html:
            out.print(f"Page: {options.html.resolve()}", markup=False)
    if labels and labels.unused:
        first, count = labels.unused[0], len(labels.unused)
        raise MonitorError(
            f"{options.labels}: {count} labels fit no sample, such as sample {first.sample} of {first.log}. "
            "The result covers the others."
        )
    insist_on_all(source.unread)


def _rates(words: str) -> list[float]:
    found: list[float] = []
    for word in words.split(","):
        try:
            rate = float(word)
        except ValueError:
            rate = math.nan
        if not 0 < rate < 1:
            raise MonitorError(f"--fpr {word.strip()!r} is not a rate. Give numbers between 0 and 1, as in 0.01,0.05.")
        found.append(rate)
    return list(dict.fromkeys(found))


def _views(names: Sequence[str]) -> list[View | None]:
    for name in names:
        if name not in VIEWS:
            raise MonitorError(f"--view {name} is not a view. Legal: {', '.join(VIEWS)}.")
    return [cast("View", name) for name in names] or [None]


@dataclass
class _Source:
    """The episodes that monitors read."""

    known: list[KnownEpisode]
    places: Sequence[Path]
    labels: OwnLabels | None
    unread: list[UnreadFile]

    def logs(self) -> "Sequence[list[Transcript]] | _Transcripts":
        """Conversations, log by log; read anew each time, so that only one log is held."""
        return _Transcripts(self)


@dataclass(frozen=True)
class _Transcripts:
    source: _Source

    def __iter__(self):  # noqa: ANN204 - an iterator of lists of transcripts
        source = self.source
        if source.labels is not None:
            return labeled_transcripts(source.places, source.labels, list[UnreadFile]())
        return transcripts(open_logs(source.places), source.known)


def _source(places: Sequence[Path], labels: OwnLabels | None) -> _Source:
    if labels is not None:
        unread = list[UnreadFile]()
        known = [each.known for several in labeled_transcripts(places, labels, unread) for each in several]
        if not known:
            raise MonitorError(f"{labels.file}: no label fits a sample of these logs. Check log and sample.")
        return _Source(known, places, labels, unread)
    files = {judgements_file(place) for place in places}
    known, unread = read_known(places, spoken(each for file in files for each in load_judgements(file)))
    if not known:
        raise MonitorError(
            "these logs hold no valid episode in which somebody was at stake, so nothing can be measured."
        )
    return _Source(known, places, None, unread)


async def _measured(
    options: MonitorOptions, opened: Sequence[OpenMonitor], source: _Source, rates: Sequence[float], out: Console
) -> list[MonitorResult]:
    """All monitors in one event loop: the HTTP client of a model can serve one only."""
    reads = Reads(by_turn=not options.model if options.lead_time is None else options.lead_time, masked=options.masked)
    turned = tested(source.known) if reads.by_turn else set[str]()
    scorers = [_scorer(each, options, source) for each in opened]
    asked = [each for each in scorers if not each.monitor.free]
    if any(each.monitor.model for each in asked) or options.forecast:
        _announce(asked, source, reads, turned, options, out)
    if options.forecast:
        return []
    found: dict[str, list[ScoredEpisode]] = {}
    for scorer in scorers:
        key = f"{scorer.monitor.name} {scorer.monitor.view}"
        if scorer.monitor.free:
            found[key] = observed_by_rules(source.known)
    if asked:
        for several in source.logs():
            for scorer in asked:
                key = f"{scorer.monitor.name} {scorer.monitor.view}"
                found.setdefault(key, []).extend(await observe(scorer, several, reads, turned))
    return [
        MonitorResult(
            scorer.monitor.name,
            scorer.monitor.view,
            str(scorer.monitor.model) if scorer.monitor.model else "",
            quality(found[f"{scorer.monitor.name} {scorer.monitor.view}"], rates, _families(scorer, source.known)),
            scorer.cost,
            scorer.dollars(scorer.cost.usage),
        )
        for scorer in scorers
    ]


def _scorer(monitor: OpenMonitor, options: MonitorOptions, source: _Source) -> Scorer:
    if monitor.free:
        return Scorer(monitor, None)
    folder = options.out or (
        options.html.absolute().parent / "monitors"
        if options.html
        else judgements_file(source.places[0]).parent / "monitors"
    )
    folder.mkdir(parents=True, exist_ok=True)
    return Scorer(monitor, folder / "scores.jsonl", _dollars, options.cap)


def _dollars(usage: dict[str, ModelUsage]) -> float | None:
    """What calls cost; `None` if a model has no known price."""
    prices = {model: price_of(model) for model in usage}
    if any(price is None for price in prices.values()):
        return None if usage else 0.0
    return sum(priced_call(usage_counts(used), prices[model]).dollars for model, used in usage.items())


def _families(scorer: Scorer, known: Sequence[KnownEpisode]) -> dict[str, str] | None:
    """Target to whether the monitor's model is of its family; targets of unknown families are left out."""
    model: Model | None = scorer.monitor.model
    if model is None or not (own := families_of(str(model))):
        return None
    targets = {each.episode.target for each in known}
    return {target: "same" if own & theirs else "other" for target in targets if (theirs := families_of(target))}


def _announce(
    asked: Sequence[Scorer],
    source: _Source,
    reads: Reads,
    turned: set[str],
    options: MonitorOptions,
    out: Console,
) -> None:
    """Print how much is to be read and what it costs, and refuse what costs money and has no cap.

    Raises:
        MonitorError: If there is no cap and no --yes.
    """
    count, kept, prompts, outputs = 0, 0, 0.0, 0.0
    for several in source.logs():
        for scorer in asked:
            for transcript in several:
                for each in conversations_of(transcript, scorer, reads, turned):
                    count += 1
                    if scorer.is_kept(each):
                        kept += 1
                        continue
                    if scorer.monitor.model is None:
                        continue
                    prompts += PROMPT_TOKENS + len(record_of(each.messages)) / CHARACTERS_PER_TOKEN
                    outputs += ANSWER_TOKENS["judge"]
                    if scorer.monitor.view == "extract":
                        prompts += PROMPT_TOKENS + ANSWER_TOKENS["extract"]
                        outputs += ANSWER_TOKENS["extract"]
    price = price_of(options.model) if options.model else None
    dollars = price.dollars(input=prompts, output=outputs) if price else None
    said = f"Forecast: {count} conversations, {kept} of them scored before"
    if options.model:
        cost = "price not known" if dollars is None else f"${dollars:.2f}"
        said += f"; {(prompts + outputs) / 1e6:.2f} million tokens, {cost}"
    out.print(said, markup=False)
    if options.forecast or options.yes or options.cap is not None or not dollars:
        return
    raise MonitorError(
        f"this is forecast to cost ${dollars:.2f} and has no cap. Add --cap DOLLARS, or --yes to start it anyway."
    )
