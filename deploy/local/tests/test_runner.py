import json
import os
import shutil
import signal
import socket
import stat
import subprocess
import sys
import time
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing

import psutil
import pytest
from muster import files
from muster.services import SERVICES

pytestmark = [pytest.mark.platform, pytest.mark.xdist_group("runner")]

PROCESSES = {"supervisor", "postgres", "nats", *SERVICES, "gateway"}


def mode(path):
    return stat.S_IMODE(path.stat().st_mode)


def one_line(done):
    lines = done.stderr.strip().splitlines()
    assert done.returncode == 1
    assert len([line for line in lines if line.startswith("muster: ")]) == 1
    assert "Traceback" not in done.stderr
    return lines[-1]


def test_up_leaves_everything_healthy_and_says_where(platform):
    shown = platform.status()
    assert shown["healthy"]
    assert set(shown["components"]) == PROCESSES
    assert shown["urls"]["gateway"] == f"http://127.0.0.1:{platform.port}"
    for path in ("/healthz", "/readyz", "/docs", "/openapi.json"):
        assert platform.get(f"{shown['urls']['gateway']}{path}")[0] == 200
    for name in ("console", "mail", "traces"):
        assert platform.get(shown["urls"][name])[0] == 200


def test_secrets_are_for_their_owner_only(platform):
    for name in ("secrets.json", "admin.json", "nats/nats.conf", "envoy/envoy.yaml", "state.json"):
        assert mode(platform.home / name) == 0o600
    assert mode(platform.home) == 0o700
    admin = json.loads((platform.home / "admin.json").read_text())
    assert set(admin) == {"email", "password"}
    shown = platform.run("up").stdout + platform.run("status").stdout
    assert admin["password"] not in shown


def test_up_twice_says_so_and_changes_nothing(platform):
    before = platform.status()["components"]
    done = platform.run("up")
    assert done.returncode == 0
    assert "already up" in done.stdout
    after = platform.status()["components"]
    assert {name: part["pid"] for name, part in after.items()} == {name: part["pid"] for name, part in before.items()}


def test_an_idle_platform_fits_in_one_gibibyte(platform):
    assert platform.status()["resident"] <= 1024**3


def test_what_died_comes_back(platform):
    names = ("postgres", "nats", "gateway", "identity", "notifications")
    old = {name: platform.pid(name) for name in names}
    for pid in old.values():
        os.kill(pid, signal.SIGKILL)
    time.sleep(0.5)
    platform.wait_healthy(60)
    for name in names:
        assert platform.pid(name) != old[name]
        assert platform.status()["components"][name]["restarts"] >= 1


def test_what_is_alive_but_not_well_is_restarted(platform):
    old = platform.pid("nats")
    os.kill(old, signal.SIGSTOP)
    deadline = time.monotonic() + 40
    while platform.pid("nats") == old and time.monotonic() < deadline:
        time.sleep(0.5)
    assert platform.pid("nats") != old
    platform.wait_healthy(60)


def test_restart_ends_one_process_and_it_comes_back(platform):
    old = platform.pid("orgs")
    assert platform.run("restart", "orgs").returncode == 0
    deadline = time.monotonic() + 20
    while platform.pid("orgs") in {old, None} and time.monotonic() < deadline:
        time.sleep(0.2)
    platform.wait_healthy(60)
    assert platform.pid("orgs") != old


def test_after_kill_9_of_everything_up_starts_it_again_with_its_data_and_once_if_called_twice(platform):
    before = (platform.home / "secrets.json").read_text()
    parts = [psutil.Process(part["pid"]) for part in platform.status()["components"].values()]
    for part in parts:
        part.kill()
    psutil.wait_procs(parts, timeout=20)
    assert platform.status()["phase"] == "killed"
    with ThreadPoolExecutor() as pool:
        both = list(pool.map(lambda _: platform.run("up"), range(2)))
    assert [done.returncode for done in both] == [0, 0], [done.stderr for done in both]
    assert platform.status()["healthy"]
    assert (platform.home / "secrets.json").read_text() == before


def test_after_kill_9_of_the_supervisor_up_replaces_what_it_left(platform):
    old = platform.status()["components"]
    os.kill(old["supervisor"]["pid"], signal.SIGKILL)
    done = platform.run("up")
    assert done.returncode == 0, done.stderr
    assert "left behind" in done.stderr
    new = platform.status()["components"]
    assert not {part["pid"] for part in old.values()} & {part["pid"] for part in new.values()}


def test_two_homes_run_side_by_side_also_where_a_path_is_too_long_for_a_socket(platform, make):
    other = make("a-long-name-" * 12)
    other.up()
    assert platform.status()["healthy"]
    assert other.status()["healthy"]
    done = other.run("down")
    assert (done.returncode, done.stdout.strip()) == (0, "Muster is down.")
    assert other.processes() == []
    assert platform.status()["healthy"]
    done = other.run("down")
    assert (done.returncode, done.stdout.strip()) == (0, "Muster was not up.")


def test_a_port_in_use_is_one_line(make):
    runner = make("port")
    with closing(socket.socket()) as taken:
        taken.bind(("127.0.0.1", runner.port))
        taken.listen()
        line = one_line(runner.run("up"))
    assert f"port {runner.port} is in use" in line
    assert "MUSTER_PORT" in line


@pytest.mark.parametrize("port", ["abc", "0", "65536", "-1"])
def test_a_port_that_is_none_is_one_line(make, port):
    assert "MUSTER_PORT" in one_line(make("none").run("up", MUSTER_PORT=port))


@pytest.mark.parametrize("name", ["MUSTER_RATE_LIMIT", "MUSTER_TRACE_RATIO"])
def test_a_setting_that_is_no_number_is_one_line(make, name):
    line = one_line(make("setting").run("up", **{name: "many"}))
    assert f"{name} is 'many'" in line


@pytest.mark.parametrize("name", ["secrets.json", "ports.json", "admin.json"])
def test_a_broken_file_is_one_line_that_names_it(make, name):
    runner = make("broken")
    runner.home.mkdir(parents=True)
    (runner.home / name).write_text('{"a": ')
    line = one_line(runner.run("up"))
    assert str(runner.home / name) in line
    assert "line 1" in line


def test_lost_secrets_are_not_made_anew_over_existing_data(make):
    runner = make("lost")
    (runner.home / "postgres").mkdir(parents=True)
    assert "restore it" in one_line(runner.run("up"))
    assert not (runner.home / "secrets.json").exists()


def test_a_broken_server_configuration_is_one_line_and_leaves_nothing_running(platform, make):
    runner = make("server")
    beside = shutil.ignore_patterns("*.sock", "sockets", "postmaster.pid", "pg_wal", "store", "state.json")
    shutil.copytree(platform.home, runner.home, symlinks=True, ignore=beside)
    with (runner.home / "postgres" / "postgresql.conf").open("a") as file:
        file.write("this is not = a setting\n")
    line = one_line(runner.run("up"))
    assert "postgres did not start" in line
    assert "postgresql.conf" in line
    assert runner.status()["phase"] == "failed"
    assert runner.processes() == []


def test_a_full_disk_is_one_line(tmp_path):
    small = tmp_path / "small"
    small.mkdir()
    private = ["unshare", "--mount"] if os.geteuid() == 0 else ["unshare", "--user", "--map-root-user", "--mount"]
    script = 'mount -t tmpfs -o size=24m none "$1" && exec "$2" -m muster up'
    done = subprocess.run(
        [*private, "bash", "-c", script, "bash", small, sys.executable],
        env={**os.environ, "MUSTER_HOME": str(small)},
        capture_output=True,
        text=True,
        check=False,
    )
    line = one_line(done)
    assert str(small) in line
    assert "free some space" in line


def test_a_folder_that_cannot_be_made_is_one_line(make, tmp_path):
    (tmp_path / "file").write_text("")
    assert "MUSTER_HOME" in one_line(make("file").run("up", MUSTER_HOME=str(tmp_path / "file" / "home")))


def test_a_stranger_with_a_remembered_pid_is_left_alone(make):
    runner = make("stranger")
    runner.home.mkdir(parents=True)
    stranger = subprocess.Popen(["sleep", "60"])
    try:
        old = {"pid": stranger.pid, "started": psutil.Process(stranger.pid).create_time() - 5}
        record = {"phase": "running", "supervisor": old, "components": {"orgs": old}}
        files.write_json(runner.home / "state.json", record)
        done = runner.run("down")
        assert (done.returncode, done.stdout.strip()) == (0, "Muster was not up.")
        assert stranger.poll() is None
    finally:
        stranger.kill()
        stranger.wait()


def test_commands_without_a_platform_are_one_line(make):
    runner = make("absent")
    for words in (["trace", "0" * 32], ["openapi"], ["env", "orgs"], ["restart", "orgs"], ["migrate"], ["demo"]):
        assert "muster up" in one_line(runner.run(*words))
    done = runner.run("status")
    assert done.returncode == 1
