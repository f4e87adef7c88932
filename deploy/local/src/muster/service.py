"""A service of the platform as a process: `python -m <service> web`, with all that its environment must hold."""

import hashlib
import json
import os
import sys
from typing import Any

import aiohttp

from muster.component import Component, http_check
from muster.home import Home
from muster.ports import HOST

MAIL_FROM = "no-reply@muster.example"
SMS_DOMAIN = "sms.muster.example"


def environment(
    service: str, ports: dict[str, int], secrets: dict[str, Any], admin: dict[str, str], home: Home
) -> dict[str, str]:
    """The variables that one service is given."""
    local = f"http://{HOST}:"
    values = {
        "MUSTER_DATABASE_URL": f"postgresql://{service}:{secrets['databases'][service]}@{HOST}:{ports['postgres']}/{service}",
        "MUSTER_NATS_URL": f"nats://{HOST}:{ports['nats']}",
        "MUSTER_NATS_USER": service,
        "MUSTER_NATS_PASSWORD": secrets["nats"][service],
        "MUSTER_LISTEN_HOST": HOST,
        "MUSTER_LISTEN_PORT": str(ports[service]),
        "MUSTER_PUBLIC_URL": f"{local}{ports['gateway']}",
        "MUSTER_IDENTITY_URL": f"{local}{ports['identity']}",
        "MUSTER_ORGS_URL": f"{local}{ports['orgs']}",
        "MUSTER_AUTHZ_URL": f"{local}{ports['authz']}",
        "MUSTER_OBJECTS_URL": f"file:{home.folder('objects')}",
        "MUSTER_SERVICE_SECRET": secrets["services"][service],
        "MUSTER_OTLP_URL": f"{local}{ports['console']}",
        "MUSTER_TRACE_RATIO": os.environ.get("MUSTER_TRACE_RATIO", "1"),
        "MUSTER_LOG_LEVEL": os.environ.get("MUSTER_LOG_LEVEL", "info"),
        "MUSTER_WORKER": "inline",
    }
    if service == "identity":
        digests = {name: hashlib.sha512(secret.encode()).hexdigest() for name, secret in secrets["services"].items()}
        values |= {
            "MUSTER_SERVICE_SECRETS": json.dumps(digests),
            "MUSTER_MASTER_KEY": secrets["master_key"],
            "MUSTER_ADMIN_EMAIL": admin["email"],
            "MUSTER_ADMIN_PASSWORD": admin["password"],
        }
    if service == "notifications":
        values |= {"MUSTER_SMTP_HOST": HOST, "MUSTER_SMTP_PORT": str(ports["smtp"]), "MUSTER_MAIL_FROM": MAIL_FROM}
        values |= {"MUSTER_SMS_MAIL_DOMAIN": SMS_DOMAIN, "MUSTER_WEBHOOK_KEY": secrets["webhook_key"]}
    return values


def command(service: str, process: str) -> list[str]:
    """The command line of a service's process: web, worker or migrate."""
    return [sys.executable, "-m", service, process]


def component(
    service: str,
    session: aiohttp.ClientSession,
    ports: dict[str, int],
    variables: dict[str, str],
) -> Component:
    """The web process, with the worker inside."""
    url = f"http://{HOST}:{ports[service]}"
    return Component(
        service,
        command(service, "web"),
        ready=http_check(session, f"{url}/readyz"),
        alive=http_check(session, f"{url}/livez"),
        environment=variables,
        port=ports[service],
        start_seconds=180,  # five at once on a busy machine; one that fails ends at once
    )
