from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID, uuid4

import msgspec
import pytest
from aiohttp import web
from contracts.orgs import OrganizationUserRemoved
from identity.anonymous_accesses import proxying
from identity_world import Json, World, codes, new, pointers
from testkit.servers import free_port

PATH = "/v1/anonymous-accesses/"


def later(**delta: int) -> str:
    return (datetime.now(UTC) + timedelta(**(delta or {"hours": 1}))).isoformat()


def endpoint(path: str, method: str = "get", service: str = "identity") -> Json:
    return {"method": method, "path": path, "service": service}


class Place:
    """A gateway before identity, a user, their administrator and a link to what the user may read."""

    def __init__(self, world: World) -> None:
        self.world, self.organization, self.asked = world, uuid4(), list[str]()

    async def made(self) -> "Place":
        self.admin = await self.world.staff(self.organization, role="org.admin")
        _, self.user = await self.world.confirmed()
        rows = await self.world.rows("DELETE FROM user_organizations WHERE user_id = :id", id=self.user)
        assert not rows
        await self.world.belongs(self.user, self.organization, account_type="patient")
        self.own = f"/v1/users/{self.user}/"
        return self

    async def pass_on(self, request: web.Request) -> web.Response:
        self.asked.append(f"{request.method} {request.raw_path}")
        sent = {"authorization": request.headers["authorization"], "content-type": "application/json"}
        answer = await self.world.client.request(
            request.method, request.raw_path, content=await request.read(), headers=sent
        )
        kind = answer.headers.get("content-type", "text/plain").split(";")[0]
        return web.Response(body=answer.content, status=answer.status_code, content_type=kind)

    async def link(self, *endpoints: Json, caller: UUID | None = None, **fields: Any) -> Any:
        attributes = {"user-id": str(self.user), "expired-at": later(), "allowed-endpoints": list(endpoints)}
        named = {name.replace("_", "-"): value for name, value in fields.items()}
        client = self.world.client.as_(user_id=caller or self.admin)
        return await client.post(PATH, json=new("anonymous-accesses", attributes | named))

    async def proxy(self, access: str, path: str, method: str = "get", **fields: Any) -> Any:
        return await self.world.post(f"{PATH}{access}/proxy/", {"endpoint": path, "method": method} | fields)


@pytest.fixture
async def place(world: World) -> AsyncIterator[Place]:
    made, application = await Place(world).made(), web.Application()
    application.router.add_route("*", "/{path:.*}", made.pass_on)
    runner, port = web.AppRunner(application), free_port()
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", port).start()
    before = world.runtime.settings
    world.runtime.settings = msgspec.structs.replace(before, gateway_url=f"http://127.0.0.1:{port}")
    yield made
    world.runtime.settings = before
    await runner.cleanup()


async def test_a_link_leads_to_what_it_allows(world: World, place: Place) -> None:
    answer = await place.link(endpoint(place.own), endpoint(place.own, "patch"))
    assert answer.status_code == 201, answer.text
    made = answer.json()["data"]
    assert UUID(made["id"]).version == 4, "the id is the link's secret and no time"
    assert made["attributes"]["allowed-endpoints"][0] == endpoint(place.own)
    got = await place.proxy(made["id"], place.own)
    assert (got.status_code, got.json()["status-code"], got.headers["cache-control"]) == (201, 200, "no-store")
    assert got.json()["json"]["data"]["id"] == str(place.user)
    body = {"data": {"type": "users", "id": str(place.user), "attributes": {"first-name": "Ada"}}}
    changed = await place.proxy(made["id"], place.own, "patch", json=body)
    assert changed.json()["json"]["data"]["attributes"]["first-name"] == "Ada"
    wrong = await place.proxy(made["id"], place.own.rstrip("/"), params={"no-such": True, "ids": [1, "b"]})
    assert (wrong.status_code, wrong.json()["status-code"]) == (201, 400)
    assert place.asked[-1] == f"GET {place.own}?no-such=true&ids=1&ids=b"
    trail = await world.rows("SELECT actor, user_id, target FROM audit_events WHERE action = 'anonymous-access-used'")
    assert {(row.actor, row.user_id) for row in trail} == {("anonymous", place.user)}
    assert made["id"] not in {row.target for row in trail}
    assert len(trail) == 3


async def test_everything_else_is_403(world: World, place: Place) -> None:
    access = (await place.link(endpoint(place.own))).json()["data"]["id"]
    user, other = str(place.user), str(place.admin)
    tricks = [
        f"/v1/users/{other}/",
        f"/v1/users/{user}/../{other}/",
        f"/v1/users/{user}/./",
        f"/v1/users/{user}//",
        f"//v1/users/{user}/",
        f"/v1//users/{user}/",
        f"/V1/users/{user}/",
        f"/v1/users/{user.upper()}/",
        f"/v1/users/{user}/?with-roles=true",
        f"/v1/users/{user}/#x",
        f"/v1/users/{user}/%2e%2e/{other}/",
        f"/v1/%75sers/{user}/",
        f"/v1/users/{user}/%2f",
        f"/v1/users/{user}\\",
        f"/v1/users/{user}/\n",
        f" /v1/users/{user}/",
        f"/v1/users/{user};x=1/",
        f"/v1/users/{user}@elsewhere.example/",
        f"http://elsewhere.example/v1/users/{user}/",
        f"@elsewhere.example/v1/users/{user}/",
        f"/v1/users/{user}/disable/",
        "/v1/users/",
        "/",
    ]
    for path in tricks:
        answer = await place.proxy(access, path)
        assert (answer.status_code, codes(answer)) == (403, ["endpoint-not-allowed"]), path
    for method in ("delete", "patch", "post"):
        assert codes(await place.proxy(access, place.own, method)) == ["endpoint-not-allowed"]
    assert (await place.proxy(access, place.own, "GET")).status_code == 400
    assert (await place.proxy(access, place.own, "put")).status_code == 400
    assert (await place.proxy(access, "x" * 256)).status_code == 400
    assert (await place.proxy(str(uuid4()), place.own)).status_code == 404
    assert place.asked == []


async def test_the_token_behind_it_is_good_for_nothing_else(world: World, place: Place) -> None:
    access = (await place.link(endpoint(place.own))).json()["data"]["id"]
    principal_of = world.runtime.verifier.verify
    tokens: list[str] = []

    async def noted(token: str) -> Any:
        tokens.append(token)
        return await principal_of(token)

    world.runtime.verifier.verify = noted
    assert (await place.proxy(access, place.own)).json()["status-code"] == 200
    world.runtime.verifier.verify = principal_of
    bearer = world.bearer(tokens[-1])
    assert (await bearer.get(place.own)).status_code == 200
    for method, path in (
        ("GET", "/v1/users/"),
        ("PATCH", place.own),
        ("GET", f"/v1/users/{place.admin}/"),
        ("POST", "/v1/authenticate/"),
        ("POST", "/v1/login/"),
        ("GET", "/v1/sessions/"),
    ):
        answer = await bearer.request(method, path, json=None if method == "GET" else {})
        assert (answer.status_code, codes(answer)) == (403, ["endpoint-not-allowed"]), path
    told = await principal_of(tokens[-1])
    assert (told.expires_at - told.issued_at).total_seconds() <= 30
    assert told.impersonator == place.admin


@pytest.mark.parametrize(
    "path",
    [
        "/v1/login/",
        "/v1/api-keys",
        "/v1/sessions/1",
        "/v1/users/../login",
        "/v1//users",
        "/v1/users/%31",
        "/v1/users?x=1",
        "/v1/.",
        "/v3/users",
        "v1/users",
        "/mcp",
        "/oauth2/token",
        "/v1/anonymous-accesses/x/proxy",
        "/v1/users/\u00e9",
        "",
    ],
)
async def test_what_no_link_leads_to(place: Place, path: str) -> None:
    answer = await place.link(endpoint(f"/v1/users/{place.user}"), endpoint(path))
    assert answer.status_code == 400
    assert pointers(answer)[0].startswith("/data/attributes/allowed-endpoints/1") or path == ""


async def test_another_service_than_the_one_named(world: World, place: Place) -> None:
    access = (await place.link(endpoint(place.own, service="orgs"))).json()["data"]["id"]
    answer = await place.proxy(access, place.own)
    assert (answer.status_code, answer.json()["status-code"]) == (201, 403)


async def test_what_is_for_the_person_alone(world: World, place: Place) -> None:
    password = f"/v1/users/{place.user}/change-password"
    access = (await place.link(endpoint(password, "post"), caller=place.user)).json()["data"]["id"]
    answer = (await place.proxy(access, password, "post", json={"new-password": "x"})).json()
    assert (answer["status-code"], answer["json"]["errors"][0]["code"]) == (403, "impersonated")


async def test_a_link_ends(world: World, place: Place) -> None:
    made = (await place.link(endpoint(place.own))).json()["data"]
    me = world.client.as_(user_id=place.admin)
    change = {"data": {"type": "anonymous-accesses", "id": made["id"], "attributes": {"expired-at": later(hours=-1)}}}
    assert (await me.patch(f"{PATH}{made['id']}/", json=change)).status_code == 200
    assert codes(await place.proxy(made["id"], place.own)) == ["access-expired"]
    change["data"]["attributes"] = {"expired-at": later(), "allowed-endpoints": [endpoint("/v1/sessions-of-mine")]}
    assert (await me.patch(f"{PATH}{made['id']}/", json=change)).status_code == 200
    assert codes(await place.proxy(made["id"], place.own)) == ["endpoint-not-allowed"]
    assert (await me.delete(f"{PATH}{made['id']}/")).status_code == 204
    assert (await place.proxy(made["id"], place.own)).status_code == 404
    made = (await place.link(endpoint(place.own))).json()["data"]
    await world.client.as_operator().post(f"/v1/users/{place.admin}/disable/", json={})
    assert codes(await place.proxy(made["id"], place.own)) == ["access-expired"], "with who made it, too"


async def test_a_link_ends_with_the_office_of_who_made_it(world: World, place: Place) -> None:
    made = (await place.link(endpoint(place.own))).json()["data"]
    assert (await place.proxy(made["id"], place.own)).status_code == 201
    await world.belongs(place.user, uuid4(), account_type="patient")
    assert codes(await place.proxy(made["id"], place.own)) == ["access-expired"], "it would reach that one, too"
    other = await Place(world).made()
    other.admin = await world.staff(other.organization, role="org.admin")
    made = (await other.link(endpoint(other.own))).json()["data"]
    await world.hear(OrganizationUserRemoved(organization_id=other.organization, user_id=other.admin))
    assert codes(await place.proxy(made["id"], other.own)) == ["access-expired"]


async def test_a_link_says_nothing_of_an_organization_that_was_left(world: World, place: Place) -> None:
    made = (await place.link(endpoint("/v1/sessions-of-mine"), caller=place.user)).json()["data"]
    row = await world.runtime.row(proxying.FIND, UUID(made["id"]))
    assert (row["counts"], row["organization_id"]) == (True, place.organization)
    await world.hear(OrganizationUserRemoved(organization_id=place.organization, user_id=place.user))
    row = await world.runtime.row(proxying.FIND, UUID(made["id"]))
    assert (row["counts"], row["organization_id"]) == (True, None)


async def test_who_makes_links_and_for_whom(world: World, place: Place) -> None:
    outsider, member = await world.staff(uuid4(), role="org.admin"), await world.staff(place.organization)
    assert (await place.link(endpoint(place.own), caller=outsider)).status_code == 404
    assert (await place.link(endpoint(place.own), caller=member)).status_code == 403
    mine = await place.link(endpoint(place.own), caller=place.user)
    assert mine.status_code == 201
    link = f"{PATH}{mine.json()['data']['id']}/"
    assert (await world.client.as_(user_id=outsider).get(link)).status_code == 404
    assert (await world.client.as_(user_id=place.admin).get(link)).status_code == 200
    assert pointers(await place.link(endpoint(place.own), expired_at=later(days=91))) == ["/data/attributes/expired-at"]
    assert pointers(await place.link(endpoint(place.own), expired_at=later(hours=-1))) == [
        "/data/attributes/expired-at"
    ]
    assert (await place.link(*[endpoint(place.own)] * 21)).status_code == 400
    operator = await world.account()
    await world.rows(
        "INSERT INTO user_roles (id, user_id, name) VALUES (:id, :user, 'system.support')", id=uuid4(), user=operator
    )
    refused = await place.link(endpoint(f"/v1/users/{operator}"), caller=operator, user_id=str(operator))
    assert codes(refused) == ["system-role"]


async def test_a_link_is_used_so_often_and_no_more(world: World, place: Place) -> None:
    access = (await place.link(endpoint(place.own))).json()["data"]["id"]
    before = world.runtime.extras["identity"].settings
    world.runtime.extras["identity"].settings = msgspec.structs.replace(before, throttle_scale=0.05)
    statuses = [(await place.proxy(access, "/v1/other")).status_code for _ in range(8)]
    world.runtime.extras["identity"].settings = before
    assert statuses[0] == 403
    assert statuses[-1] == 429


async def test_a_gateway_that_does_not_answer(world: World, place: Place) -> None:
    access = (await place.link(endpoint(place.own))).json()["data"]["id"]
    away = f"http://127.0.0.1:{free_port()}"
    world.runtime.settings = msgspec.structs.replace(world.runtime.settings, gateway_url=away)
    assert (await place.proxy(access, place.own)).status_code == 503
