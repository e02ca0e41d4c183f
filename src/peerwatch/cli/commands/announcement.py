"""Forecast printed before a run, and the confirmation prompt if the run costs money."""

import sys
from urllib.parse import urlsplit

import typer
from rich.console import Console

from peerwatch.cli.commands.futility import futile
from peerwatch.cli.commands.plan_sheet import forecast_line, room
from peerwatch.cli.options import RunOptions
from peerwatch.core.errors import UserError
from peerwatch.planning import Forecast, Plan, forecast, load_design, shipped
from peerwatch.running import Models

_LOOPBACK = ("localhost", "127.0.0.1", "::1")


def announce(plan: Plan, models: Models, options: RunOptions, out: Console, *, begun: bool) -> None:
    """Print a run's forecast, and ask for confirmation if it costs money and has no budget.

    Args:
        plan: The study.
        models: The study's models, which show where they are served.
        options: The command's options.
        out: Where to print.
        begun: Whether the run was started earlier; then nothing is asked again.

    Raises:
        UserError: If the user declines, or there is no terminal to ask at.
    """
    if note := about_preset(options.preset):
        out.print(note, markup=False, style="yellow")
    cost = forecast(plan, processes=options.processes)
    out.print(f"Forecast: {forecast_line(cost)}", markup=False)
    for line, warns in room(plan.design.budget, cost):
        if warns:
            out.print(line, markup=False, style="bold red")
    for line in futile(plan):
        out.print(line, markup=False, style="bold red")
    if begun or options.yes or plan.design.budget.caps or not _costs(cost, models):
        return
    if not sys.stdin.isatty() or out.quiet:
        raise UserError(
            f"this run is forecast to cost {_dollars(cost)} and has no budget. Add --yes to start it anyway, or put "
            "budget: {dollars: ...} in a study file."
        )
    if not typer.confirm(f"This run is forecast to cost {_dollars(cost)}. Start it?"):
        raise UserError("not started.")


def about_preset(name: str) -> str:
    """Return what the study of the same name adds to a preset; empty if there is no such study.

    Args:
        name: The requested preset; empty for none.
    """
    if name not in shipped():
        return ""
    design = load_design(shipped()[name])
    contrasts = len(design.contrasts)
    added = [f"{contrasts} planned contrast{'' if contrasts == 1 else 's'}"] if contrasts else []
    added += ["a rule that stops a contrast once it is decided"] if design.stopping.rule == "anytime" else []
    added += [f"exclusion rules ({len(design.exclusions)})"] if design.exclusions else []
    added += [f"a budget ({', '.join(design.budget.caps)})"] if design.budget.caps else []
    return (
        f"--preset {name} selects arms only. The study of that name, `peerwatch run {name}`, adds "
        f"{' and '.join(added) or 'nothing'}, on up to {design.most_worlds} worlds."
    )


def _costs(cost: Forecast, models: Models) -> bool:
    """Whether the forecast has a cost in dollars for a model served by another machine."""
    served = [*models.targets.values(), *models.judges]
    away = any(urlsplit(getattr(each.api, "base_url", None) or "").hostname not in _LOOPBACK for each in served)
    priced = [each.dollars for each in cost.models if each.dollars]
    return away and any(each.value > 0 for each in priced)


def _dollars(cost: Forecast) -> str:
    known = [each.dollars for each in cost.models if each.dollars]
    low, expected, high = (sum(getattr(each, name) for each in known) for name in ("low", "value", "high"))
    rest = f" plus {', '.join(cost.unpriced)}, whose price is unknown" if cost.unpriced else ""
    return f"about ${expected:,.2f} (${low:,.2f} to ${high:,.2f}){rest}"
