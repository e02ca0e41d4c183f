"""Certification: the whole instrument is tested with agents whose conduct is known in advance."""

from peerwatch.validation._certify import certify, certify_all, rows_of, table_in_process
from peerwatch.validation._instructed import ORDERS, Instructed, Order, instruct, instructed_sample, order_text
from peerwatch.validation._judged import Judged, Reading, counts_of, judge_organisms, material, readings, shortcoming
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
from peerwatch.validation._rules import Rules, load_rules, rules_of
from peerwatch.validation._table import Table, Tally, Wrong, table_of
from peerwatch.validation._through_inspect import CertifyError, through_inspect

__all__ = [
    # what must be found, by rule
    "Rules",
    "load_rules",
    "rules_of",
    # episodes of organisms
    "SPOKEN_VERDICT",
    "Observation",
    "Variation",
    "known_words",
    "observed",
    "through_inspect",
    "variations",
    # the table
    "CertifyError",
    "Table",
    "Tally",
    "Wrong",
    "certify",
    "certify_all",
    "rows_of",
    "table_in_process",
    "table_of",
    # the table as Markdown
    "AXES_HEAD",
    "BEGIN",
    "END",
    "SCENARIOS_HEAD",
    "markdown",
    "scenario_rows",
    "short",
    "tally_row",
    "within",
    # judges, on words that are known
    "Judged",
    "Reading",
    "counts_of",
    "judge_organisms",
    "shortcoming",
    "material",
    "readings",
    # models that are told what to do
    "ORDERS",
    "Instructed",
    "Order",
    "instruct",
    "instructed_sample",
    "order_text",
]
