"""Serving an application in a process of its own, as a service's web process does."""

import multiprocessing
import os
import socket
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from itertools import islice
from pathlib import Path
from typing import Any

import uvicorn
from testkit.servers import free_port


def _serve(make: Callable[..., Any], port: int, arguments: tuple[Any, ...]) -> None:
    uvicorn.run(
        make(*arguments),
        host="127.0.0.1",
        port=port,
        loop="uvloop",
        http="httptools",
        log_config=None,
        access_log=False,
    )


@contextmanager
def served(make: Callable[..., Any], *arguments: Any) -> Iterator[int]:
    """The port where the application that `make(*arguments)` gives is served, until the block ends."""
    port = free_port()
    process = multiprocessing.get_context("spawn").Process(target=_serve, args=(make, port, arguments), daemon=True)
    process.start()
    try:
        _wait(port)
        yield port
    finally:
        process.terminate()
        process.join(10)


def _wait(port: int) -> None:
    deadline = time.monotonic() + 30
    while True:
        try:
            socket.create_connection(("127.0.0.1", port), timeout=1).close()
        except OSError:
            if time.monotonic() > deadline:
                raise
            time.sleep(0.05)
        else:
            return


def resident(port: int) -> float:
    """The most that the server of a port ever had resident, in MiB."""
    return int((_serving(port) / "status").read_text().split("VmHWM:")[1].split()[0]) / 1024


def processor_seconds(port: int) -> float:
    """The processor time that the server of a port has used so far, in seconds."""
    fields = (_serving(port) / "stat").read_text().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def _serving(port: int) -> Path:
    """The folder in /proc of the process that listens on a port. Raises LookupError."""
    sockets = {
        line.split()[9] for line in _tcp() if line.split()[1].endswith(f":{port:04X}") and line.split()[3] == "0A"
    }
    for folder in Path("/proc").glob("[0-9]*"):
        try:
            links = {os.readlink(one) for one in islice((folder / "fd").iterdir(), 200)}  # noqa: PTH115
        except OSError:
            continue
        if any(f"socket:[{one}]" in links for one in sockets):
            return folder
    raise LookupError(port)


def _tcp() -> list[str]:
    return Path("/proc/net/tcp").read_text().splitlines()[1:]
