"""Audits: how far the judges of a run can be relied on, found on episodes whose words are known."""

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
    # asking judges about them
    "audit",
    "auditing",
    # what masking leaves
    "MASK_LEVELS",
    "MaskCheck",
    "Separation",
    "SeparationText",
    "check_mask",
    "separation",
    # what is kept
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
    # episodes whose words are known
    "KnownEpisode",
    "audit_set",
    "audited_episodes",
    "scripted_material",
    # what it comes to
    "BOUND",
    "LEAST",
    "standings",
]
