"""The Kubernetes Job that runs a study in shards."""

import json
import shlex
import subprocess
from pathlib import Path
from typing import Any

import jsonschema
import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as some

from peerwatch.running._kubernetes import job_name

from .command_line import Cli

SCHEMA = json.loads((Path(__file__).parent / "data" / "kubernetes" / "job-v1.schema.json").read_text("utf-8"))
OUT = ("--out", "s3://bucket/run")


def job_in(text: str) -> dict[str, Any]:
    """The one document of a manifest, valid by the schema."""
    (job,) = yaml.safe_load_all(text)
    jsonschema.Draft202012Validator(SCHEMA).validate(job)  # pyright: ignore[reportUnknownMemberType]
    return job


def study_file(folder: Path, **changed: object) -> Path:
    arms = [{"scenarios": ["server_migration"], "levels": {"subject": ["peer", "object"], "setting": ["sparse"]}}]
    file = folder / "My Study_2.yaml"
    file.write_text(yaml.safe_dump({"models": ["peerwatch/scripted-compliant"], "arms": arms, **changed}), "utf-8")
    return file


def test_a_job_runs_each_shard_once(cli: Cli, tmp_path: Path) -> None:
    study = study_file(tmp_path, worlds=40)
    left = cli("run", study, "--kubernetes-manifest", "--shards", 8, "--image", "registry/peerwatch:1", *OUT)
    assert left.status == 0, left.err
    job = job_in(left.out)
    spec = job["spec"]
    assert (spec["completionMode"], spec["completions"], spec["parallelism"]) == ("Indexed", 8, 8)
    (container,) = spec["template"]["spec"]["containers"]
    shard = container["args"].index("--shard")
    assert container["args"][: shard + 4] == ["run", study.name, "--shard", "$(JOB_COMPLETION_INDEX)/8", *OUT]
    assert container["image"] == "registry/peerwatch:1"
    assert next(each["name"] for each in container["env"]) == "JOB_COMPLETION_INDEX"
    # The mounts and the volumes are the same.
    assert {each["name"] for each in container["volumeMounts"]} == {
        each["name"] for each in spec["template"]["spec"]["volumes"]
    }
    # How to apply it stands in the file, and beside it when the file is redirected.
    for words in ("kubectl apply", "kubectl create secret", "peerwatch report s3://bucket/run"):
        assert words in left.out
        assert words in left.err
    assert f"--from-file={shlex.quote(str(study))}" in left.err


def test_the_command_of_a_pod_starts_the_shard(cli: Cli, tmp_path: Path) -> None:
    """The words of the pod, run by a shell as Kubernetes runs them, reach the program as they were given."""
    study = study_file(tmp_path)
    job = job_in(cli("run", study, "--kubernetes-manifest", *OUT).out)
    (container,) = job["spec"]["template"]["spec"]["containers"]
    shell, option, script, name = container["command"]
    script = script.replace("/study/*", shlex.quote(str(study))).replace("exec peerwatch", "printf '%s\\n'")
    words = [word.replace("$(JOB_COMPLETION_INDEX)", "3") for word in container["args"]]
    place = tmp_path / "work"
    place.mkdir()
    said = subprocess.run([shell, option, script, name, *words], cwd=place, capture_output=True, text=True, check=True)  # noqa: S603 - as a pod does
    assert said.stdout.splitlines() == words
    assert (place / study.name).is_file()


def test_a_study_of_words_needs_no_file(cli: Cli) -> None:
    words = ("--model", "mockllm/model", "--worlds", 3, "--processes", 2, "--yes", "subject=peer,object")
    left = cli("run", *words, "--kubernetes-manifest", *OUT)
    job = job_in(left.out)
    (container,) = job["spec"]["template"]["spec"]["containers"]
    assert container["command"] == ["peerwatch"]
    assert job["spec"]["completions"] == 3
    assert container["resources"]["requests"]["cpu"] == "2"
    assert {"--yes", "subject=peer,object", "--processes"} <= set(container["args"])
    assert "configmap" not in left.out


@pytest.mark.parametrize("out", [(), ("--out", "runs/here")])
def test_pods_need_a_store(cli: Cli, out: tuple[str, ...]) -> None:
    left = cli("run", "quick", "--kubernetes-manifest", *out)
    assert left.status == 2
    assert "s3://bucket/run" in left.line


@given(some.text())
def test_every_title_makes_a_name_of_kubernetes(title: str) -> None:
    jsonschema.Draft202012Validator({**SCHEMA["$defs"]["jobName"]}).validate(job_name(title))  # pyright: ignore[reportUnknownMemberType]
