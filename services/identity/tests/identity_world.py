"""What tests of identity are about: people who sign up and in, made through HTTP; and a stand-in of orgs."""

import base64
import hashlib
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID, uuid4

import httpx
import msgspec
from aiohttp import web
from chassis.tokens import Verifier
from contracts import REGISTRY
from contracts.event import Event
from contracts.identity import MessageRequested
from identity.consumers import table
from identity.main import create_app
from identity.parts import parts_of
from identity.waiting import take_up_all
from litestar import Litestar
from messaging import Meta
from sqlalchemy import text
from testkit import principals
from testkit.client import Client

Json = dict[str, Any]

PASSWORD = "correct-Horse-battery-7"
NEW_PASSWORD = "another-Staple-mule-42"
SERVICE_SECRET = "the secret of notifications"
SETTINGS: Json = {
    "master_key": base64.urlsafe_b64encode(b"tests tests tests tests tests 32").decode(),
    "service_secrets": msgspec.json.encode(
        {"notifications": hashlib.sha512(SERVICE_SECRET.encode()).hexdigest()}
    ).decode(),
    "throttle_scale": 20.0,
    "hashing_deadline": 60.0,
}
SCHEMA = {
    "type": "object",
    "properties": {"plan": {"type": "string", "pattern": "^[a-z]+$"}, "age": {"type": "integer", "minimum": 18}},
    "required": ["plan"],
    "additionalProperties": False,
}


def make_app(settings: Any, **options: Any) -> Litestar:
    """The application; it knows the tests' key beside its own, so both kinds of token are verified."""
    made: list[Litestar] = []

    async def keys() -> Json:
        own = parts_of(made[0].state.runtime).keys.published["keys"] if made else []
        return {"keys": [*own, principals.signing_key().as_dict(private=False)]}

    made.append(create_app(settings, **{**options, "verifier": Verifier(principals.ISSUER, keys)}))
    return made[0]


class Orgs:
    """orgs, as far as identity asks it."""

    def __init__(self) -> None:
        self.organization_id = uuid4()
        self.tokens: list[str] = []
        self.individuals: dict[str, Json] = {}
        self.groups: dict[str, Json] = {}
        self.memberships: dict[tuple[str, str], Json] = {}
        self.shown: dict[str, Json] = {}

    def group(self, organization_id: UUID, *, writable: bool = True, kind: str = "regular") -> UUID:
        """A group as whoever asks sees it."""
        made = uuid4()
        place = {"organization-id": str(organization_id), "type": kind, "self-can-write": writable}
        self.groups[str(made)] = place
        return made

    def application(self) -> web.Application:
        made = web.Application()
        made.router.add_get("/v1/user-organizations/", self._list_memberships)
        made.router.add_get("/v1/individual-groups/", self._list_groups)
        made.router.add_get("/v1/organization-codes/{code}/", self._read)
        made.router.add_get("/v1/organizations/{shown}/", self._show)
        made.router.add_get("/v1/organization-themes/{shown}/", self._show)
        made.router.add_get("/v1/individuals/", self._list_individuals)
        made.router.add_get("/v1/individuals/{individual}/", self._read_individual)
        return made

    async def _show(self, request: web.Request) -> web.Response:
        identifier = request.match_info["shown"]
        if identifier not in self.shown:
            return web.json_response({"errors": []}, status=404)
        return web.json_response({"data": {"id": identifier, "attributes": self.shown[identifier]}})

    async def _list_memberships(self, request: web.Request) -> web.Response:
        found = self.memberships.get((request.query["organization-id"], request.query["user-id"]))
        return web.json_response({"data": [{"attributes": found}] if found else [], "meta": {}})

    async def _list_groups(self, request: web.Request) -> web.Response:
        wanted = [group for group in request.query.getall("ids") if group in self.groups]
        return web.json_response({"data": [{"id": one, "attributes": self.groups[one]} for one in wanted]})

    async def _list_individuals(self, request: web.Request) -> web.Response:
        wanted = [identifier for identifier in request.query.getall("ids") if identifier in self.individuals]
        rows = [{"id": one, "type": "individuals", "attributes": self.individuals[one]} for one in wanted]
        return web.json_response({"data": rows, "meta": {}})

    async def _read_individual(self, request: web.Request) -> web.Response:
        identifier = request.match_info["individual"]
        if identifier not in self.individuals:
            return web.json_response({"errors": []}, status=404)
        attributes = self.individuals[identifier]
        return web.json_response({"data": {"id": identifier, "type": "individuals", "attributes": attributes}})

    async def _read(self, request: web.Request) -> web.Response:
        self.tokens.append(request.headers.get("authorization", ""))
        code = request.match_info["code"]
        if code == "AWAY":
            return web.json_response({"errors": []}, status=500)
        if code not in {"CARE", "SCHEMA", "OLD", "CLOSED", "OPEN"}:
            return web.json_response({"errors": []}, status=404)
        expires = datetime.now(UTC) + timedelta(days=-1 if code == "OLD" else 1)
        attributes = {
            "enrollment-schema": SCHEMA if code == "SCHEMA" else None,
            "expires-at": expires.isoformat().replace("+00:00", "Z"),
            "individual-group": {"id": str(uuid4()), "name": "All"},
            "organization": {
                "id": str(self.organization_id),
                "name": "care",
                "display-name": "Care & Co",
                "is-active": code != "CLOSED",
            },
            "auto-confirm": code == "OPEN",
            "sign-up-requests-count": 0,
        }
        return web.json_response({"data": {"id": code, "type": "organization-codes", "attributes": attributes}})


class World:
    """A client of identity and what a person does with it."""

    def __init__(self, client: Client, orgs: Orgs) -> None:
        self.client = client
        self.orgs = orgs
        self.runtime = client.app.state.runtime

    async def post(self, path: str, body: Json | None = None, **options: Any) -> httpx.Response:
        return await self.client.post(path, json={} if body is None else body, **options)

    async def sign_up(self, username: str, **fields: Any) -> httpx.Response:
        body: Json = {
            "username": username,
            "password": PASSWORD,
            "organization-code": "CARE",
            "first-name": "Ada",
            "last-name": "Lovelace",
        }
        typed = {name: value for name, value in (body | kebab(fields)).items() if value is not None}
        answer = await self.post("/v1/sign-up/", typed)
        await self.settle()
        return answer

    async def settle(self) -> None:
        """Let the worker take up what waits."""
        await take_up_all(self.runtime, set())

    async def registered(self, username: str | None = None, **fields: Any) -> tuple[str, str]:
        """Somebody who signed up: their username and the code that was sent."""
        username = username or email()
        answer = await self.sign_up(username, **fields)
        assert answer.status_code == 201, answer.text
        return username, await self.code()

    async def confirmed(self, username: str | None = None, **fields: Any) -> tuple[str, UUID]:
        """Somebody who confirmed their sign-up: username and id."""
        username, code = await self.registered(username, **fields)
        answer = await self.confirm(username, code)
        assert answer.status_code == 201, answer.text
        return username, await self.user_id(username)

    async def confirm(self, username: str, code: str, **fields: Any) -> httpx.Response:
        return await self.post(
            "/v1/confirm-sign-up/", {"username": username, "confirmation-code": code} | kebab(fields)
        )

    async def sign_in(self, username: str, password: str = PASSWORD, **fields: Any) -> httpx.Response:
        headers = fields.pop("headers", None)
        body = {"username": username, "password": password} | kebab(fields)
        return await self.post("/v1/login/", body, headers=headers)

    async def signed_in(self, username: str | None = None) -> Json:
        """Somebody with tokens."""
        if username is None:
            username, _ = await self.confirmed()
        answer = await self.sign_in(username)
        assert answer.status_code == 201, answer.text
        return answer.json()

    async def refresh(self, token: str) -> httpx.Response:
        return await self.post("/v1/refresh-token/", {"refresh-token": token})

    def bearer(self, token: str) -> Client:
        return self.client.with_token(token)

    async def staff(self, organization_id: UUID, role: str = "org.member") -> UUID:
        """A staff account that belongs to an organization."""
        user_id = await self.account()
        await self.belongs(user_id, organization_id, role=role)
        return user_id

    async def account(self, **attributes: Any) -> UUID:
        """A staff account, made by the operator."""
        fields = {"email": email(), "first_name": "Grace", "last_name": "Hopper", "password": PASSWORD} | attributes
        answer = await self.client.as_operator().post("/v1/users/", json=new_user(fields))
        assert answer.status_code == 201, answer.text
        return UUID(answer.json()["data"]["id"])

    async def belongs(self, user_id: UUID, organization_id: UUID, *, role: str | None = None, **fields: Any) -> None:
        from contracts.orgs import OrganizationUserAdded

        kept = {"account_type": "provider", **fields}
        await self.hear(OrganizationUserAdded(organization_id=organization_id, user_id=user_id, role=role, **kept))

    def individual(
        self, *, owner_id: UUID, user_id: UUID | None = None, owner_type: str = "organization", **fields: Any
    ) -> UUID:
        """An individual that orgs knows."""
        identifier = uuid4()
        known = {"owner-id": str(owner_id), "owner-type": owner_type, "user-id": str(user_id) if user_id else None}
        self.orgs.individuals[str(identifier)] = known | kebab(fields)
        return identifier

    async def hear(self, event: Event) -> None:
        """Take in an event of another context."""
        meta = Meta(
            event_id=uuid4(),
            occurred_at=datetime.now(UTC),
            aggregate_version=1,
            stream="EVT_OTHER",
            sequence=1,
            tenant_id=None,
            traceparent=None,
        )
        async with self.runtime.sessions.begin() as session:
            await table[type(event)](session, event, meta)

    async def user_id(self, username: str) -> UUID:
        return (await self.rows("SELECT id FROM users WHERE username = :name", name=username))[0].id

    async def rows(self, statement: str, **values: Any) -> list[Any]:
        async with self.runtime.sessions.begin() as session:
            found = await session.execute(text(statement), values)
            return list(found) if found.returns_rows else []

    async def events(self, kind: type[Event] | None = None) -> list[Any]:
        rows = await self.rows("SELECT event_type, payload::text FROM outbox ORDER BY id")
        found = [msgspec.json.decode(payload, type=REGISTRY[name]) for name, payload in rows]
        return [event for event in found if kind is None or isinstance(event, kind)]

    async def message(self, kind: str | None = None) -> Json:
        """The newest message that was asked for, as the service that sends it reads it."""
        found = [event for event in await self.events(MessageRequested) if kind in {None, event.type}]
        assert found, "no message was asked for"
        answer = await self.client.as_service("notifications").get(f"/v1/message-contents/{found[-1].message_id}/")
        assert answer.status_code == 200, answer.text
        return answer.json()["data"]["attributes"]

    async def code(self) -> str:
        """The newest code that was sent."""
        return (await self.message())["variables"]["code"]


def email() -> str:
    return f"ada-{uuid4().hex[:12]}@example.org"


def kebab(fields: Json) -> Json:
    return {name.replace("_", "-"): value for name, value in fields.items()}


def new(kind: str, attributes: Json) -> Json:
    return {"data": {"type": kind, "attributes": attributes}}


def new_user(fields: Json) -> Json:
    return {"data": {"type": "users", "attributes": kebab(fields)}}


def change(user_id: UUID, **fields: Any) -> Json:
    return {"data": {"type": "users", "id": str(user_id), "attributes": kebab(fields)}}


def pointers(answer: httpx.Response) -> list[str]:
    return [error.get("source", {}).get("pointer") for error in answer.json()["errors"]]


def codes(answer: httpx.Response) -> list[str]:
    return [error["code"] for error in answer.json()["errors"]]
