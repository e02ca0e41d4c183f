"""Audits: the reliability of a run's judges, measured on episodes with known answers."""

from typing import TYPE_CHECKING

from peerwatch.core.deferred import on_first_use

if TYPE_CHECKING:
    from peerwatch.judging.audits._audit import audit, auditing
    from peerwatch.judging.audits._mask_check import (
        MASK_LEVELS,
        MaskCheck,
        Separation,
        SeparationText,
        check_mask,
        separation,
    )
    from peerwatch.judging.audits._records import (
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
    from peerwatch.judging.audits._set import KnownEpisode, audit_set, audited_episodes, scripted_material
    from peerwatch.judging.audits._standing import BOUND, LEAST, standings
else:
    __getattr__ = on_first_use(__name__)

__all__ = [
    # Asking judges
    "audit",
    "auditing",
    # What remains after masking
    "MASK_LEVELS",
    "MaskCheck",
    "Separation",
    "SeparationText",
    "check_mask",
    "separation",
    # Stored records
    "AUDIT",
    "AuditAnswer",
    "TRANSPORT",
    "Validation",
    "drop_validation",
    "keep_rows",
    "keep_validation",
    "kept_validations",
    "load_rows",
    "settings_of",
    "this_version",
    "validations_folder",
    # Episodes with known answers
    "KnownEpisode",
    "audit_set",
    "audited_episodes",
    "scripted_material",
    # Results
    "BOUND",
    "LEAST",
    "standings",
]
