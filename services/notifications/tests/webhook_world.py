"""Receivers of webhooks that misbehave as they are told, and organizations that have endpoints."""

import asyncio
from datetime import datetime, timedelta
from typing import Any, NamedTuple
from uuid import UUID, uuid4

import msgspec
from aiohttp import web
from contracts.event import Event, key
from contracts.orgs import GroupMoved
from kernel import now, uuid7
from messaging import Entry
from messaging.envelope import Envelope
from notifications.webhook_endpoints.deliveries.dispatch import run_due
from notifications.webhook_endpoints.following import taking_in
from sqlalchemy import text
from standardwebhooks import Webhook

PATH = "/v1/webhook-endpoints/"


class Call(NamedTuple):
    """What a receiver got."""

    headers: dict[str, str]
    body: bytes


class Receiver:
    """Answers 204, or what `script` says next: a status with headers and body, "slow", "close", "huge", "endless"."""

    def __init__(self) -> None:
        self.calls: list[Call] = []
        self.script: list[Any] = []
        self.arrived = asyncio.Event()
        self.under_way = self.most_under_way = 0
        self.delay = 0.0
        self.url = ""

    async def answer(self, request: web.Request) -> web.StreamResponse:
        headers = {name.lower(): value for name, value in request.headers.items()}
        self.calls.append(Call(headers, await request.read()))
        self.arrived.set()
        self.under_way += 1
        self.most_under_way = max(self.most_under_way, self.under_way)
        try:
            return await self._answer(request, self.script.pop(0) if self.script else 204)
        finally:
            self.under_way -= 1

    async def _answer(self, request: web.Request, said: Any) -> web.StreamResponse:
        await asyncio.sleep(self.delay)
        match said:
            case int():
                return web.Response(status=said)
            case (int() as status, dict() as headers):
                return web.Response(status=status, headers=headers)
            case (int() as status, bytes() as body):
                return web.Response(status=status, body=body)
            case "slow":
                await asyncio.sleep(5)
            case "close":
                request.transport.abort()
            case "huge":
                return web.Response(body=b"x" * 5_000_000)
            case "endless":
                return await self._endless(request)
        return web.Response()

    async def _endless(self, request: web.Request) -> web.StreamResponse:
        """A byte now and then, for ever."""
        response = web.StreamResponse()
        await response.prepare(request)
        while True:
            await response.write(b".")
            await asyncio.sleep(0.05)

    @property
    def ids(self) -> list[str]:
        """The ids of what came."""
        return [call.headers["webhook-id"] for call in self.calls]


class Hooks:
    """An organization, its administrator, and what a worker does."""

    def __init__(self, client: Any, neighbours: Any, receiver: Receiver) -> None:
        self.user, self.organization = uuid4(), uuid4()
        neighbours.admins.add(f"{self.user} organization:{self.organization}:write")
        self.client, self.runtime, self.receiver = client, client.app.state.runtime, receiver
        self.admin = client.as_(user_id=self.user, organization_id=self.organization, roles=("org.admin",))

    async def make(self, url: str | None = None, **attributes: Any) -> dict[str, Any]:
        """An endpoint, as the answer that makes it tells."""
        answer = await self.admin.post(PATH, json=self.body(url, **attributes))
        assert answer.status_code == 201, answer.text
        return answer.json()["data"]

    async def make_open(self) -> dict[str, Any]:
        """An endpoint, made while whatever is here may be reached."""
        before = self.runtime.settings
        self.runtime.settings = msgspec.structs.replace(before, outside_allowed="127.0.0.0/8")
        try:
            return await self.make()
        finally:
            self.runtime.settings = before

    def body(self, url: str | None = None, **attributes: Any) -> dict[str, Any]:
        """What makes an endpoint."""
        named = {name.replace("_", "-"): value for name, value in attributes.items()}
        return {"data": {"type": "webhook-endpoints", "attributes": {"url": url or self.receiver.url, **named}}}

    async def change(self, made: dict[str, Any], **attributes: Any) -> Any:
        """Change an endpoint."""
        named = {name.replace("_", "-"): value for name, value in attributes.items()}
        body = {"data": {"type": "webhook-endpoints", "id": made["id"], "attributes": named}}
        return await self.admin.patch(f"{PATH}{made['id']}/", json=body)

    def moved(self, organization_id: UUID | None = None) -> GroupMoved:
        """An event of the organization."""
        return GroupMoved(group_id=uuid4(), organization_id=organization_id or self.organization, parent_id=None)

    def entry(
        self,
        event: Event,
        *,
        event_id: UUID | None = None,
        at: datetime | None = None,
        sequence: int = 1,
        readable: bool = True,
    ) -> Entry:
        """An event as a stream brings it."""
        envelope = Envelope(
            specversion="1.0",
            id=event_id or uuid7(),
            source=f"/{event.context}",
            type=f"muster.{key(type(event))}",
            time=at or now() + timedelta(seconds=1),
            datacontenttype="application/json",
            aggregateid=event.aggregate_id,
            aggregateversion=1,
            tenantid=event.tenant_id,
            data=msgspec.Raw(msgspec.json.encode(event)),
        )
        known = event if readable else None
        return Entry(sequence=sequence, subject="", envelope=envelope, event=known, problem=None, stored_at=0.0)

    async def announce(
        self, event: Event | None = None, *, event_id: UUID | None = None, at: datetime | None = None
    ) -> UUID:
        """Let this service hear of an event; the event's id."""
        entry = self.entry(event or self.moved(), event_id=event_id, at=at)
        await taking_in(self.runtime, "orgs")([entry])
        assert entry.envelope is not None
        return entry.envelope.id

    async def work(self) -> int:
        """Send what is due."""
        return await run_due(self.runtime)

    async def tell(self, *script: Any) -> UUID:
        """One event that is sent once, to a receiver that answers so; its id."""
        self.receiver.script = list(script)
        event_id = await self.announce()
        await self.work()
        return event_id

    async def all_due(self) -> None:
        """Let waits, holds and leases end now."""
        await self.run("UPDATE webhook_deliveries SET next_attempt_at = now() WHERE status = 'pending'")
        await self.run("UPDATE webhook_endpoints SET hold_until = NULL")

    async def run(self, statement: str, **values: Any) -> None:
        """Change rows behind the service's back."""
        async with self.runtime.sessions.begin() as session:
            await session.execute(text(statement), values)

    async def rows(self, statement: str, **values: Any) -> list[Any]:
        """Look at rows."""
        async with self.runtime.sessions.begin() as session:
            return list((await session.execute(text(statement), values)).mappings())

    async def delivery(self, event_id: UUID) -> Any:
        """The row of an event that went to one endpoint."""
        (row,) = await self.rows("SELECT * FROM webhook_deliveries WHERE event_id = :id", id=event_id)
        return row

    async def endpoint(self, made: dict[str, Any]) -> dict[str, Any]:
        """An endpoint as it is read now."""
        answer = await self.admin.get(f"{PATH}{made['id']}/")
        assert answer.status_code == 200, answer.text
        return answer.json()["data"]["attributes"]

    async def log(self, made: dict[str, Any], **parameters: Any) -> list[dict[str, Any]]:
        """An endpoint's deliveries."""
        answer = await self.admin.get(f"{PATH}{made['id']}/deliveries/", params=parameters)
        assert answer.status_code == 200, answer.text
        return answer.json()["data"]

    async def events(self, name: str) -> list[Any]:
        """What was announced of this organization's endpoints."""
        return await self.rows(
            "SELECT payload FROM outbox WHERE event_type = :name AND tenant_id = :organization ORDER BY id",
            name=f"notifications.webhook_endpoint.{name}.v1",
            organization=self.organization,
        )


def verified(secret: str, call: Call) -> Any:
    """The body of a call, if the official library takes its signature."""
    return Webhook(secret).verify(call.body, call.headers)
