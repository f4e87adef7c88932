"""nats-server with JetStream on loopback: one account, a user a service, nothing allowed that is not listed."""

import json
from pathlib import Path
from typing import Any

import aiohttp

from muster import files
from muster.component import Component, http_check, program
from muster.home import Home
from muster.services import SERVICES

TEMPLATE = """\
# made by `muster up`; changes are lost at the next start
listen: "127.0.0.1:{port}"
http: "127.0.0.1:{monitor}"
server_name: "muster"
max_payload: 1MB
write_deadline: "5s"
max_control_line: 4KB
jetstream {{
  store_dir: {store}
  max_memory_store: 64MB
  max_file_store: 4GB
  sync_interval: always
}}
accounts {{
  MUSTER: {{
    jetstream: enabled
    users: {users}
  }}
}}
"""


def permissions(service: str) -> dict[str, Any]:
    """What a service's user may publish and subscribe to."""
    return {
        "publish": [f"evt.{service}.>", "dlq.>", "$JS.API.>", "$JS.ACK.>"],
        "subscribe": ["_INBOX.>", "$JS.EVENT.ADVISORY.>"],
    }


def configuration(home: Home, ports: dict[str, int], passwords: dict[str, str]) -> str:
    """The server's configuration file."""
    users: list[dict[str, Any]] = [{"user": "admin", "password": passwords["admin"]}]
    users += [{"user": name, "password": passwords[name], "permissions": permissions(name)} for name in SERVICES]
    return TEMPLATE.format(
        port=ports["nats"],
        monitor=ports["nats-monitor"],
        store=json.dumps(str(home.folder("nats") / "store")),
        users=json.dumps(users, indent=2).replace("\n", "\n    "),
    )


def component(
    home: Home, session: aiohttp.ClientSession, ports: dict[str, int], passwords: dict[str, str]
) -> Component:
    """The server as a process. After a full disk it stays sick until it is restarted, and /healthz says so."""
    path: Path = home.folder("nats") / "nats.conf"
    files.write_private(path, configuration(home, ports, passwords))
    check = http_check(session, f"http://127.0.0.1:{ports['nats-monitor']}/healthz")
    return Component(
        "nats",
        [program("nats-server"), "-c", str(path)],
        check,
        check,
        port=ports["nats"],
        attempts=2,
        telling=("[FTL]", "nats-server:", "[ERR]"),
    )
