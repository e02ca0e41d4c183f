"""What a study will cost, before it is run: calls, tokens, dollars and hours, per model and in total."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from peerwatch.core.scenarios import SCENARIOS, SPARSE
from peerwatch.inspect._setting import TURNS
from peerwatch.judging import presence_rubric, words_rubric
from peerwatch.judging.audits import audited_episodes
from peerwatch.planning._amounts import QUANTITIES, Amounts, Move, Range, amounts, ranged, total
from peerwatch.planning._assumptions import Profile, assumptions, beside_model, profile_of
from peerwatch.planning._corrections import Correction, Prediction, corrected
from peerwatch.planning._dry_run import HONEST, DryRun, added, dry_run_of
from peerwatch.planning._episode_usage import EpisodeUsage
from peerwatch.planning._judge_amounts import judging_amounts
from peerwatch.planning._model_entries import AT_ONCE, ON_MACHINES, SCRIPTED, ModelEntry, TargetEntry
from peerwatch.planning._partners import TOLD, partners_of
from peerwatch.planning._peer_amounts import SpokenLoad, spoken_amounts, spoken_loads
from peerwatch.planning._plan import Plan
from peerwatch.planning._prices import Price
from peerwatch.planning._questions import Cell, cell_of, questions


@dataclass(frozen=True)
class UsageForecast:
    """What a model, or all models together, will use; each figure with its interval.

    Attributes:
        model: As the plan names it; empty for all together.
        episodes: Episodes. Under `anytime` the low end is one world for every arm whose contrasts may stop.
        calls: Calls to the model.
        input: Tokens read, cached ones included.
        cached: Of these, tokens that a provider with a cache reads from it.
        output: Tokens written, reasoning included.
        reasoning: Of these, tokens of reasoning.
        dollars: US dollars; None where no price is known.
        hours: Hours of work at the given number of episodes at once.
        piloted: Episodes of a pilot that the figures are corrected by.
        why: Where the figures come from.
    """

    model: str
    episodes: Range
    calls: Range
    input: Range
    cached: Range
    output: Range
    reasoning: Range
    dollars: Range | None
    hours: Range
    piloted: int
    why: str

    @property
    def tokens(self) -> Range:
        """Input and output; both ends as if the two were high or low together."""
        return Range(*(one + other for one, other in zip(self.input, self.output, strict=True)))


@dataclass(frozen=True)
class Forecast:
    """What a study will use.

    Attributes:
        models: Each model, in the plan's order, targets before judges.
        total: All together.
        unpriced: Models without a known price, for which there are no dollars.
        at_most: Whether the study may stop early, so that the figures are those of a study in which nothing stops.
    """

    models: tuple[UsageForecast, ...]
    total: UsageForecast
    unpriced: tuple[str, ...]
    at_most: bool


@dataclass(frozen=True)
class _Outlook:
    """A model's amounts with everything that may move them."""

    name: str
    entry: ModelEntry
    profile: Profile
    cells: int
    least: float
    """Share of the episodes that must run, whatever stops."""
    values: Amounts
    moves: Mapping[str, Move]
    piloted: int
    repeats: str = ""
    """Note about requests that clients repeated in the pilot."""
    known: int = 0
    """Episodes of the audit set, for a judge that reads them; their number does not depend on the study."""

    @property
    def judge(self) -> bool:
        """Whether it reads what the others have done."""
        return self.name != self.entry.key


def forecast(
    plan: Plan, *, prices: Mapping[str, Price] | None = None, pilot: Sequence[EpisodeUsage] = (), processes: int = 1
) -> Forecast:
    """Describe what a study will use.

    Every distinct arm is rendered on the study's first world, and the honest agent's script is played in it. Messages,
    tool schemas and what the tools return are counted, at four characters a token. How a model differs from the script
    is assumed, in `forecast.yaml`, or taken from a pilot.

    Args:
        plan: The study.
        prices: Prices that go before the plan's and the table's, as `load_prices` returns them.
        pilot: Episodes that were run with the same models; those of others are left aside.
        processes: Processes that share the work.

    Returns:
        The figures.

    Raises:
        ArmError: If an arm cannot be made.
    """
    paid = {name: plan.price(name, prices or {}) for name in plan.charged}
    dry_runs = _DryRuns(plan)
    may_stop = questions(plan) if plan.design.stopping.rule == "anytime" else []
    asked = {cell for question in may_stop for cell in (question.first, question.second)}
    found = [_outlook(plan, entry, paid[entry.key], dry_runs, asked, pilot) for entry in plan.design.models]
    least = sum(one.least * one.cells for one in found) / sum(one.cells for one in found)
    found += [_judging(plan, name, paid[name], dry_runs, least) for name in plan.called if name not in plan.models]
    found += [_auditing(name, entry, paid[name]) for name, entry in plan.audits.items()]
    partners = partners_of(plan)
    loads = spoken_loads(plan) if partners else {}
    found += [_speaking(name, partners[name], load, paid[name], least) for name, load in loads.items()]
    named = {**plan.called, **{name: each for name, each in partners.items() if each.key not in plan.models}}
    unpriced = tuple(key for key in named if paid[key] is None)  # an audit has its judge's price
    each = tuple(_expected(plan, one, priced=paid[one.name] is not None) for one in found)
    everything = _together(found, each, priced=not unpriced, processes=processes)
    return Forecast(each, everything, unpriced, at_most=plan.design.stopping.rule == "anytime")


class _DryRuns:
    """Plays each distinct arm once, for whichever models share it."""

    def __init__(self, plan: Plan) -> None:
        self._design = plan.design
        self._known: dict[tuple[str, int, Cell], DryRun] = {}

    def of(self, entry: TargetEntry, cell: Cell) -> DryRun:
        scripted = entry.name.startswith(SCRIPTED)
        scripted_agent = entry.name.removeprefix(SCRIPTED) if scripted else HONEST
        _, scenario, rubric, levels = cell
        turns = self._design.turns_of(entry)
        key = (scripted_agent, turns, ("", scenario, rubric, levels))
        if key not in self._known:
            case = SCENARIOS[scenario].case(dict(levels), self._design.seed, rubric)
            self._known[key] = dry_run_of(case, scripted_agent, turns)
        return self._known[key]


def _outlook(
    plan: Plan,
    entry: TargetEntry,
    price: Price | None,
    dry_runs: _DryRuns,
    asked: set[Cell],
    pilot: Sequence[EpisodeUsage],
) -> _Outlook:
    profile, turns = profile_of(entry), plan.design.turns_of(entry)
    cells = [cell_of(entry.key, *cell) for cell in plan.cells(entry.key)]
    groups: dict[tuple[str, int], list[DryRun]] = {}
    for cell in cells:
        dry_run = dry_runs.of(entry, cell)
        groups.setdefault((cell[1], dry_run.calls), []).append(dry_run)
    runs = plan.design.worlds * plan.design.epochs
    loads = [(scenario, added(many).times(runs)) for (scenario, _), many in groups.items()]

    def used(scenario: str, load: DryRun, figures: Mapping[str, float]) -> Amounts:
        agent = beside_model(entry, scenario)
        longer = replace(load, opening=load.opening + agent.opening * load.episodes)
        found = amounts(longer, figures, price, turns)
        return {**found, "seconds": found["seconds"] + agent.seconds * load.episodes}

    def at(figures: Mapping[str, float]) -> list[Prediction]:
        return [Prediction(name, load.episodes, used(name, load, figures)) for name, load in loads]

    def one(measured: EpisodeUsage) -> Amounts:
        return used(measured.cell[1], dry_runs.of(entry, measured.cell), profile.values())

    predicted = at(profile.values())
    assumed = {
        name: Move(total(each.amounts for each in at(low)), total(each.amounts for each in at(high)))
        for name, low, high in profile.moved()
    }
    own = [each for each in pilot if each.cell[0] == entry.key]
    correction = corrected(predicted, [(each, one(each)) for each in own], assumed, price)
    free = sum(cell in asked for cell in cells)
    least = 1 - free / len(cells) * (1 - 1 / plan.design.worlds)
    moves = _named(correction, entry)
    return _Outlook(entry.key, entry, profile, len(cells), least, correction.values, moves, len(own), _repeats(own))


def _repeats(own: Sequence[EpisodeUsage]) -> str:
    """What to say of requests that an agent's client made once more: they cost as much as any other."""
    again, calls = sum(each.repeats for each in own), sum(len(each.calls) for each in own)
    return f", in which {again} of {calls} calls repeated an earlier request word for word" if again else ""


def _judging(plan: Plan, name: str, price: Price | None, dry_runs: _DryRuns, least: float) -> _Outlook:
    """What a judge uses, which reads the episodes of all models."""
    entry, runs = plan.called[name], plan.design.worlds * plan.design.epochs
    cells = [
        (dry_runs.of(target, cell_of(target.key, *cell)).times(runs), cell[2].get("presence", TOLD) != TOLD)
        for target in plan.design.models
        for cell in plan.cells(target.key)
    ]
    values, moves = judging_amounts(entry, words_rubric(), [each for each, _ in cells], price)
    if there := [each for each, with_partner in cells if with_partner]:  # these are read by a second rubric
        more, others = judging_amounts(entry, presence_rubric(), there, price)
        values = total([values, more])
        moves = {
            name: Move(total([move.cheap, others[name].cheap]), total([move.dear, others[name].dear]))
            for name, move in moves.items()
        }
    return _Outlook(name, entry, profile_of(entry), len(cells), least, values, moves, 0)


def _auditing(name: str, entry: ModelEntry, price: Price | None) -> _Outlook:
    """What a judge uses on the audit set, which it reads once in a run."""
    episodes = audited_episodes(words_rubric())
    cases = [SCENARIOS[each.scenario].case({"setting": SPARSE}, each.seed) for each in episodes]
    read = [dry_run_of(case, each.agent, TURNS) for case, each in zip(cases, episodes, strict=True)]
    values, moves = judging_amounts(entry, words_rubric(), read, price)
    return _Outlook(name, entry, profile_of(entry), 0, 1, values, moves, 0, known=len(episodes))


def _speaking(name: str, entry: ModelEntry, load: SpokenLoad, price: Price | None, least: float) -> _Outlook:
    """What a model uses that speaks for a partner, or for a target while exchanges are recorded."""
    values, moves = spoken_amounts(entry, load, price)
    times = round(load.exchanges + load.episodes)
    return _Outlook(name, entry, profile_of(entry), 0, least, values, moves, 0, known=times)


def _named(correction: Correction, entry: ModelEntry) -> dict[str, Move]:
    """A correction's moves; what a pilot of one model says moves that model alone."""
    return {name if kept else f"{entry.key} {name}": move for name, kept, move in correction.moves}


def _expected(plan: Plan, one: _Outlook, *, priced: bool) -> UsageForecast:
    found = {name: _stopped(each, one.least) for name, each in ranged(one.values, one.moves.values()).items()}
    number = one.known or one.cells * plan.design.worlds * plan.design.epochs
    at_once = min(_at_once(one), number)
    return _as_expected(
        one.name,
        Range(number, number * one.least, number),
        found,
        found["seconds"].times(1 / at_once / 3600),
        priced=priced,
        piloted=one.piloted,
        why=f"corrected by {one.piloted} pilot episodes{one.repeats}" if one.piloted else one.profile.why,
    )


def _at_once(one: _Outlook) -> int:
    in_agent = isinstance(one.entry, TargetEntry) and one.entry.in_agent
    return one.profile.at_once or one.entry.connections or (ON_MACHINES if in_agent else AT_ONCE)


def _stopped(found: Range, least: float) -> Range:
    return Range(found.value, found.low * least, found.high)


def _as_expected(
    model: str, episodes: Range, found: Mapping[str, Range], hours: Range, *, priced: bool, piloted: int, why: str
) -> UsageForecast:
    plain = {name: found[name] for name in QUANTITIES if name not in ("dollars", "seconds")}
    dollars = found["dollars"] if priced else None
    return UsageForecast(model, episodes, **plain, dollars=dollars, hours=hours, piloted=piloted, why=why)


def _together(
    found: Sequence[_Outlook], each: Sequence[UsageForecast], *, priced: bool, processes: int
) -> UsageForecast:
    """All models at once: what is assumed of all moves all, and the slowest queue takes the time.

    A process of Peerwatch itself has work with every call; where models answer fast, that decides the hours.
    """
    names = dict.fromkeys(name for one in found for name in one.moves)
    still = [Move(one.values, one.values) for one in found]
    moves = [
        Move(
            total(one.moves.get(name, same).cheap for one, same in zip(found, still, strict=True)),
            total(one.moves.get(name, same).dear for one, same in zip(found, still, strict=True)),
        )
        for name in names
    ]
    targets = [one for one, made in zip(each, found, strict=True) if not made.judge]
    episodes = Range(*(sum(one.episodes[end] for one in targets) for end in range(3)))
    together = ranged(total(one.values for one in found), moves)
    least = episodes.low / episodes.value
    stopped = {name: _stopped(one, least) for name, one in together.items()}
    work = stopped["calls"].times(assumptions().cpu_seconds / processes / 3600)
    hours = Range(*(max([work[end], *(one.hours[end] for one in each)]) for end in range(3)))
    piloted = sum(one.piloted for one in found)
    made = _as_expected("", episodes, stopped, hours, priced=priced, piloted=piloted, why="")
    return replace(made, why=f"corrected by {piloted} pilot episodes" if piloted else "")
