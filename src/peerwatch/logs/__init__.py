"""Logs: found, opened, and read in one way by everything that takes episodes from them."""

from typing import TYPE_CHECKING

from peerwatch._deferred import on_first_use

if TYPE_CHECKING:
    from peerwatch.agents import named
    from peerwatch.logs._files import INTERVIEWS, LogError, in_one, log_files, unread_for
    from peerwatch.logs._newest import (
        CUT,
        UNFIT,
        Newest,
        SlotKey,
        cut_off,
        newest,
        newest_in_short,
        read_samples,
        unfit,
    )
    from peerwatch.logs._open import (
        CONVERSATION,
        EVENTS,
        VERSION,
        Log,
        Logs,
        Sampled,
        moment,
        open_log,
        open_logs,
        read_log,
    )
    from peerwatch.logs._reading import Reading, ScoreOrigin, Unread
    from peerwatch.logs._scores import SCORER, Counted, counted_score
    from peerwatch.logs._served import other_models, same_model
    from peerwatch.logs._settings import (
        MODEL,
        UNSET,
        Settings,
        SettingsKey,
        differences,
        groups_of,
        key_of,
        model_of,
        settings_in,
        settings_of,
        told_apart,
    )
else:
    __getattr__ = on_first_use(__name__)

__all__ = [
    # files
    "INTERVIEWS",
    "LogError",
    "in_one",
    "log_files",
    "unread_for",
    # opening them
    "CONVERSATION",
    "EVENTS",
    "VERSION",
    "Log",
    "Logs",
    "Sampled",
    "moment",
    "open_log",
    "open_logs",
    "read_log",
    # the samples that count
    "CUT",
    "UNFIT",
    "Newest",
    "SlotKey",
    "cut_off",
    "newest",
    "newest_in_short",
    "read_samples",
    "unfit",
    # what became of the logs
    "Reading",
    "ScoreOrigin",
    "Unread",
    # the score that counts
    "SCORER",
    "Counted",
    "counted_score",
    # who was asked, and who answered
    "MODEL",
    "UNSET",
    "Settings",
    "SettingsKey",
    "differences",
    "groups_of",
    "key_of",
    "model_of",
    "named",
    "other_models",
    "same_model",
    "settings_in",
    "settings_of",
    "told_apart",
]
