"""nats-server with JetStream on loopback: one account, a user a service, nothing allowed that is not listed."""

import asyncio
import hashlib
import importlib.util
import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import aiohttp

from muster import files
from muster.component import Component, http_check, program
from muster.errors import RunnerError
from muster.home import Home
from muster.ports import HOST
from muster.services import CONSUMES


def component(home: Home, session: aiohttp.ClientSession, ports: dict[str, int]) -> Component:
    """The server as a process. After a full disk it stays sick until it is restarted, and /healthz says so."""
    check = http_check(session, f"http://{HOST}:{ports['nats-monitor']}/healthz")
    path = home.folder("nats") / "nats.conf"
    telling = ("[FTL]", "nats-server:", "[ERR]")
    return Component(
        "nats", [program("nats-server"), "-c", str(path)], check, check, port=ports["nats"], attempts=2, telling=telling
    )


async def configure(home: Home, ports: dict[str, int], passwords: dict[str, str]) -> None:
    """Write the server's configuration, in a process of its own: what makes it would double the supervisor's memory.

    Left as it is when nothing that goes into it has changed, for making it takes a second.
    """
    folder = home.folder("nats")
    order = {
        "consumes": {name: sorted(read) for name, read in CONSUMES.items()},
        "passwords": passwords,
        "store": str(folder / "store"),
        "listen": f"{HOST}:{ports['nats']}",
        "monitor": f"{HOST}:{ports['nats-monitor']}",
        "path": str(folder / "nats.conf"),
    }
    text = json.dumps(order, sort_keys=True)
    mark = hashlib.sha256(text.encode() + _source()).hexdigest()
    made_from = folder / "made-from"
    if made_from.exists() and made_from.read_text() == mark and (folder / "nats.conf").exists():
        return
    done = await asyncio.to_thread(
        subprocess.run, [sys.executable, "-m", "muster.nats"], input=text, text=True, capture_output=True, check=False
    )
    if done.returncode:
        raise RunnerError(f"NATS' configuration could not be made: {done.stderr.strip().splitlines()[-1:]}")
    made_from.write_text(mark)


def _source() -> bytes:
    """What the code that makes the configuration depends on."""
    spec = importlib.util.find_spec("messaging")
    folder = Path(spec.origin).parent if spec and spec.origin else Path()
    return b"".join(path.read_bytes() for path in sorted(folder.glob("*.py")))


def write(order: dict[str, Any]) -> None:
    """Make the configuration that `order` describes."""
    from messaging import permissions  # noqa: PLC0415 - heavy, and only for this

    consumes = {name: set(read) for name, read in order["consumes"].items()}
    text = permissions.server_config(
        consumes, order["passwords"], store=order["store"], listen=order["listen"], monitor=order["monitor"]
    )
    files.write_private(Path(order["path"]), text)


if __name__ == "__main__":
    write(json.load(sys.stdin))
