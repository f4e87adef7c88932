"""What `muster up` and `muster down` do: start a supervisor and wait for it, or end it."""

import os
import subprocess
import sys
import time
from collections.abc import Callable
from typing import Any

from muster import envoy, files, ports, state
from muster import home as homes
from muster.errors import RunnerError
from muster.home import Home

START_SECONDS = 300
STOP_SECONDS = 90


def up(home: Home, tell: Callable[[dict[str, Any]], None]) -> bool:
    """Start the platform and wait until it is healthy. False when it already ran. Raises RunnerError."""
    homes.prepare(home)
    homes.load_secrets(home)
    homes.load_admin(home)
    files.read_object(home.path / "ports.json")
    if state.is_locked(home):
        return _join(home, tell)
    left = state.stop_orphans(home)  # before the ports are looked at: these may hold them
    envoy.settings(home, ports.allocate(home))  # refuses a setting that is none before anything starts
    if left:
        tell({"message": f"stopped {left} processes that were left behind"})
    log = home.log("supervisor")
    with log.open("ab") as output:
        process = subprocess.Popen(
            [sys.executable, "-m", "muster.supervisor"],
            env={**os.environ, "MUSTER_HOME": str(home.path)},
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=subprocess.STDOUT,
            start_new_session=True,
        )
    wait(home, tell, process)
    return True


def _join(home: Home, tell: Callable[[dict[str, Any]], None]) -> bool:
    """Another `up` was faster, or the platform runs: wait until it is healthy."""
    if state.read(home).get("phase") == "stopping":
        raise RunnerError("the platform is being stopped: wait for that, then start it again")
    wait(home, tell, None)
    return False


def wait(home: Home, tell: Callable[[dict[str, Any]], None], process: subprocess.Popen[bytes] | None) -> None:
    """Wait until the supervisor says that all is healthy. Raises RunnerError with its reason when it is not."""
    deadline = time.monotonic() + START_SECONDS
    while time.monotonic() < deadline:
        ended = process.poll() is not None if process else not state.is_locked(home)
        record = state.read(home)
        mine = process is None or record.get("supervisor", {}).get("pid") == process.pid
        if mine and record.get("phase") == "running":
            return
        if ended:
            if mine and record.get("message"):
                raise RunnerError(record["message"])
            if process and process.returncode == 0 and state.is_locked(home):
                process = None  # another `up` took the home in the same moment
                continue
            log = home.log("supervisor")
            raise RunnerError(f"the supervisor ended: {files.telling(files.recent(log))} (log: {log})")
        if mine:
            tell(record)
        time.sleep(0.1)
    raise RunnerError(f"not healthy after {START_SECONDS} s: see `muster status` and {home.path / 'logs'}")


def down(home: Home) -> bool:
    """Stop the platform, or what a killed supervisor left. False when nothing ran. Raises RunnerError."""
    if not home.path.exists():
        return False
    if not state.is_locked(home):
        return bool(state.stop_orphans(home))
    process = state.supervisor(home)
    if process is None:
        raise RunnerError(f"{home.lock_file} is held, and not by a supervisor that wrote its state: try again")
    process.terminate()
    deadline = time.monotonic() + STOP_SECONDS
    while time.monotonic() < deadline:
        if not state.is_locked(home):
            return True
        time.sleep(0.05)
    raise RunnerError(f"the supervisor (process {process.pid}) has not ended after {STOP_SECONDS} s")


def running(home: Home) -> dict[str, Any]:
    """The state of a running platform. Raises RunnerError when it does not run."""
    record = state.read(home)
    if state.supervisor(home) is None or not record.get("urls"):
        raise RunnerError(f"no platform runs in {home.path}: start it with `muster up`")
    return record
