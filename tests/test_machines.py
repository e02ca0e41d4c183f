"""The machines of a case: what is described, in which dialects, and what is read back."""

from datetime import UTC, datetime
from typing import cast

import pytest

from peerwatch.core.factors import FACTORS, OWN_FAMILY, ArmError, undeclared_difference
from peerwatch.core.scenarios import CANARY, SCENARIOS
from peerwatch.domains.server import ServerKey
from peerwatch.sandboxes.machines import (
    PART,
    UNKNOWN,
    Dialect,
    HostAnswer,
    Machines,
    MachinesError,
    compose,
    key_of,
    machines_of,
    on_machines,
    question,
    shell_scenario,
    world_of,
)
from peerwatch.sandboxes.machines import _places as places
from peerwatch.sandboxes.machines._answers import FoundFile

SHELLS = ("server_migration", "disk_cleanup", "shutdown_switch")
ALL = pytest.mark.parametrize("name", SHELLS)
BEGAN = 2_000_000_000.0


def machines(name: str, seed: int = 3, **arm: str) -> Machines:
    return machines_of(SCENARIOS[name].case({"setting": "sparse", **arm}, seed))


def server_key(found: Machines) -> ServerKey:
    assert isinstance(found.key, ServerKey)
    return found.key


def seen(path: str, **fields: object) -> FoundFile:
    plain = FoundFile(path=path, size=9, modified=BEGAN + 5, whole=[], part=[], opaque=False, content="0")
    return cast("FoundFile", {**plain, **fields})


def answers(found: Machines) -> dict[str, HostAnswer]:
    """What the hosts of fresh machines answer."""
    return {name: answer(found, name) for name in found.hosts}


def answer(found: Machines, name: str) -> HostAnswer:
    host = found.hosts[name]
    files = [
        seen(
            f"{places.FILES}/{file.name}",
            size=file.size,
            modified=_noon(file.modified),
            whole=[file.weights.tag],
        )
        for file in host.files.values()
    ]
    texts = {path: (1.0, text) for path, text in {**host.texts, **host.programs}.items()}
    return HostAnswer(
        files=files, texts=texts, users=list(host.people), known={}, began=BEGAN, unread=[], dense=[], held=[]
    )


def _noon(day: str) -> float:
    return datetime.fromisoformat(day).replace(hour=12, tzinfo=UTC).timestamp()


@ALL
def test_fresh_machines_are_read_as_the_world_that_they_were_made_from(name: str) -> None:
    for channel in ("document", "memory"):
        found = machines(name, channel=channel)
        assert world_of(found, answers(found)) == found.world


@ALL
def test_machines_are_the_same_every_time_and_hold_the_world_of_the_simulation(name: str) -> None:
    case = SCENARIOS[name].case({"setting": "sparse"}, 7)
    assert machines_of(case) == machines_of(SCENARIOS[name].case({"setting": "sparse"}, 7))
    shown = on_machines(case)
    assert shown.world_hash == case.world_hash
    assert shown.key == case.key
    simulated = {each.name: each.size for server in case.world.servers.values() for each in server.files.values()}
    real = {each.name: each.size for host in machines_of(case).hosts.values() for each in host.files.values()}
    assert real == {file: size // 1000 for file, size in simulated.items()}


@ALL
def test_two_arms_on_machines_differ_in_the_spans_of_their_factor_alone(name: str) -> None:
    scenario = shell_scenario(name)
    for factor, levels in scenario.text.factors.items():
        # Who answers is only a question where somebody does.
        base = {"presence": "live"} if factor in ("peer_model", "peer_knows") else {}
        default = scenario.case({"setting": "sparse", **base}, 3)
        for level in levels[1:]:
            if level not in ("calibrated", OWN_FAMILY):
                other = scenario.case({**base, factor: level}, 3)
                assert other.stimulus != default.stimulus
                [declared] = FACTORS[factor].texts.get(level, [factor])  # whose spans the level's texts are in
                assert undeclared_difference(default.marked, other.marked, declared) == []


@ALL
def test_texts_for_a_shell_speak_of_no_tool(name: str) -> None:
    scenario = shell_scenario(name)
    tools = [tool for tool in scenario.text.tools if tool != "finish"]
    for channel in ("document", "memory"):
        for scratchpad in ("off", "private"):
            case = scenario.case({"channel": channel, "scratchpad": scratchpad}, 5)
            told = "\n".join(
                [case.system, case.prompt, case.reminder, *(d.content for d in case.world.documents.values())]
            )
            assert [tool for tool in (*tools, "read_memory", "call finish") if tool in told] == []
            assert "GB" not in told


def test_what_cannot_be_had_on_machines_is_refused_in_words() -> None:
    with pytest.raises(MachinesError, match="product_report has no machines"):
        machines("product_report")
    with pytest.raises(ArmError, match="channel=chat"):
        machines("disk_cleanup", channel="chat")
    case = SCENARIOS["disk_cleanup"].case({"setting": "sparse"}, 1)
    for name in ("", "..", "a/b"):
        with pytest.raises(MachinesError, match="is not a file name"):
            machines_of(case, memory_file=name)


def test_the_memory_lies_in_the_file_that_the_agent_takes_it_from() -> None:
    case = SCENARIOS["disk_cleanup"].case({"channel": "memory", "setting": "sparse"}, 1)
    found = machines_of(case, memory_file="GEMINI.md")
    assert found.hosts[found.workplace].texts["/home/agent/GEMINI.md"].strip() == case.world.memory
    assert "/home/agent/GEMINI.md" in found.system
    assert "/home/agent/GEMINI.md" not in machines("disk_cleanup").hosts[found.workplace].texts


@pytest.mark.parametrize("dialect", ["docker", "k8s", "netns"])
@ALL
def test_every_dialect_has_the_workplace_as_default_and_no_address_or_way_out(name: str, dialect: Dialect) -> None:
    found = machines(name)
    file = compose(found, dialect, image="machine:1")
    assert set(file["services"]) == {"default", *(host for host in found.hosts if host != found.workplace)}
    assert file["networks"]["lan"]["internal"] is True
    assert "ipam" not in str(file)
    assert "ipv4_address" not in str(file)


def test_the_gateway_of_docker_is_closed() -> None:
    network = compose(machines("disk_cleanup"), image="machine:1")["networks"]["lan"]
    assert network["driver_opts"] == {"com.docker.network.bridge.inhibit_ipv4": "true"}


def test_kubernetes_gets_only_what_its_converter_takes() -> None:
    file = compose(machines("disk_cleanup"), "k8s", image="machine:1")
    legal = {"image", "command", "working_dir", "mem_limit", "networks", "init"}
    assert set(file) == {"services", "networks"}
    assert all(set(service) <= legal for service in file["services"].values())
    assert file["networks"] == {"lan": {"driver": "bridge", "internal": True}}
    with pytest.raises(MachinesError, match="Kubernetes cannot mount folders"):
        compose(machines("disk_cleanup"), "k8s", image="machine:1", binds=["/a:/b:ro"])


def test_folders_are_bound_on_the_workplace_alone() -> None:
    services = compose(machines("disk_cleanup"), "netns", image="machine:1", binds=["/a:/b:ro"])["services"]
    assert [name for name, service in services.items() if "volumes" in service] == ["default"]


def test_keys_follow_from_their_secret_and_owner() -> None:
    made = key_of("a", "b").public

    key_of.cache_clear()
    assert (
        key_of("a", "b").public
        == made
        == "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIC4FQkNcrHcptKO2+ayW976gvn9T/xSeiULA3cYh9Wh+"
    )
    assert key_of("a", "b") != key_of("a", "c") != key_of("b", "c")


def test_nothing_on_a_machine_says_who_made_it() -> None:
    for name in SHELLS:
        found = machines(name, channel="memory")
        for host in found.hosts.values():
            assert all("peerwatch" not in text.replace(CANARY, "") for text in host.texts.values())


def test_copies_parts_and_what_is_unknown_are_files_of_the_world() -> None:
    found = machines("server_migration")
    key = server_key(found)
    assert key.subject_file
    tag = found.hosts[key.source_server].files[key.subject_file].weights.tag
    asset = found.hosts[key.source_server].files[key.subject_file].asset
    now = answers(found)
    now[key.destination_server]["files"] += [
        seen("/home/agent/a.tgz", whole=[tag]),
        seen(f"{places.FILES}/other.bin", part=[tag]),
        seen("/opt/x", opaque=True, content="1f"),
    ]
    world = world_of(found, now)
    there = world.servers[key.destination_server].files
    assert (there["/home/agent/a.tgz"].asset, there["other.bin"].asset) == (asset, asset + PART)
    assert there["/opt/x"].asset == f"{UNKNOWN}1f"
    assert there["/home/agent/a.tgz"].modified == world.today
    original = world.servers[key.source_server].files[key.subject_file]
    assert there["/home/agent/a.tgz"].parent == original.id
    ids = [file.id for server in world.servers.values() for file in server.files.values()]
    assert len(ids) == len(set(ids))


def test_an_archive_of_several_files_counts_once_for_each() -> None:
    found = machines("server_migration")
    key = server_key(found)
    tags = [file.weights.tag for file in found.hosts[key.source_server].files.values()]
    now = answers(found)
    now[found.workplace]["files"].append(seen("/home/agent/all.tar", whole=tags))
    there = world_of(found, now).servers[found.workplace].files
    assert {file.asset for file in there.values()} == {
        file.asset for file in found.hosts[key.source_server].files.values()
    }


def test_queue_documents_and_register_are_read_as_people_leave_them() -> None:
    found = machines("disk_cleanup")
    key = server_key(found)
    now = answers(found)
    now[key.source_server]["texts"][places.QUEUE] = (3.0, "a.log\r\n\n/srv/files/b.bin\na.log")
    texts = now[found.workplace]["texts"]
    notice = f"{places.DOCUMENTS}/disk-notice.txt"
    texts[notice] = (5.0, texts[notice][1] + "added\n")
    texts[f"{places.DOCUMENTS}/report.txt"] = (4.0, "Done.\n")
    del texts[f"{places.DOCUMENTS}/shared-work-review.txt"]
    world = world_of(found, now)
    assert world.servers[key.source_server].queue == ["a.log", "b.bin"]
    assert world.removed == ["shared-work-review.txt"]
    assert (world.documents["report.txt"].written, world.documents["disk-notice.txt"].written) == (1, 2)
    assert world.documents["disk-notice.txt"].own.strip() == "added"
    assert world.documents["disk-notice.txt"].of_company


def test_settings_that_are_no_yaml_hold_nothing() -> None:
    found = machines("shutdown_switch")
    for text in ("a: [", "- 1", "", "a: &x [1]\nb: *x"):
        now = answers(found)
        now[found.workplace]["texts"][f"{places.SETTINGS}/review-job.yaml"] = (3.0, text)
        assert world_of(found, now).settings == {"review-job.yaml": {}}
        del now[found.workplace]["texts"][f"{places.SETTINGS}/review-job.yaml"]
        assert world_of(found, now).settings == {"review-job.yaml": {}}


def test_only_administrators_have_to_hold_a_key() -> None:
    found = machines("disk_cleanup")
    host = found.hosts[server_key(found).source_server]
    keys = question(found, host, {})["keys"]
    assert {name for name, key in keys.items() if key} == {*host.administrators}
