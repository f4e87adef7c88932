"""Ended sessions reach a running service through a real nats-server."""

import asyncio
from collections.abc import AsyncIterator
from uuid import uuid4

import asyncpg
import pytest
import pytest_asyncio
from chassis import revocations as revocations_module
from chassis.app import build, build_worker
from chassis.principal import Principal
from chassis.revocations import Revocations
from chassis.settings import ServiceSettings
from contracts.identity import SessionEnded, TokensOutdated, UserDisabled
from database import engine, session_maker
from kernel import Unauthorized, Unavailable, now
from litestar import Litestar
from messaging import migrations
from messaging.outbox import publish
from messaging.service import Messaging
from testkit import principals
from testkit.applications import started
from testkit.client import Client

from .conftest import ROUTES


class Statements(list[str]):
    def execute(self, statement: object) -> None:
        self.append(str(statement))


@pytest_asyncio.fixture(scope="module")
async def with_outbox(database: str) -> str:
    statements = Statements()
    migrations.create(statements)
    connection = await asyncpg.connect(database)
    for statement in statements:
        await connection.execute(statement)
    await connection.close()
    return database


@pytest_asyncio.fixture
async def identity(with_outbox: str, nats_url: str) -> AsyncIterator[Messaging]:
    bind = engine(with_outbox, "identity")
    made = Messaging("identity", database_url=with_outbox, sessions=session_maker(bind), nats_url=nats_url)
    async with made:
        yield made
    await bind.dispose()


@pytest_asyncio.fixture
async def connected(identity: Messaging, with_outbox: str, nats_url: str) -> AsyncIterator[Litestar]:
    settings = ServiceSettings(
        database_url=with_outbox, nats_url=nats_url, public_url=principals.ISSUER, worker="none", pool_size=2
    )
    made = build("sample", settings, routes=ROUTES, verifier=principals.verifier())
    async with started(made):
        async with asyncio.timeout(20):
            while (await Client(made).get("/readyz")).status_code != 200:
                await asyncio.sleep(0.05)
        yield made


async def refused(client: Client) -> str:
    async with asyncio.timeout(5):
        while (answer := await client.get("/v1/things")).status_code != 401:
            await asyncio.sleep(0.01)
    return answer.json()["errors"][0]["code"]


async def test_what_identity_announces_is_obeyed(connected: Litestar, with_outbox: str) -> None:
    user_id, other_id, session_id = uuid4(), uuid4(), uuid4()
    client = Client(connected)
    ended, disabled = client.as_(session_id=session_id), client.as_(user_id=user_id)
    outdated, untouched = client.as_(user_id=other_id), client.as_()
    assert {(await one.get("/v1/things")).status_code for one in (ended, disabled, outdated, untouched)} == {200}
    bind = engine(with_outbox, "identity")
    async with session_maker(bind).begin() as session:
        await publish(session, SessionEnded(session_id=session_id, user_id=uuid4(), reason="signed-out"))
        await publish(session, UserDisabled(user_id=user_id, ended_at=now()))
        await publish(session, TokensOutdated(user_id=other_id, issued_before=now()))
    await bind.dispose()
    assert await refused(ended) == "session-ended"
    assert await refused(disabled) == "token-outdated"
    assert await refused(outdated) == "token-outdated"
    assert (await untouched.get("/v1/things")).status_code == 200
    assert (await client.as_(user_id=other_id).get("/v1/things")).status_code == 200


async def test_a_silent_feed_asks_identity_and_closes_without_an_answer(monkeypatch: pytest.MonkeyPatch) -> None:
    asked: list[str] = []
    answers: list[Exception | None] = [None, Unauthorized("ended"), Unavailable("away")]

    async def ask(principal: Principal) -> None:
        asked.append(principal.subject)
        if (answer := answers.pop(0)) is not None:
            raise answer

    monkeypatch.setattr(revocations_module, "STALE_AFTER", -1.0)
    monkeypatch.setattr(revocations_module, "ASK_AGAIN_AFTER", 60.0)
    made = Revocations(ask)
    verifier = principals.verifier()
    one, two, three = [await verifier.verify(principals.access_token()) for _ in range(3)]
    await made.check(one)
    await made.check(one)
    assert asked == [one.subject]
    with pytest.raises(Unauthorized):
        await made.check(two)
    with pytest.raises(Unavailable):
        await made.check(three)


async def test_a_worker_serves_its_health_and_metrics_and_nothing_else(with_outbox: str, nats_url: str) -> None:
    ran = asyncio.Event()

    async def beside(_: object) -> None:
        ran.set()

    settings = ServiceSettings(database_url=with_outbox, nats_url=nats_url, public_url=principals.ISSUER)
    async with started(build_worker("identity", settings, consumers=None, background=[beside])) as app:
        client = Client(app)
        await asyncio.wait_for(ran.wait(), 5)
        assert (await client.get("/readyz")).json() == {"checks": {"database": "ok"}}
        assert "muster_outbox" in (await client.get("/metrics")).text
        assert (await client.get("/openapi.json")).status_code == 404
