"""Reads studies from run folders and loose logs."""

import json
import platform
from collections.abc import Mapping, Sequence
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path

from peerwatch.core.log_places import ARCHIVE
from peerwatch.core.redaction import recall_hashes
from peerwatch.core.storage import LARGE, fetch
from peerwatch.judging.calibration import label_files, labels_of
from peerwatch.planning import Plan, load_plan, now
from peerwatch.records import (
    PLAN_FILE,
    Study,
    StudyError,
    Tables,
    Target,
    Validation,
    judgements_file,
    load_judgements,
    models_at,
    open_logs,
    read_place,
    read_tables,
    settings_used,
    shards_at,
    spoken,
    tables_at,
    validation_file,
)
from peerwatch.running._audits import judges_of
from peerwatch.running._merge import merge_studies, one_agent_each
from peerwatch.running._shards import fetch_logs, plan_of_shards, shards_of_run
from peerwatch.running._study import scripted, study_of


def read_studies(places: Sequence[Path], labels: Sequence[Path] = ()) -> tuple[Study, Validation | None]:
    """Read the study, labels and validation record of some places.

    Args:
        places: Folders of runs and logs, as `core.storage.place` gives them.
        labels: Label files of one set, in addition to those in the folders.

    Raises:
        LabelError: If a label file or its key cannot be used.
        LogError: If a place contains no logs, or a damaged one.
        StudyError: If several places cannot be read together, or a validation record is damaged.
        StorageError: If the store of a URL does not answer.
    """
    stored = {place: tables_at(place) for place in places}
    for place in places:
        if shards := shards_of_run(place):
            fetch_logs(place, shards, stored[place].keys())
        else:
            _fetch(place, with_logs=place not in stored[place])
        for each in (place, *shards.values()):
            recall_hashes(each)
    known = [_validation_at(place) for place in places]
    if len(places) == 1:
        return _with_labels(one_agent_each(_study(places[0], stored[places[0]])), places, labels), known[0]
    versions = {each.version for each in known if each is not None}
    rows = tuple(dict.fromkeys(row for each in known if each is not None for row in each.rows))
    # Validation results are for one version, and a page can show only one.
    validated = None not in known and len(versions) == 1
    studies = [_study(place, stored[place]) for place in places]
    study = one_agent_each(merge_studies(studies, [str(place) for place in places]))
    study = _with_labels(study, places, labels)
    return study, Validation(version=versions.pop(), rows=rows) if validated else None


def _with_labels(study: Study, places: Sequence[Path], labels: Sequence[Path]) -> Study:
    sets = [files for place in places for files in label_files(place)]
    found = tuple(labels_of([*sets, *([list(labels)] if labels else [])]))
    return study.model_copy(update={"labels": found}) if found else study


def _validation_at(place: Path) -> Validation | None:
    """The validation record of a run; of its shards, which have been validated each on its own machine, all rows.

    Raises:
        StudyError: If one is damaged.
    """
    shards = shards_at(place)
    known = [found for each in shards.values() if (found := load_validation(each)) is not None]
    if not shards or not known:
        return load_validation(place)
    rows = tuple(dict.fromkeys(row for each in known for row in each.rows))
    return known[0].model_copy(update={"rows": rows})


def load_validation(folder: Path) -> Validation | None:
    """Load the validation record of a run's folder; records without a version are ignored.

    Raises:
        StudyError: If it is damaged.
    """
    file = validation_file(folder)
    if not file.is_file():
        return None
    try:
        found = json.loads(file.read_text(encoding="utf-8"))
        return Validation.model_validate({"rows": found} if isinstance(found, list) else found)
    except ValueError as error:
        raise StudyError(f"{file} is damaged: {str(error).splitlines()[0]}. Move it away.") from error


def _fetch(place: Path, *, with_logs: bool) -> None:
    """Bring a run or loose logs to this machine."""
    fetch(place) if with_logs else fetch(place, wanted=lambda name: not name.endswith((*LARGE, ARCHIVE)))


def names_at(place: Path) -> dict[str, str]:
    """Return what the episodes at a place call their models, to each one's name for Inspect.

    Raises:
        LogError: If there is nothing there.
        StorageError: If the store of a URL does not answer.
    """
    stored = tables_at(place)
    folders = [*shards_of_run(place).values()] or [place]
    names = {name: real for each in stored.values() for name, real in each.summary.models.items()}
    rest = [folder for folder in folders if folder not in stored]
    return names | (models_at(place) if rest else {})


def _study(place: Path, stored: Mapping[Path, Tables]) -> Study:
    if shards := shards_at(place):
        plan = plan_of_shards(place, shards)
        return study_of(plan, place, _versions_of(plan), shards, stored)
    if (place / PLAN_FILE).is_file():
        plan = load_plan(place)
        return study_of(plan, place, _versions_of(plan), tables=stored)
    judgements = load_judgements(judgements_file(place))
    if place in stored:
        episodes, reading = read_tables([stored[place]])
        models = stored[place].summary.models
    else:
        logs = open_logs(place)
        episodes, reading = read_place(logs, spoken(judgements), said=True)
        models = logs.models
    return Study(
        title=f"Peerwatch logs in {place.name}",
        planned=tuple(episode.slot for episode in episodes),
        episodes=tuple(episodes),
        scripted_models=scripted(models),
        model_notes={},
        versions=_versions(),
        started="not recorded",
        finished=now(),
        judges=judges_of(place, episodes),
        judge_settings=settings_used(judgements),
        reading=reading,
        targets={model: Target(name=name) for model, name in models.items()},
    )


def _versions() -> dict[str, str]:
    found = {"python": platform.python_version()}
    for package in ("peerwatch", "inspect_ai", "xllamacpp"):
        try:
            found[package] = version(package)
        except PackageNotFoundError:
            continue  # xllamacpp is an extra
    return found


def _versions_of(plan: Plan) -> dict[str, str]:
    """The versions with which a run was made; reports may be written by a later version of Peerwatch."""
    found = _versions()
    if plan.version == found["peerwatch"]:
        return found
    return found | {"peerwatch": plan.version, "peerwatch, of this report": found["peerwatch"]}
