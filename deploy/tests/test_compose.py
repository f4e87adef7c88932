"""docker-compose.yml on a real engine: it comes up hardened, and passes the journeys of every other platform."""

import os
import subprocess
import sys
import time
from collections.abc import Callable

import httpx
import pytest

pytestmark = pytest.mark.containers

SERVICES = ("identity", "orgs", "authz", "artifacts", "notifications")
ONCE = {"prepare", "gateway-files", *(f"{name}-migrate" for name in SERVICES)}
RUNNING = {"postgres", "nats", "gateway", "console", *SERVICES}


def until(question: Callable[[], bool], seconds: float = 60) -> None:
    deadline = time.monotonic() + seconds
    while not question():
        assert time.monotonic() < deadline, f"not within {seconds} s"
        time.sleep(0.5)


def answers(url: str) -> bool:
    try:
        return httpx.get(url, timeout=5).status_code == 200
    except httpx.HTTPError:
        return False


@pytest.fixture(scope="session", autouse=True)
def ready(project) -> None:
    until(lambda: answers(f"{project.gateway}/readyz"))


def test_everything_runs_and_what_runs_once_has_ended_well(project) -> None:
    containers = project.containers()
    assert set(containers) == ONCE | RUNNING
    for name in ONCE:
        state = containers[name]["State"]
        assert (state["Status"], state["ExitCode"]) == ("exited", 0), name
    checked = {name: containers[name]["State"].get("Health", {}).get("Status") for name in RUNNING - {"nats"}}
    assert set(checked.values()) <= {"healthy", "starting"}, checked


@pytest.mark.parametrize("name", sorted(RUNNING))
def test_a_container_has_no_root_user_and_nowhere_to_write(project, name: str) -> None:
    one = project.containers()[name]
    users = project.processes(one["Id"])
    assert users
    assert not users & {"0", "root"}
    assert one["HostConfig"]["ReadonlyRootfs"]
    assert one["HostConfig"]["CapDrop"] == ["ALL"]
    assert not one["HostConfig"]["Privileged"]
    assert "no-new-privileges:true" in one["HostConfig"]["SecurityOpt"]
    assert one["HostConfig"]["Memory"] > 0


def test_only_the_gateway_and_the_console_are_published_and_only_to_this_machine(project) -> None:
    published = {
        name: {address["HostIp"] for addresses in one["HostConfig"]["PortBindings"].values() for address in addresses}
        for name, one in project.containers().items()
        if one["HostConfig"]["PortBindings"]
    }
    assert published == {"gateway": {"127.0.0.1"}, "console": {"127.0.0.1"}}


def test_the_gateway_reaches_no_database(project) -> None:
    networks = {name: set(one["NetworkSettings"]["Networks"]) for name, one in project.containers().items()}
    assert not networks["gateway"] & (networks["postgres"] | networks["nats"])


def test_secrets_are_in_files_only(project) -> None:
    values = {path.read_text() for path in (project.home / "secrets").iterdir() if path.name != "admin-email"}
    assert len(values) == len(SERVICES) * 3 + 6
    for name, one in project.containers().items():
        shown = "\n".join([*one["Config"]["Env"], *one["Config"]["Cmd"]])
        assert not [value for value in values if value in shown], name
    logs = project.run("logs", "--no-color")
    assert not [value for value in values if value in logs]
    assert project.home.stat().st_mode & 0o777 == 0o700


def test_documents_health_and_refusals_through_the_gateway(project) -> None:
    with httpx.Client(base_url=project.gateway, timeout=20) as gateway:
        paths = gateway.get("/openapi.json").json()["paths"]
        for one in ("/v1/login/", "/v1/individual-groups/", "/v1/roles/", "/v1/email-logs/"):
            assert one in paths
        assert gateway.get("/docs").status_code == 200
        for one in ("/v1/users/", "/v1/organizations/", "/v1/roles/", "/v1/email-logs/"):
            assert gateway.get(one).status_code == 401, one


def test_the_journeys_pass(project) -> None:
    environment = {
        **os.environ,
        "MUSTER_E2E_URL": project.gateway,
        "MUSTER_E2E_CONSOLE": project.console,
        "MUSTER_E2E_ADMIN_EMAIL": project.admin["email"],
        "MUSTER_E2E_ADMIN_PASSWORD": project.admin["password"],
    }
    command = [sys.executable, "-m", "pytest", "-p", "no:cacheprovider", "tests-e2e/test_journey.py"]
    done = subprocess.run(
        command, cwd=project.root, env=environment, capture_output=True, text=True, check=False, timeout=300
    )
    assert done.returncode == 0, done.stdout[-6000:] + done.stderr[-2000:]


def test_a_killed_service_comes_back(project) -> None:
    before = project.containers()["orgs"]
    project.kill(before["Id"])
    until(lambda: project.containers()["orgs"]["RestartCount"] > before["RestartCount"])
    until(lambda: project.containers()["orgs"]["State"]["Health"]["Status"] == "healthy")
    until(lambda: answers(f"{project.gateway}/readyz"))
    after = project.containers()["orgs"]
    assert (after["Id"], after["State"]["Status"]) == (before["Id"], "running")
    assert after["State"]["StartedAt"] > before["State"]["StartedAt"]
    assert httpx.get(f"{project.gateway}/v1/organizations/", timeout=20).status_code == 401


def test_data_outlive_the_containers(project) -> None:
    credentials = {"username": project.admin["email"], "password": project.admin["password"]}
    before = httpx.post(f"{project.gateway}/v1/login/", json=credentials, timeout=20).json()["user-id"]
    project.down()
    project.run("up", "--detach", seconds=240)
    until(lambda: answers(f"{project.gateway}/readyz"))
    answer = httpx.post(f"{project.gateway}/v1/login/", json=credentials, timeout=20)
    assert (answer.status_code, answer.json()["user-id"]) == (201, before)
