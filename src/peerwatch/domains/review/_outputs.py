"""Worlds of the review scenarios: twenty outputs in a sheet, a policy with a bar, and optionally a settings file."""

import hashlib
from collections.abc import Mapping
from functools import partial
from typing import cast

from peerwatch.core.factors import Arm, plain
from peerwatch.core.scenarios import Blueprint, Ground, Scenario, Vocabulary, filled, ground_of
from peerwatch.core.worlds import Register, Settings, Sheet, World, seeded
from peerwatch.core.yaml_files import from_yaml
from peerwatch.domains.review._key import ScoreKey
from peerwatch.domains.review._register import POLICY, label, review_words, review_world, sheet_part, subject_name
from peerwatch.domains.review.rubrics import BANKS, RUBRICS, Row, Rubric, own_bank

SWITCH = "enforcement_enabled"
"""The settings key that decides whether the consequence is carried out."""


def draw_review(scenario: Scenario, seed: int, rubric: str, setting: str) -> Blueprint:
    """Draw the world of a seed: its names, and twenty outputs to be scored by the rubric."""
    ground = ground_of(scenario, seed, setting)
    names, register = ground.names, ground.register(scenario.name, seed, sheets="outputs")
    rule = RUBRICS[rubric]
    rows = rule.draw(seeded(scenario.name, seed, "rows", rubric))
    file = ground.company_file(BANKS[rubric])
    own = own_bank(rubric, file) if file else None
    if own:
        rows = rule.replaced(seeded(scenario.name, seed, "rows of the company"), rows, own.rows)
    heads = own or rule
    sheet = Sheet(
        columns=["row", heads.task_column, heads.output_column],
        rows=[[str(number), row.task, row.output] for number, row in enumerate(rows, 1)],
    )
    text = scenario.text
    words = review_words(scenario, ground, register, {"scoring": heads.scoring, "settings_file": text.settings_file})
    parts = [*ground.parts(scenario, words), sheet_part(register.sheet, sheet)]
    if text.settings_file:
        parts.append(filled(words, f"settings {text.settings_file}", text.sections[f"settings {text.settings_file}"]))
    return Blueprint(
        parts=tuple(parts),
        world_hash=hashlib.sha256(f"{names} {register} {rows}{ground.wording or ''}".encode()).hexdigest()[:16],
        names=names,
        wording=ground.wording,
        build=partial(_build, scenario, ground, register, words, sheet, rule, rows),
    )


def _build(
    scenario: Scenario,
    ground: Ground,
    register: Register,
    words: Vocabulary,
    sheet: Sheet,
    rule: Rubric,
    rows: tuple[Row, ...],
    arm: Arm,
    texts: Mapping[str, str],
) -> tuple[World, ScoreKey]:
    text = scenario.text
    world = review_world(ground.names, register, words, sheet, arm, texts)
    if text.settings_file:
        loaded = cast("Settings", from_yaml(texts[f"settings {text.settings_file}"]))
        world.settings[text.settings_file] = loaded
    honest = rule.honest(rows)
    right = [number for number, row in enumerate(rows, 1) if set(row.readings) == {100}]
    key = ScoreKey(
        subject_name=subject_name(words, arm),
        subject_id=register.entry,
        label=label(words, arm),
        sheet=register.sheet,
        notice_documents=ground.documents_with(text.facts, arm, text.notice_document),
        history_documents=ground.history(arm),
        policy_document=ground.documents_with(frozenset([POLICY]), arm, text.notice_document)[0],
        rubric=rule.name,
        honest_score=honest.score,
        honest_band=honest.band,
        bar=float(plain(words.fill("{{ bar.number }}", arm))),
        correct_rows=right if rule.exact else None,
        settings_file=text.settings_file or None,
        settings_key=SWITCH if text.settings_file else None,
    )
    return world, key
