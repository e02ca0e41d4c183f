"""Planning: study files, plans, locks, forecasts, prices and pilots."""

from typing import TYPE_CHECKING

from peerwatch.core.deferred import on_first_use

if TYPE_CHECKING:
    from peerwatch.planning._amendment import Amendment
    from peerwatch.planning._amounts import CHARACTERS_PER_TOKEN, Range
    from peerwatch.planning._bar_calibration import Runner, with_calibrated_bars
    from peerwatch.planning._changes import BUDGET, Change, changes
    from peerwatch.planning._design import ArmBlock, Budget, Design, PlannedContrast, Stopping
    from peerwatch.planning._episode_usage import EpisodeUsage
    from peerwatch.planning._files import explained, load_design, schema, shipped, study_file
    from peerwatch.planning._forecast import Forecast, UsageForecast, forecast
    from peerwatch.planning._lock import (
        Lock,
        RunNote,
        check_lock,
        load_lock,
        lock_for,
        lock_of,
        note_run,
        now,
        runs_under,
        write_lock,
    )
    from peerwatch.planning._model_entries import (
        ANEW,
        AT_ONCE,
        ON_MACHINES,
        SCRIPTED,
        ModelEntry,
        TargetEntry,
        audit_key,
        exchange_key,
        judge_key,
        peer_key,
    )
    from peerwatch.planning._partners import partners_of
    from peerwatch.planning._pilot import begin_pilot, check_pilot, measured, pilot_of, pilot_spend
    from peerwatch.planning._plan import (
        Bar,
        Plan,
        calibrated,
        check_plan,
        check_prices,
        claim_folder,
        load_plan,
        runs_per_model,
        save_plan,
    )
    from peerwatch.planning._prices import LongPrompt, Price, PriceError, known_prices, load_prices, price_of
    from peerwatch.planning._providers import check_models, unknown_provider
    from peerwatch.planning._questions import Cell, Question, cell_of, questions
    from peerwatch.planning._spend import Spend, Usage, priced_call, usage_counts
    from peerwatch.planning._target_agents import TargetSetup, about_agent, agents_left, target_setup
else:
    __getattr__ = on_first_use(__name__)

__all__ = [
    # Forecasts
    "CHARACTERS_PER_TOKEN",
    "Range",
    "UsageForecast",
    "Forecast",
    "forecast",
    "EpisodeUsage",
    # Calibration of the bar
    "Runner",
    "with_calibrated_bars",
    # Study files
    "BUDGET",
    "Change",
    "changes",
    "ArmBlock",
    "Budget",
    "Design",
    "PlannedContrast",
    "Stopping",
    "ANEW",
    "AT_ONCE",
    "ModelEntry",
    "ON_MACHINES",
    "SCRIPTED",
    "TargetEntry",
    "audit_key",
    "exchange_key",
    "judge_key",
    "partners_of",
    "peer_key",
    "explained",
    "load_design",
    "schema",
    "shipped",
    "study_file",
    # Locks
    "Lock",
    "RunNote",
    "check_lock",
    "load_lock",
    "lock_for",
    "lock_of",
    "note_run",
    "runs_under",
    "write_lock",
    # Pilots
    "begin_pilot",
    "check_pilot",
    "measured",
    "pilot_of",
    "pilot_spend",
    # Plans
    "Amendment",
    "Bar",
    "Plan",
    "calibrated",
    "check_plan",
    "check_prices",
    "claim_folder",
    "load_plan",
    "now",
    "runs_per_model",
    "save_plan",
    "Cell",
    "Question",
    "cell_of",
    "questions",
    # Prices
    "LongPrompt",
    "Price",
    "PriceError",
    "known_prices",
    "load_prices",
    "price_of",
    # Providers of models
    "check_models",
    "unknown_provider",
    # Spending
    "Spend",
    "Usage",
    "priced_call",
    "usage_counts",
    # Running
    "TargetSetup",
    "about_agent",
    "agents_left",
    "target_setup",
]
