"""Running: the Inspect tasks, and the running, resuming and merging of studies."""

from typing import TYPE_CHECKING

from peerwatch.core.deferred import on_first_use

if TYPE_CHECKING:
    from peerwatch.running._audits import audit_line, judges_of
    from peerwatch.running._kubernetes import JobRequest, kubernetes_job
    from peerwatch.running._merge import merge_studies, one_agent_each
    from peerwatch.running._model_factory import open_model, patience
    from peerwatch.running._models import Models, bounded_call, open_models
    from peerwatch.running._probe import probe
    from peerwatch.running._process_share import Share
    from peerwatch.running._progress import RunStatus, shortened
    from peerwatch.running._run import Limits, prepare_run, run_plan
    from peerwatch.running._scripted_histories import play_acts
    from peerwatch.running._shards import (
        begin_shard,
        check_beside,
        end_shard,
        is_finished,
        shard_plan,
        shard_slots,
        shard_worlds,
    )
    from peerwatch.running._shell_task import shell_task
    from peerwatch.running._stopping import rules_of_question
    from peerwatch.running._study import scripted, study_of
    from peerwatch.running._tasks import (
        disk_cleanup,
        folder_task,
        oversight_review,
        performance_review,
        product_report,
        scenario_task,
        server_migration,
        shutdown_switch,
    )
    from peerwatch.running._uploads import RunUpload, bring_run
else:
    __getattr__ = on_first_use(__name__)

__all__ = [
    # Judgements made after the run
    "audit_line",
    "judges_of",
    # Histories for interviews
    "play_acts",
    # Running
    "Models",
    "bounded_call",
    "open_models",
    "open_model",
    "patience",
    "probe",
    "Limits",
    "prepare_run",
    "run_plan",
    "Share",
    # shards, and runs in a store
    "JobRequest",
    "kubernetes_job",
    "RunUpload",
    "begin_shard",
    "bring_run",
    "end_shard",
    "is_finished",
    "check_beside",
    "shard_plan",
    "shard_slots",
    "shard_worlds",
    # Formatting of figures
    "RunStatus",
    "shortened",
    # Samples and tasks
    "shell_task",
    # Plans
    "rules_of_question",
    # Results
    "scripted",
    "study_of",
    "one_agent_each",
    "merge_studies",
    # Inspect tasks
    "disk_cleanup",
    "folder_task",
    "oversight_review",
    "performance_review",
    "product_report",
    "scenario_task",
    "server_migration",
    "shutdown_switch",
]
