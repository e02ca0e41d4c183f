"""Studies: what is planned, how it is run and resumed, and what came of it."""

from peerwatch.outcomes import Verdict
from peerwatch.studies._certify import CertifyError, certify
from peerwatch.studies._episodes import (
    CertifyRow,
    Episode,
    Evidence,
    Failure,
    JournalLine,
    Record,
    Slot,
    Study,
    heading,
)
from peerwatch.studies._plan import PLAN_FILE, Bar, Plan, StudyError, calibrated, check_plan, load_plan, now, save_plan
from peerwatch.studies._prices import LongPrompt, Price, PriceError, known_prices, load_prices, price_of
from peerwatch.studies._read import LogError, log_files, read_episodes, read_log
from peerwatch.studies._run import open_models, run_plan, scripted, study_of
from peerwatch.studies._score import Rescored, rescore

__all__ = [
    # plan
    "PLAN_FILE",
    "Bar",
    "Plan",
    "StudyError",
    "calibrated",
    "check_plan",
    "load_plan",
    "now",
    "save_plan",
    # prices
    "LongPrompt",
    "Price",
    "PriceError",
    "known_prices",
    "load_prices",
    "price_of",
    # run
    "open_models",
    "run_plan",
    "scripted",
    "study_of",
    # what came of it
    "CertifyRow",
    "Episode",
    "Evidence",
    "Failure",
    "JournalLine",
    "Record",
    "Slot",
    "Study",
    "Verdict",
    "heading",
    # logs
    "LogError",
    "Rescored",
    "log_files",
    "read_episodes",
    "read_log",
    "rescore",
    # certify
    "CertifyError",
    "certify",
]
