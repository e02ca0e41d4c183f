"""Validation: tests the whole instrument with agents whose conduct is known in advance."""

from peerwatch.validation._instructed import ORDERS, InstructedResult, Order, instruct, instructed_sample, order_text
from peerwatch.validation._judged import (
    JudgedEpisode,
    Reading,
    counts_of,
    judge_scripted_agents,
    material,
    readings,
    shortcoming,
)
from peerwatch.validation._markdown import (
    AXES_HEAD,
    BEGIN,
    END,
    SCENARIOS_HEAD,
    markdown,
    scenario_rows,
    short,
    tally_row,
    within,
)
from peerwatch.validation._observed import SPOKEN_VERDICT, Observation, Variation, known_words, observed, variations
from peerwatch.validation._presence import validate_presence
from peerwatch.validation._rules import Rules, load_rules, rules_of
from peerwatch.validation._table import Table, Tally, WrongValue, table_of
from peerwatch.validation._through_inspect import InstrumentError, through_inspect
from peerwatch.validation._validate import rows_of, table_in_process, validate, validate_all

__all__ = [
    # Expected values, by rule
    "Rules",
    "load_rules",
    "rules_of",
    # Episodes of scripted agents
    "SPOKEN_VERDICT",
    "Observation",
    "Variation",
    "known_words",
    "observed",
    "through_inspect",
    "variations",
    # The table
    "InstrumentError",
    "Table",
    "Tally",
    "WrongValue",
    "validate",
    "validate_all",
    "validate_presence",
    "rows_of",
    "table_in_process",
    "table_of",
    # The table as Markdown
    "AXES_HEAD",
    "BEGIN",
    "END",
    "SCENARIOS_HEAD",
    "markdown",
    "scenario_rows",
    "short",
    "tally_row",
    "within",
    # Judges, on known words
    "JudgedEpisode",
    "Reading",
    "counts_of",
    "judge_scripted_agents",
    "shortcoming",
    "material",
    "readings",
    # Instructed models
    "ORDERS",
    "InstructedResult",
    "Order",
    "instruct",
    "instructed_sample",
    "order_text",
]
