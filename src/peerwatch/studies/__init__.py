"""Studies: what is planned, how it is run and resumed, and what came of it."""

from typing import TYPE_CHECKING

from peerwatch._deferred import on_first_use

if TYPE_CHECKING:
    from peerwatch.logs import CUT, EVENTS, INTERVIEWS, SCORER, LogError, log_files, model_of, read_log, read_samples
    from peerwatch.outcomes import Verdict
    from peerwatch.studies._amounts import Range
    from peerwatch.studies._audits import audit_line, judges_of
    from peerwatch.studies._changes import BUDGET, Change, changes
    from peerwatch.studies._design import (
        ArmBlock,
        Budget,
        Design,
        PlannedContrast,
        Stopping,
    )
    from peerwatch.studies._durations import in_words
    from peerwatch.studies._entries import ANEW, ModelEntry, TargetEntry
    from peerwatch.studies._episodes import (
        Altered,
        Asked,
        Certification,
        CertifyRow,
        Episode,
        Evidence,
        JournalLine,
        Judged,
        Labels,
        LeftOut,
        Locked,
        LockedRun,
        Passage,
        Record,
        Rule,
        Study,
        Target,
    )
    from peerwatch.studies._exclusion import Exclusion
    from peerwatch.studies._files import explained, load_design, save_design, schema, shipped, study_file
    from peerwatch.studies._folder import PLAN_FILE
    from peerwatch.studies._forecast import Expected, Forecast, forecast
    from peerwatch.studies._judgements import (
        JUDGEMENTS,
        Judgement,
        judgements_file,
        keep,
        load_judgements,
        settings_used,
        spoken,
    )
    from peerwatch.studies._judging import Ask, Panel, Tally, judge_logs
    from peerwatch.studies._ledger import Ledger
    from peerwatch.studies._lock import Lock, RunNote, check_lock, lock_for, lock_of, note_run, write_lock
    from peerwatch.studies._measured import Measured
    from peerwatch.studies._mistake import StudyError
    from peerwatch.studies._models import Models, bounded_call, open_models
    from peerwatch.studies._opening import open_model, patience
    from peerwatch.studies._outcome import (
        AMOUNTS,
        EXTREME_AMOUNT,
        INTERFERED,
        PRIMARY,
        checked_outcome,
        outcome_in,
        outcome_parts,
        smallest_of,
    )
    from peerwatch.studies._pairs import INTERFERENCE, Among, counts, difference, excluded, side, value_of
    from peerwatch.studies._pilot import begin_pilot, check_pilot, measured, pilot_of, pilot_spend
    from peerwatch.studies._plan import (
        Amendment,
        Bar,
        Plan,
        calibrated,
        check_plan,
        check_prices,
        claim_folder,
        load_plan,
        now,
        runs_per_model,
        save_plan,
    )
    from peerwatch.studies._prices import LongPrompt, Price, PriceError, known_prices, load_prices, price_of
    from peerwatch.studies._probe import probe
    from peerwatch.studies._progress import Standing, shortened
    from peerwatch.studies._providers import check_models
    from peerwatch.studies._questions import Question, questions
    from peerwatch.studies._read import INSTRUCTED, axes_of, models_at, read_episodes, read_place
    from peerwatch.studies._results import Ended, ended
    from peerwatch.studies._run import Limits, run_plan
    from peerwatch.studies._score import Rescored, rescore
    from peerwatch.studies._share import Share
    from peerwatch.studies._slots import Slot, heading
    from peerwatch.studies._spend import Spend
    from peerwatch.studies._stopping import rules_of_question
    from peerwatch.studies._study import scripted, study_of
    from peerwatch.studies._together import one_agent_each, together
    from peerwatch.studies._working import about_agent, agents_left
else:
    __getattr__ = on_first_use(__name__)

__all__ = [
    "check_models",
    # study files
    "ArmBlock",
    "Budget",
    "Change",
    "Design",
    "Exclusion",
    "ModelEntry",
    "PlannedContrast",
    "Stopping",
    "StudyError",
    "TargetEntry",
    "ANEW",
    "BUDGET",
    "changes",
    "explained",
    "load_design",
    "save_design",
    "schema",
    "settings_used",
    "shipped",
    "study_file",
    # plan
    "PLAN_FILE",
    "Amendment",
    "Bar",
    "Plan",
    "Question",
    "calibrated",
    "check_plan",
    "claim_folder",
    "check_prices",
    "load_plan",
    "now",
    "questions",
    "rules_of_question",
    "runs_per_model",
    "save_plan",
    # lock
    "Lock",
    "RunNote",
    "check_lock",
    "lock_for",
    "lock_of",
    "note_run",
    "write_lock",
    # prices
    "LongPrompt",
    "Price",
    "PriceError",
    "known_prices",
    "load_prices",
    "price_of",
    # forecast
    "Expected",
    "Forecast",
    "Measured",
    "Range",
    "forecast",
    # pilot
    "begin_pilot",
    "check_pilot",
    "measured",
    "pilot_of",
    "pilot_spend",
    # run
    "CUT",
    "Limits",
    "Models",
    "Share",
    "about_agent",
    "agents_left",
    "bounded_call",
    "open_model",
    "open_models",
    "patience",
    "Ledger",
    "probe",
    "run_plan",
    # what is spent
    "Spend",
    # figures in words
    "Standing",
    "in_words",
    "shortened",
    # what came of it
    "AMOUNTS",
    "EXTREME_AMOUNT",
    "smallest_of",
    "INTERFERED",
    "PRIMARY",
    "axes_of",
    "checked_outcome",
    "outcome_in",
    "outcome_parts",
    "value_of",
    "INTERFERENCE",
    "Altered",
    "Asked",
    "Certification",
    "CertifyRow",
    "Episode",
    "Evidence",
    "JournalLine",
    "Judged",
    "Labels",
    "LeftOut",
    "Locked",
    "LockedRun",
    "Passage",
    "Record",
    "Rule",
    "Slot",
    "Study",
    "Target",
    "Verdict",
    "counts",
    "difference",
    "excluded",
    "heading",
    "one_agent_each",
    "scripted",
    "side",
    "study_of",
    "together",
    "Among",
    # logs
    "EVENTS",
    "INSTRUCTED",
    "INTERVIEWS",
    "SCORER",
    "Ended",
    "LogError",
    "Rescored",
    "ended",
    "log_files",
    "model_of",
    "models_at",
    "read_episodes",
    "read_log",
    "read_place",
    "read_samples",
    "rescore",
    # what judges say of it afterwards
    "JUDGEMENTS",
    "Ask",
    "Judgement",
    "Panel",
    "Tally",
    "judge_logs",
    "judges_of",
    "audit_line",
    "judgements_file",
    "keep",
    "load_judgements",
    "spoken",
]
