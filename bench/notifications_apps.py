"""The service of notifications as it runs, and what it talks to, each to be served in a process of its own."""

import asyncio
import os
import sys
from typing import Any

import msgspec
from aiosmtpd import smtp as receiving
from chassis.app import build
from chassis.logs import configure
from chassis.revocations import Revocations
from chassis.runtime import Runtime
from contracts.permissions import AUTHENTICATED
from jsonapi import get
from litestar import Litestar
from notifications.deliveries.dispatch import dispatch
from notifications.notifications.listening import wake_listeners
from notifications.routes_index import ROUTES
from notifications.settings import Settings
from notifications.url_shorteners.counting import count_redirects
from testkit import principals

TYPE, VARIABLES = "sign-up-code", {"code": "482913", "organization": "Care & Co"}


@get("/constant", operation_id="readConstant", permission=AUTHENTICATED)
async def constant() -> dict[str, str]:
    """Answer the same again."""
    return {"status": "ok"}


class Taking:
    """A mail server's handler that takes every text and keeps none."""

    async def handle_DATA(self, *_: Any) -> str:  # noqa: N802 aiosmtpd's name
        """Take it."""
        return "250 taken"


def neighbours(smtp_port: int) -> Any:
    """identity, as far as this service asks it, and the mail server, in a process of their own."""

    async def answer(scope: Any, receive: Any, send: Any) -> None:
        if scope["type"] == "lifespan":
            await receive()
            loop = asyncio.get_running_loop()
            await loop.create_server(lambda: receiving.SMTP(Taking(), loop=loop), "127.0.0.1", smtp_port)
            await send({"type": "lifespan.startup.complete"})
            await receive()
            return
        while (await receive()).get("more_body"):
            pass
        body = msgspec.json.encode(_answer(scope))
        headers = [(b"content-type", b"application/json"), (b"content-length", str(len(body)).encode())]
        status = 201 if scope["method"] == "POST" else 200
        await send({"type": "http.response.start", "status": status, "headers": headers})
        await send({"type": "http.response.body", "body": body})

    return answer


def _answer(scope: Any) -> Any:
    if scope["method"] == "POST":
        return {"access-token": "internal", "expires-in": 600}
    ids = [one.removeprefix("ids=") for one in scope["query_string"].decode().split("&")]
    return {
        "data": [
            {
                "id": one,
                "attributes": {
                    "type": TYPE,
                    "channel": "email",
                    "recipient": f"{one}@example.org",
                    "locale": "en_US",
                    "variables": {**VARIABLES, "first_name": "Ada"},
                },
            }
            for one in ids
        ]
    }


def notifications_app(url: str, verifying_key: dict[str, Any], identity_url: str, smtp_port: int, sends: bool) -> Any:
    """The service without NATS; with `sends` it sends, too."""
    sys.stdout = open(os.devnull, "w")  # noqa: SIM115, PTH123
    configure("notifications", "info")

    async def keys() -> dict[str, Any]:
        return {"keys": [verifying_key]}

    settings = Settings(
        database_url=url,
        nats_url="",
        public_url=principals.ISSUER,
        identity_url=identity_url,
        service_secret="secret",
        smtp_port=smtp_port,
    )
    made: Litestar = build(
        "notifications",
        settings,
        routes=[*ROUTES, constant],
        on_start=[_beside(task) for task in (count_redirects, wake_listeners, *([dispatch] if sends else []))],
        verifier=principals.Verifier(principals.ISSUER, keys),
        revocations=Revocations(),
        connected=False,
    )
    return made


def _beside(task: Any) -> Any:
    """Run a task for as long as the process does; without NATS the chassis starts none."""

    async def start(runtime: Runtime) -> None:
        runtime.extras[task.__name__] = asyncio.create_task(task(runtime))

    return start
