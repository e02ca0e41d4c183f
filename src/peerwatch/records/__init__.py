"""Records: finding, opening and reading logs, and the files stored next to them."""

from typing import TYPE_CHECKING

from peerwatch.core.deferred import on_first_use

if TYPE_CHECKING:
    from peerwatch.records._episodes import (
        ContrastStatus,
        Episode,
        Evidence,
        ExchangeMessage,
        ExclusionRule,
        JournalLine,
        Labels,
        LockedRun,
        Passage,
        Record,
        RubricAnswers,
        Rule,
        ShardGap,
        StateChange,
        Study,
        StudyLock,
        Target,
        Validation,
        ValidationRow,
        once_per_study,
    )
    from peerwatch.records._exclusion import Exclusion
    from peerwatch.records._files import INTERVIEWS, LogError, in_one, log_files, unread_for
    from peerwatch.records._folder import LOGS, PLAN_FILE
    from peerwatch.records._judge_counts import FAULTS, Fault, QuestionCount, counted, worst
    from peerwatch.records._judge_quality import DAGGER, WEIGHT, JudgeQuality, Mark
    from peerwatch.records._judgements import (
        JUDGEMENTS,
        Judgement,
        judgements_file,
        keep,
        load_judgements,
        settings_used,
        spoken,
    )
    from peerwatch.records._ledger import LEDGER, SESSIONS, UPLOADED, Ledger, Row, all_rows, rows_in, uptime
    from peerwatch.records._newest import (
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
    from peerwatch.records._old_names import (
        VALIDATION,
        begun_under_old_names,
        is_scripted,
        new_model_name,
        validation_file,
    )
    from peerwatch.records._open import (
        CONVERSATION,
        EVENTS,
        VERSION,
        Log,
        Logs,
        Sampled,
        moment,
        open_log,
        open_logs,
    )
    from peerwatch.records._outcome import (
        AMOUNTS,
        EXTREME_AMOUNT,
        INTERFERED,
        PRIMARY,
        checked_outcome,
        outcome_in,
        outcome_parts,
        smallest_of,
    )
    from peerwatch.records._pairs import INTERFERENCE, Among, Result, counts, difference, excluded, side, value_of
    from peerwatch.records._parquet import (
        SCALE,
        EpisodeSummary,
        Tables,
        TableSummary,
        can_read_tables,
        require_tables,
        sources_at,
        tables_at,
        write_tables,
    )
    from peerwatch.records._part import StudyPart, known, no_boolean
    from peerwatch.records._read import INSTRUCTED, assets_in, axes_of, failure_in, models_at, read_episodes, read_place
    from peerwatch.records._reading import Reading, ScoreOrigin, UnreadFile, merged
    from peerwatch.records._rescore import RescoredEpisode, rescore
    from peerwatch.records._results import EndedEpisode, Key, ended, slot_key, so_far
    from peerwatch.records._scores import SCORER, EpisodeScore, counted_score
    from peerwatch.records._served import other_models, same_model
    from peerwatch.records._settings import (
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
    from peerwatch.records._shards import (
        MANIFEST_FILE,
        SHARDS,
        WHOLE_RUN,
        LogFile,
        Manifest,
        Shard,
        ShardState,
        parse_shard,
        read_manifest,
        shards_at,
    )
    from peerwatch.records._slots import Slot, heading
    from peerwatch.records._study_error import StudyError
    from peerwatch.records._table_episodes import EpisodeTable, TableEpisode, read_tables
    from peerwatch.records._unsaved import UNSAVED, UnsavedFile, UnsavedLog, complete_logs
else:
    __getattr__ = on_first_use(__name__)

__all__ = [
    # Logs that are being written
    "UNSAVED",
    "UnsavedLog",
    "UnsavedFile",
    "complete_logs",
    # Outcomes
    "StateChange",
    "ContrastStatus",
    "Validation",
    "ValidationRow",
    "Episode",
    "Evidence",
    "ExchangeMessage",
    "JournalLine",
    "RubricAnswers",
    "Labels",
    "ExclusionRule",
    "StudyLock",
    "LockedRun",
    "Passage",
    "Record",
    "Rule",
    "ShardGap",
    "Study",
    "Target",
    "once_per_study",
    "AMOUNTS",
    "EXTREME_AMOUNT",
    "INTERFERED",
    "PRIMARY",
    "checked_outcome",
    "outcome_in",
    "outcome_parts",
    "smallest_of",
    "Among",
    "INTERFERENCE",
    "Result",
    "counts",
    "difference",
    "excluded",
    "side",
    "value_of",
    "axes_of",
    "Slot",
    "heading",
    # Study files
    "Exclusion",
    "settings_used",
    "StudyError",
    # Logs
    "INTERVIEWS",
    "LogError",
    "log_files",
    "read_samples",
    "EVENTS",
    "INSTRUCTED",
    "assets_in",
    "failure_in",
    "models_at",
    "read_episodes",
    "read_place",
    "RescoredEpisode",
    "rescore",
    "EndedEpisode",
    "Key",
    "ended",
    "slot_key",
    "so_far",
    "SCORER",
    "model_of",
    # Files
    "LOGS",
    "in_one",
    "unread_for",
    # Plans
    "PLAN_FILE",
    # How judges answered
    "FAULTS",
    "Fault",
    "QuestionCount",
    "counted",
    "worst",
    # Outcomes of contrasts
    "DAGGER",
    "JudgeQuality",
    "Mark",
    "WEIGHT",
    # Judgements made after the run
    "JUDGEMENTS",
    "Judgement",
    "judgements_file",
    "keep",
    "load_judgements",
    "spoken",
    # Runs
    "Ledger",
    "Row",
    "SESSIONS",
    "LEDGER",
    "UPLOADED",
    "all_rows",
    "rows_in",
    "uptime",
    # Shards of a run
    "LogFile",
    "MANIFEST_FILE",
    "Manifest",
    "SHARDS",
    "Shard",
    "ShardState",
    "WHOLE_RUN",
    "parse_shard",
    "read_manifest",
    "shards_at",
    "CUT",
    # Samples that count
    "Newest",
    "SlotKey",
    "UNFIT",
    "cut_off",
    "newest",
    "newest_in_short",
    "unfit",
    # Names of earlier builds
    "VALIDATION",
    "begun_under_old_names",
    "is_scripted",
    "new_model_name",
    "validation_file",
    # Opening logs
    "CONVERSATION",
    "Log",
    "Logs",
    "Sampled",
    "VERSION",
    "moment",
    "open_log",
    "open_logs",
    # Base class of the parts of a study file
    "StudyPart",
    "known",
    "no_boolean",
    # How logs were read
    "Reading",
    "merged",
    "ScoreOrigin",
    "UnreadFile",
    # Scores that count
    "EpisodeScore",
    "counted_score",
    # Requested and serving models
    "other_models",
    "same_model",
    "MODEL",
    "Settings",
    "SettingsKey",
    "UNSET",
    "differences",
    "groups_of",
    "key_of",
    "settings_in",
    "settings_of",
    "told_apart",
    # tables in Parquet
    "EpisodeTable",
    "EpisodeSummary",
    "Tables",
    "TableEpisode",
    "TableSummary",
    "SCALE",
    "can_read_tables",
    "require_tables",
    "read_tables",
    "sources_at",
    "tables_at",
    "write_tables",
]
