"""The suite's servers: mail, and stand-ins of identity and authz that speak HTTP."""

import asyncio
from collections.abc import AsyncIterator
from typing import Any
from uuid import UUID, uuid4

import msgspec
import pytest
import pytest_asyncio
from aiohttp import web
from aiosmtpd.smtp import SMTP
from contracts.identity import MessageRequested
from notifications.deliveries import commands
from notifications.deliveries.dispatch import close, make_channels, run_due
from notifications.main import create_app
from notifications.settings import Settings
from sqlalchemy import text
from testkit.fixtures import service_fixtures

KEY = "c2VhbHMgdGhlIGtleXMgb2Ygd2ViaG9va3MgaW4gdGU"
database, app, client, session, outbox, live = service_fixtures(
    "notifications", create_app, Settings, webhook_key=KEY, outside_allowed="127.0.0.0/8", quiet_hours=""
)


class Mailbox:
    """A mail server whose answers a test can choose. `script` gives the next answers at RCPT or DATA."""

    def __init__(self) -> None:
        self.mails: list[Any] = []
        self.at_rcpt: list[str] = []
        self.at_data: list[str] = []
        self.connections = 0
        self.slow = 0.0
        self.received = asyncio.Event()

    async def handle_RCPT(self, server, session, envelope, address, options) -> str:  # noqa: N802
        answer = self.at_rcpt.pop(0) if self.at_rcpt else "250 OK"
        if answer == "drop":
            server.transport.abort()
        envelope.rcpt_tos.append(address)
        return answer

    async def handle_DATA(self, server, session, envelope) -> str:  # noqa: N802
        await asyncio.sleep(self.slow)
        answer = self.at_data.pop(0) if self.at_data else "250 OK"
        if answer == "slow":
            await asyncio.sleep(0.3)
            answer = "250 OK"
        if answer == "drop":
            server.transport.abort()
        elif answer.startswith("250"):
            self.mails.append(envelope)
            self.received.set()
        if answer == "250 then drop":
            server.transport.abort()
        return answer


class Neighbours:
    """identity and authz, as far as this service asks them."""

    def __init__(self) -> None:
        self.contents: dict[str, Any] = {}
        self.users: dict[str, Any] = {}
        self.domains: dict[str, str | None] = {}
        self.status = 200
        self.admins: set[str] = set()
        self.role_users: dict[str, list[str]] = {}

    async def contents_of(self, request: web.Request) -> web.Response:
        if self.status != 200:
            return web.json_response({"errors": []}, status=self.status)
        found = [(one, self.contents[one]) for one in request.query.getall("ids") if one in self.contents]
        data = [{"id": one, "type": "message-contents", "attributes": attributes} for one, attributes in found]
        return web.json_response({"data": data, "meta": {}})

    async def user(self, request: web.Request) -> web.Response:
        attributes = self.users.get(request.match_info["id"])
        if attributes is None:
            return web.json_response({"errors": []}, status=404)
        return web.json_response({"data": {"id": request.match_info["id"], "type": "users", "attributes": attributes}})

    async def organization(self, request: web.Request) -> web.Response:
        """An organization's theme has the organization's own id here."""
        if (named := request.match_info["id"]) not in self.domains:
            return web.json_response({"errors": []}, status=404)
        theme_id = named if self.domains[named] else None
        return web.json_response({"data": {"id": named, "attributes": {"theme-id": theme_id}}})

    async def theme(self, request: web.Request) -> web.Response:
        domain = self.domains[request.match_info["id"]]
        return web.json_response({"data": {"id": request.match_info["id"], "attributes": {"domain": domain}}})

    async def users_of_role(self, request: web.Request) -> web.Response:
        users = self.role_users.get(request.query["role-id"])
        if users is None or self.status != 200:
            return web.json_response({"errors": []}, status=self.status if self.status != 200 else 404)
        return web.json_response({"data": [{"attributes": {"user": {"id": one}}} for one in users]})

    async def token(self, _: web.Request) -> web.Response:
        return web.json_response({"access-token": "internal", "expires-in": 600}, status=201)

    async def decide(self, request: web.Request) -> web.Response:
        asked = await request.json()
        pairs = {f"{asked['user-id']} {query}" for query in asked["access-query"]}
        return web.json_response({"allow": pairs <= self.admins}, status=201)


@pytest_asyncio.fixture
async def mailbox(live) -> AsyncIterator[Mailbox]:
    made = Mailbox()

    def protocol() -> SMTP:
        made.connections += 1
        return SMTP(made, enable_SMTPUTF8=True, loop=asyncio.get_running_loop())

    server = await asyncio.get_running_loop().create_server(protocol, "127.0.0.1", 0)
    runtime = live.app.state.runtime
    port = server.sockets[0].getsockname()[1]
    runtime.settings = msgspec.structs.replace(runtime.settings, smtp_port=port, smtp_timeout=2.0)
    yield made
    server.close()


@pytest_asyncio.fixture
async def neighbours(live, app) -> AsyncIterator[Neighbours]:
    made = Neighbours()
    application = web.Application()
    application.router.add_get("/v1/message-contents/", made.contents_of)
    application.router.add_get("/v1/users/{id}/", made.user)
    application.router.add_get("/v1/organizations/{id}/", made.organization)
    application.router.add_get("/v1/organization-themes/{id}/", made.theme)
    application.router.add_get("/v1/role-users/", made.users_of_role)
    application.router.add_post("/v1/internal-auth", made.token)
    application.router.add_post("/v1/authz-resource-access", made.decide)
    runner = web.AppRunner(application)
    await runner.setup()
    site = web.TCPSite(runner, "127.0.0.1", 0)
    await site.start()
    url = f"http://127.0.0.1:{site._server.sockets[0].getsockname()[1]}"
    for runtime in (live.app.state.runtime, app.state.runtime):
        runtime.settings = msgspec.structs.replace(runtime.settings, identity_url=url, authz_url=url, orgs_url=url)
    yield made
    await runner.cleanup()


class Post:
    """What tests of deliveries do: ask for messages, let workers run, look at rows."""

    def __init__(self, app, neighbours: Neighbours) -> None:
        self.runtime = app.state.runtime
        self.neighbours = neighbours

    async def ask(self, kind: str = "sign-up-code", *, content: dict[str, Any] | None = None, **event: Any) -> UUID:
        """Announce a message whose content identity has."""
        message_id = uuid4()
        channel = event.setdefault("channel", "email")
        self.neighbours.contents[str(message_id)] = {
            "recipient": {"email": "ana@example.org", "phone": "+15550100", "first-name": "Ana", "last-name": "Ruiz"},
            "type": kind,
            "channel": channel,
            "locale": "en_US",
            "variables": {"code": "482913"},
        } | (content or {})
        await self.announce(MessageRequested(message_id=message_id, type=kind, **event))
        return message_id

    async def announce(self, event: MessageRequested) -> None:
        async with self.runtime.sessions.begin() as session:
            await commands.record(session, event)

    async def work(self) -> int:
        channels = make_channels(self.runtime)
        try:
            return await run_due(self.runtime, channels)
        finally:
            await close(channels)

    async def all_due(self) -> None:
        """Let backoff and leases end now."""
        async with self.runtime.sessions.begin() as session:
            await session.execute(
                text("UPDATE deliveries SET next_attempt_at = now(), lease_until = now() WHERE status = 'pending'")
            )

    async def row(self, message_id: UUID) -> Any:
        async with self.runtime.sessions.begin() as session:
            found = await session.execute(text("SELECT * FROM deliveries WHERE message_id = :id"), {"id": message_id})
            return found.mappings().one()

    async def rows(self, statement: str, **values: Any) -> list[Any]:
        async with self.runtime.sessions.begin() as session:
            return list((await session.execute(text(statement), values)).mappings())

    async def settled(self, message_id: UUID) -> list[str]:
        """The statuses that were announced for a message."""
        rows = await self.rows(
            "SELECT payload->>'status' AS status FROM outbox WHERE payload->>'message_id' = :id ORDER BY id",
            id=str(message_id),
        )
        return [row["status"] for row in rows]


@pytest.fixture
def post(live, neighbours, mailbox) -> Post:
    _ = mailbox
    return Post(live.app, neighbours)


@pytest_asyncio.fixture(autouse=True)
async def nobody_suppressed(request) -> AsyncIterator[None]:
    """Addresses that a test had refused are sent to in the next."""
    yield
    if "post" in request.fixturenames:
        async with request.getfixturevalue("live").app.state.runtime.sessions.begin() as session:
            await session.execute(text("DELETE FROM suppressions"))
            await session.execute(text("DELETE FROM delivery_budgets"))
