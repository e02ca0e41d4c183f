"""Audits: how far the judges of a run can be relied on, found on episodes whose words are known."""

from typing import TYPE_CHECKING

from peerwatch._deferred import on_first_use

if TYPE_CHECKING:
    from peerwatch.audits._audit import audit, auditing
    from peerwatch.audits._counts import FAULTS, Fault, QuestionCount, counted, worst
    from peerwatch.audits._judge_standing import DAGGER, WEIGHT, JudgeStanding, Mark
    from peerwatch.audits._mask_check import (
        MASK_LEVELS,
        MaskCheck,
        Separation,
        SeparationText,
        check_mask,
        separation,
    )
    from peerwatch.audits._records import (
        AUDIT,
        TRANSPORT,
        AuditAnswer,
        Validation,
        drop_validation,
        keep_rows,
        keep_validation,
        kept_validations,
        load_rows,
        settings_of,
        this_version,
        validations_folder,
    )
    from peerwatch.audits._set import KnownEpisode, audit_set, audited_episodes, scripted_material
    from peerwatch.audits._standing import BOUND, LEAST, standings
else:
    __getattr__ = on_first_use(__name__)

__all__ = [
    "TRANSPORT",
    # episodes whose words are known
    "KnownEpisode",
    "audit_set",
    "audited_episodes",
    "scripted_material",
    # what masking leaves
    "MASK_LEVELS",
    "MaskCheck",
    "Separation",
    "SeparationText",
    "check_mask",
    "separation",
    # asking judges about them
    "audit",
    "auditing",
    # how they answered
    "FAULTS",
    "Fault",
    "QuestionCount",
    "counted",
    "worst",
    # what is kept
    "AUDIT",
    "AuditAnswer",
    "Validation",
    "drop_validation",
    "keep_rows",
    "keep_validation",
    "kept_validations",
    "load_rows",
    "settings_of",
    "this_version",
    "validations_folder",
    # what it comes to
    "BOUND",
    "DAGGER",
    "LEAST",
    "WEIGHT",
    "JudgeStanding",
    "Mark",
    "standings",
]
