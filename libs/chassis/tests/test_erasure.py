"""The worker of an erasure against an identity that answers over HTTP, and a table of people."""

import base64
import contextlib
import json
import zlib
from collections.abc import AsyncIterator
from typing import Any
from uuid import UUID, uuid4

import messaging.migrations
import msgspec
import pytest
import pytest_asyncio
from aiohttp import web
from chassis import migrations
from chassis.erasure import Blanked, Gone, Plan, consumers
from chassis.erasure.carrying_out import parts
from chassis.erasure.orders import is_erased
from chassis.erasure.receipts import Receipt, digest
from chassis.erasure.reporting import OverHttp
from chassis.erasure.working import step
from contracts.erasure import DeletionPurgeRequested
from litestar import Litestar
from messaging import failpoints
from sqlalchemy import text

PLAN = Plan(
    erased=(
        Gone("notes", "user_id = :user_id"),
        Blanked("acts", "user_id = :user_id", {"words": "'erased'"}),
    ),
    kept={},
)


class Operations:
    """Statements of migrations."""

    def __init__(self) -> None:
        self.statements: list[Any] = []

    def execute(self, statement: Any) -> None:
        self.statements.append(statement)


class Identity:
    """identity, as far as an erasure asks it."""

    def __init__(self, user_id: UUID) -> None:
        self.person: dict[str, Any] = {"user-id": str(user_id), "individual-ids": [], "addresses": ["a_b@mail.example"]}
        self.heard: list[dict[str, Any]] = []
        self.status = 201

    def application(self) -> web.Application:
        made = web.Application()
        made.router.add_get("/v1/deletion-requests/{id}/", self.read)
        made.router.add_post("/v1/deletion-requests/{id}/update-status/", self.update)
        made.router.add_post("/v1/internal-auth", self.token)
        return made

    async def read(self, _: web.Request) -> web.Response:
        return web.json_response({"data": {"attributes": {"person": self.person}}})

    async def update(self, request: web.Request) -> web.Response:
        if self.status == 201:
            self.heard.append(await request.json())
        return web.json_response({}, status=self.status)

    async def token(self, _: web.Request) -> web.Response:
        return web.json_response({"access-token": "internal", "expires-in": 600}, status=201)


class World:
    """One person's rows beside another's, and the order to erase the first."""

    def __init__(self, runtime: Any, identity: Identity, user_id: UUID) -> None:
        self.runtime = runtime
        self.identity = identity
        self.user_id = user_id
        self.request_id = uuid4()
        self.reference_id = uuid4()

    async def order(self, *, archive: bool = False, app: str = "things") -> None:
        event = DeletionPurgeRequested(
            deletion_request_id=self.request_id,
            reference_id=self.reference_id,
            app=app,
            user_id=self.user_id,
            individual_ids=(),
            archive=archive,
        )
        async with self.runtime.sessions.begin() as session:
            await consumers("things")[DeletionPurgeRequested](session, event, None)  # type: ignore[arg-type]

    async def step(self, settle: float = 0.0) -> bool:
        return await step(self.runtime, PLAN, OverHttp(), settle)

    async def rows(self, statement: str) -> list[Any]:
        async with self.runtime.sessions.begin() as session:
            return list((await session.execute(text(statement), {"user_id": self.user_id})).all())

    async def now_due(self) -> None:
        async with self.runtime.sessions.begin() as session:
            await session.execute(text("UPDATE erasures SET next_attempt_at = now() - interval '1 second'"))


@pytest_asyncio.fixture
async def world(app: Litestar) -> AsyncIterator[World]:
    runtime, user_id = app.state.runtime, uuid4()
    identity = Identity(user_id)
    runner = web.AppRunner(identity.application())
    await runner.setup()
    site = web.TCPSite(runner, "127.0.0.1", 0)
    await site.start()
    url = f"http://127.0.0.1:{site._server.sockets[0].getsockname()[1]}"
    runtime.settings = msgspec.structs.replace(runtime.settings, identity_url=url)
    made = World(runtime, identity, user_id)
    operations = Operations()
    messaging.migrations.create(operations)
    migrations.add_erasures(operations)
    async with runtime.sessions.begin() as session:
        for statement in operations.statements:
            await session.execute(text(str(statement)))
        for statement in ("notes (user_id uuid, words text)", "acts (user_id uuid, words text)"):
            await session.execute(text(f"CREATE TABLE {statement}"))
        for table in ("notes", "acts"):
            await session.execute(text(f"INSERT INTO {table} VALUES (:id, 'mine'), (NULL, 'theirs')"), {"id": user_id})
        await session.execute(text("DELETE FROM idempotency_keys"))
        for key, answer in (("k1", str(user_id)), ("k2", "A_B@mail.example"), ("k3", "aXb@mail.example")):
            values = {"key": key, "answer": json.dumps({"of": answer}).encode()}
            statement = "INSERT INTO idempotency_keys VALUES ('x', 'POST /x', :key, '', now(), 201, :answer)"
            await session.execute(text(statement), values)
    yield made
    await runner.cleanup()
    async with runtime.sessions.begin() as session:
        await session.execute(text("DROP TABLE notes, acts, erasures CASCADE"))
        await session.execute(text("DELETE FROM idempotency_keys"))
        operations = Operations()
        messaging.migrations.drop(operations)
        for statement in operations.statements:
            await session.execute(text(str(statement)))


async def test_an_order_is_carried_out_looked_at_again_and_reported(world: World) -> None:
    await world.order(app="others")
    assert not await world.step()
    await world.order()
    await world.order()
    assert await world.step(settle=0.01)
    assert world.identity.heard == []
    assert await world.rows("SELECT words FROM notes") == [("theirs",)]
    assert sorted(await world.rows("SELECT words FROM acts")) == [("erased",), ("theirs",)]
    assert await world.rows("SELECT key FROM idempotency_keys") == [("k3",)]
    await world.rows("INSERT INTO notes VALUES (:user_id, 'late') RETURNING 1")
    await world.now_due()
    assert await world.step(settle=0.01)
    (said,) = world.identity.heard
    assert (said["reference-id"], said["state"]) == (str(world.reference_id), "done")
    receipt = said["receipt"]
    assert receipt["counts"] == {"notes": 2, "acts": 1, "idempotency_keys": 2}
    read = msgspec.convert(receipt, Receipt, strict=False)
    assert read.digest == digest(world.request_id, world.runtime.name, read.erased_time, read.counts)
    assert not await world.step()
    async with world.runtime.sessions.begin() as session:
        assert await is_erased(session, world.user_id)
        assert not await is_erased(session, uuid4())


async def test_who_is_told_again_looks_and_reports_again(world: World) -> None:
    await world.order()
    await world.step()
    await world.order()
    assert await world.step()
    assert [said["receipt"]["counts"] for said in world.identity.heard] == [
        {"notes": 1, "acts": 1, "idempotency_keys": 2}
    ] * 2


async def test_without_an_answer_nothing_is_lost_and_it_is_tried_again(world: World) -> None:
    world.identity.status = 500
    await world.order()
    assert await world.step()
    assert len(await world.rows("SELECT words FROM notes")) == 2
    row = (await world.rows("SELECT state, attempts, problem, next_attempt_at > now() AS later FROM erasures"))[0]
    assert tuple(row) == ("wanted", 1, "Unavailable", True)
    assert not await world.step()
    world.identity.status = 201
    await world.now_due()
    assert await world.step()
    assert len(world.identity.heard) == 1


@pytest.mark.parametrize("place", ["before_commit", "after_commit", "before_report", "after_report"])
async def test_a_step_that_ends_anywhere_is_taken_up_again(
    world: World, monkeypatch: pytest.MonkeyPatch, place: str
) -> None:
    monkeypatch.setattr(failpoints, "ARMED", {f"erasure.{place}": ("raise", 0, 1)})
    monkeypatch.setattr(failpoints, "_passed", {})
    await world.order()
    for _ in range(6):
        with contextlib.suppress(failpoints.Failpoint):
            await world.step(settle=0.01)
        await world.now_due()
    assert [tuple(row) for row in await world.rows("SELECT state, counts FROM erasures")] == [
        ("reported", {"notes": 1, "acts": 1, "idempotency_keys": 2})
    ]
    receipts = {said["receipt"]["digest"] for said in world.identity.heard}
    assert (len(receipts), len(world.identity.heard)) == (1, 2 if place == "after_report" else 1)
    assert await world.rows("SELECT words FROM notes") == [("theirs",)]


async def test_the_copy_goes_out_before_anything_is_erased(world: World) -> None:
    await world.order(archive=True)
    assert await world.step()
    copy, done = world.identity.heard
    assert (copy["state"], copy["part"], done["state"]) == ("running", 0, "done")
    kept = json.loads(zlib.decompress(base64.b64decode(copy["copy"])))
    assert kept["notes"] == [{"user_id": str(world.user_id), "words": "mine"}]
    assert kept["acts"][0]["words"] == "mine"


def test_a_long_copy_comes_in_parts() -> None:
    rows = [{"text": "x" * 100, "number": number} for number in range(100)]
    made = list(parts({"one": rows, "two": rows}, 1000))
    assert len(made) > 20
    assert all(len(part) < 1300 for part in made)
    found = [row for part in made for table in json.loads(part).values() for row in table]
    assert [row["number"] for row in found] == [*range(100), *range(100)]
