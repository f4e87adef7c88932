"""Serving an application in a process of its own, as a service's web process does."""

import multiprocessing
import socket
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
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
