import base64
import zlib
from datetime import UTC, datetime
from typing import Any
from uuid import UUID, uuid4

import msgspec
import pytest
from chassis.erasure import receipts
from chassis.erasure.working import step
from contracts.erasure import DeletionEnded, DeletionPurgeRequested, UserErased
from identity.deletion_requests import copies
from identity.deletion_requests.coordinating import Within, coordinate
from identity.deletion_requests.models import DeletionRequest
from identity.erasure import PLAN
from identity.parts import parts_of
from identity_world import PASSWORD, World, new
from sqlalchemy import select

OTHERS = ("orgs", "authz", "artifacts", "notifications")


class Saga:
    """A request about a participant, and the services that report."""

    def __init__(self, world: World, request: dict[str, Any], username: str) -> None:
        self.world = world
        self.id = request["id"]
        self.username = username
        self.user_id = UUID(request["attributes"]["user-id"])
        self.references = {one["app"]: one["reference-id"] for one in request["attributes"]["progress"]}

    async def ordered(self) -> list[str]:
        await coordinate(self.world.runtime)
        return [event.app for event in await self.world.events(DeletionPurgeRequested)]

    async def report(self, app: str, service: str | None = None, **said: Any) -> int:
        at = datetime.now(UTC)
        receipt = receipts.made(UUID(self.id), app, at, {"people": 1})
        body = {"reference-id": self.references[app], "state": "done", "receipt": msgspec.to_builtins(receipt)} | said
        client = self.world.client.as_service(service or app)
        return (await client.post(f"/v1/deletion-requests/{self.id}/update-status/", json=body)).status_code

    async def erase_identity(self) -> None:
        await coordinate(self.world.runtime)
        while await step(self.world.runtime, PLAN, Within(), 0):
            pass

    async def read(self, service: str | None = None) -> dict[str, Any]:
        client = self.world.client.as_service(service) if service else self.world.client.as_operator()
        answer = await client.get(f"/v1/deletion-requests/{self.id}/")
        return answer.json()["data"]["attributes"]

    async def states(self) -> dict[str, str]:
        return {one["app"]: one["state"] for one in (await self.read())["progress"]}


async def begun(world: World, **attributes: Any) -> Saga:
    username, user_id = await world.confirmed()
    body = {"type": "user", "user-id": str(user_id), **attributes}
    answer = await world.client.as_operator().post("/v1/deletion-requests/", json=new("deletion-requests", body))
    assert answer.status_code == 201, answer.text
    return Saga(world, answer.json()["data"], username)


async def test_services_erase_in_stages_and_identity_is_the_last(world: World) -> None:
    saga = await begun(world)
    assert await saga.ordered() == ["orgs"]
    assert (await saga.read())["status"] == "running"
    assert await saga.report("orgs") == 201
    assert sorted(await saga.ordered()) == sorted(OTHERS)
    for app in OTHERS[1:]:
        assert await saga.report(app) == 201
    assert (await saga.states())["identity"] == "running"
    assert (await saga.read("orgs"))["person"]["addresses"] == [saga.username]
    await saga.erase_identity()
    done = await saga.read()
    assert (done["status"], done["email"]) == ("done", None)
    assert {one["state"] for one in done["progress"]} == {"done"}
    for one in done["progress"]:
        receipt = msgspec.convert(one["receipt"], receipts.Receipt, strict=False)
        assert receipt.digest == receipts.digest(UUID(saga.id), one["app"], receipt.erased_time, receipt.counts)
    assert done["progress"][-1]["receipt"]["counts"]["users"] == 1
    assert [event.user_id for event in await world.events(UserErased)] == [saga.user_id]
    assert [event.status for event in await world.events(DeletionEnded)] == ["done"]
    found = await world.client.as_operator().get(f"/v1/deletion-requests/?user-email={saga.username}")
    assert [row["id"] for row in found.json()["data"]] == [saga.id]


async def test_identity_keeps_nothing_of_the_person(world: World) -> None:
    saga = await begun(world)
    await world.post("/v1/forgot-password/", {"username": saga.username})
    await world.sign_up(saga.username)
    await saga.ordered()
    for app in OTHERS:
        await saga.report(app)
    await saga.erase_identity()
    assert (await saga.read())["status"] == "done"
    tables = await world.rows("SELECT table_name AS name FROM information_schema.tables WHERE table_schema = 'public'")
    left = []
    for (table,) in tables:
        rows = await world.rows(
            f"SELECT t::text AS row FROM {table} AS t WHERE t::text ILIKE :mark", mark=f"%{saga.username}%"
        )
        left += [(table, row.row) for row in rows]
    assert left == []
    again = await world.confirmed(saga.username)
    assert again[1] != saga.user_id


async def test_a_report_counts_once_and_only_from_the_service_itself(world: World) -> None:
    saga = await begun(world)
    await saga.ordered()
    assert await saga.report("orgs", service="authz") == 404
    assert await saga.report("orgs", **{"reference-id": str(uuid4())}) == 404
    forged = {"erased-time": "2026-01-01T00:00:00Z", "counts": {"people": 9}, "digest": "0" * 64}
    assert await saga.report("orgs", receipt=forged) == 400
    assert await saga.report("orgs", state="gone") == 400
    assert (await saga.states())["orgs"] == "running"
    assert await saga.report("orgs", anything="else") == 201
    first = (await saga.read())["progress"][0]["receipt"]
    assert await saga.report("orgs") == 201
    assert (await saga.read())["progress"][0]["receipt"] == first


async def test_who_does_not_report_is_told_again_and_given_up_after_a_day(world: World) -> None:
    saga = await begun(world)
    assert await saga.ordered() == ["orgs"]
    assert await saga.ordered() == ["orgs"]
    await world.rows("UPDATE deletion_steps SET next_attempt_at = now() - interval '1 second' WHERE app = 'orgs'")
    assert await saga.ordered() == ["orgs", "orgs"]
    await world.rows("UPDATE deletion_steps SET started_at = now() - interval '25 hours' WHERE app = 'orgs'")
    assert await saga.ordered() == ["orgs", "orgs"]
    assert ((await saga.read())["status"], (await saga.states())["orgs"]) == ("failed", "failed")
    assert [event.status for event in await world.events(DeletionEnded)] == ["failed"]
    assert (await world.client.as_operator().get(f"/v1/users/{saga.user_id}/")).status_code == 404
    attributes = {
        "entity-type": "user",
        "entity-id": str(saga.user_id),
        "reference-id": saga.references["orgs"],
        "request-id": saga.id,
    }
    operator = world.client.as_operator()
    answer = await operator.post("/v1/purge-data/", json=new("system-purges", attributes))
    assert (answer.status_code, answer.content) in ((201, b"null"), (201, b""))
    assert ((await saga.read())["status"], (await saga.states())["orgs"]) == ("running", "running")
    assert await saga.report("orgs") == 201
    again = await operator.post("/v1/purge-data/", json=new("system-purges", attributes))
    assert again.status_code == 409


@pytest.mark.parametrize(
    ("change", "status"),
    [
        ({"entity-id": str(UUID(int=7))}, 409),
        ({"entity-type": "individual"}, 409),
        ({"archive": True}, 409),
        ({"reference-id": str(UUID(int=7))}, 404),
        ({"request-id": str(UUID(int=7))}, 404),
        ({"entity-type": "group"}, 400),
    ],
)
async def test_an_order_has_to_fit_the_request(world: World, change: dict[str, Any], status: int) -> None:
    saga = await begun(world)
    attributes = {
        "entity-type": "user",
        "entity-id": str(saga.user_id),
        "reference-id": saga.references["orgs"],
        "request-id": saga.id,
    } | change
    answer = await world.client.as_operator().post("/v1/purge-data/", json=new("system-purges", attributes))
    assert answer.status_code == status, answer.text


async def test_the_copy_is_sealed_and_only_the_master_key_opens_it(world: World) -> None:
    saga = await begun(world, archive=True)
    await saga.ordered()
    plain = b'{"people": [{"email": "%s"}]}' % saga.username.encode()
    packed = base64.b64encode(zlib.compress(plain)).decode()
    for _ in range(2):
        assert await saga.report("orgs", state="running", receipt=None, part=0, copy=packed) == 201
    assert await saga.report("orgs", state="running", receipt=None, part=1, copy="no base64!") == 400
    bomb = base64.b64encode(zlib.compress(bytes(32 * 1024 * 1024))).decode()
    assert await saga.report("orgs", state="running", receipt=None, part=1, copy=bomb) == 400
    for app in OTHERS:
        await saga.report(app)
    await saga.erase_identity()
    async with world.runtime.sessions.begin() as session:
        request = (await session.scalars(select(DeletionRequest).where(DeletionRequest.id == UUID(saga.id)))).one()
        found = await copies.opened(session, parts_of(world.runtime).vault, request)
    assert found["orgs"] == [plain]
    own = msgspec.json.decode(found["identity"][0])
    assert own["users"][0]["username"] == saga.username
    assert "password_hash" not in own["users"][0]
    sealed = await world.rows("SELECT sealed FROM deletion_copies")
    assert all(saga.username.encode() not in row.sealed for row in sealed)
    assert PASSWORD.encode() not in b"".join(row.sealed for row in sealed)


async def test_no_copy_is_taken_where_none_was_asked_for(world: World) -> None:
    saga = await begun(world)
    await saga.ordered()
    packed = base64.b64encode(zlib.compress(b"{}")).decode()
    assert await saga.report("orgs", state="running", receipt=None, part=0, copy=packed) == 409
