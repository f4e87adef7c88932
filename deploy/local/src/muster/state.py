"""What is running: written by the supervisor, read by the commands; and how a process is told from a stranger."""

import fcntl
import os
import signal
from collections.abc import Iterable
from typing import IO, Any

import psutil

from muster import files
from muster.home import Home

MARK = "MUSTER_SUPERVISED"
"""Stands in the environment of every process that a supervisor starts; its value is the home."""


def read(home: Home) -> dict[str, Any]:
    """The last state written; empty when there is none."""
    return files.read_object(home.state_file)


def identify(pid: int) -> dict[str, Any]:
    """A process id with its start time: together they never name another process."""
    return {"pid": pid, "started": psutil.Process(pid).create_time()}


def find(record: dict[str, Any] | None) -> psutil.Process | None:
    """The process that a record names, if it still runs."""
    if not record or not record.get("pid"):
        return None
    try:
        process = psutil.Process(int(record["pid"]))
        same = abs(process.create_time() - float(record.get("started", 0))) < 0.02  # noqa: PLR2004 - two clock ticks
        return process if same and process.status() != psutil.STATUS_ZOMBIE else None
    except (psutil.Error, TypeError, ValueError):
        return None


def supervisor(home: Home) -> psutil.Process | None:
    """The supervisor of this home, if it lives."""
    return find(read(home).get("supervisor"))


def lock(home: Home) -> IO[str] | None:
    """Take the home for this process; None when a supervisor holds it. Keep the file open."""
    file = home.lock_file.open("a")
    try:
        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError:
        file.close()
        return None
    return file


def is_locked(home: Home) -> bool:
    """Whether a supervisor holds the home."""
    if not home.lock_file.exists():
        return False
    file = lock(home)
    if file is None:
        return True
    file.close()
    return False


def orphans(home: Home) -> list[psutil.Process]:
    """Processes that a killed supervisor left behind: those it wrote down, and those that carry the mark."""
    found = {process.pid: process for process in map(find, read(home).get("components", {}).values()) if process}
    for process in psutil.process_iter():
        try:
            if process.environ().get(MARK) == str(home.path) and process.pid != os.getpid():
                found[process.pid] = process
        except psutil.Error:
            continue  # another person's process, or one that has just ended
    return list(found.values())


def stop_orphans(home: Home) -> int:
    """End what a killed supervisor left behind, gently and then surely; answers how many there were."""
    left = orphans(home)
    for process in left:
        # PostgreSQL's fast shutdown is SIGINT: at SIGTERM it would wait for its clients
        _signal([process], signal.SIGINT if process.name() == "postgres" else signal.SIGTERM)
    _, alive = psutil.wait_procs(left, timeout=8)
    _signal(alive, signal.SIGKILL)
    psutil.wait_procs(alive, timeout=5)
    return len(left)


def _signal(processes: Iterable[psutil.Process], number: signal.Signals) -> None:
    for process in processes:
        try:
            process.send_signal(number)  # psutil compares the start time first
        except psutil.NoSuchProcess:
            continue
