"""Which loopback ports a platform uses. Chosen once, kept in ports.json, changed only when others took them."""

import os
import secrets
import socket
from contextlib import closing

import psutil

from muster import files
from muster.errors import RunnerError
from muster.home import Home
from muster.services import SERVICES

HOST = "127.0.0.1"
GATEWAY_DEFAULT = 8080
NAMES = ("postgres", "nats", "nats-monitor", "console", "smtp", *SERVICES)
FIRST, LAST = 20_000, 29_999
"""Below the range from which Linux takes the ports of outgoing connections."""


def is_free(port: int) -> bool:
    """Whether a server could listen there now."""
    with closing(socket.socket(socket.AF_INET, socket.SOCK_STREAM)) as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((HOST, port))
        except OSError:
            return False
    return True


def allocate(home: Home) -> dict[str, int]:
    """Every port by name, `gateway` among them. Raises RunnerError when the gateway's is taken."""
    path = home.path / "ports.json"
    kept = files.read_object(path)
    ports = {"gateway": _gateway(kept.get("gateway"))}
    for name in NAMES:
        port = kept.get(name)
        if not isinstance(port, int) or port in ports.values() or not is_free(port):
            port = choose(set(ports.values()) | {value for value in kept.values() if isinstance(value, int)})
        ports[name] = port
    if ports != kept:
        files.write_json(path, ports)
    return ports


def _gateway(kept: object) -> int:
    text = os.environ.get("MUSTER_PORT") or str(kept or GATEWAY_DEFAULT)
    if not text.isascii() or not text.isdigit() or not 0 < int(text) < 65536:  # noqa: PLR2004 - a TCP port
        raise RunnerError(f"MUSTER_PORT is {text!r}: give a number between 1 and 65535")
    port = int(text)
    if not is_free(port):
        raise RunnerError(f"port {port} is in use{_owner(port)}: stop that, or choose another port with MUSTER_PORT")
    return port


def _owner(port: int) -> str:
    try:
        for connection in psutil.net_connections("tcp"):
            if connection.status == psutil.CONN_LISTEN and connection.laddr[1:] == (port,) and connection.pid:
                return f" by {psutil.Process(connection.pid).name()} (process {connection.pid})"
    except psutil.Error:
        pass  # only root may see other people's processes; the port alone is a clear answer, too
    return ""


def choose(avoid: set[int]) -> int:
    for _ in range(1000):
        port = FIRST + secrets.randbelow(LAST - FIRST + 1)
        if port not in avoid and is_free(port):
            return port
    raise RunnerError(f"no free port between {FIRST} and {LAST} on {HOST}: stop some servers")
