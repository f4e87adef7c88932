from collections.abc import AsyncIterator, Iterator
from pathlib import Path
from typing import Annotated, Any
from uuid import UUID, uuid4

import asyncpg
import msgspec
import pytest
import pytest_asyncio
from chassis import migrations
from chassis.app import build
from chassis.arguments import Caller, FromPath, JSONBody, Parameters, Session
from chassis.revocations import Revocations
from chassis.settings import ServiceSettings
from contracts.permissions import AUTHENTICATED, OPERATOR, PUBLIC, SERVICE
from jsonapi import Paged, Text, get, post
from kernel import Conflict, NotFound
from litestar import Litestar, Response
from sqlalchemy import text
from testkit import principals
from testkit.applications import started
from testkit.client import Client


class NewThing(msgspec.Struct, rename="kebab", forbid_unknown_fields=True):
    first_name: Annotated[str, msgspec.Meta(min_length=1, max_length=5)]
    count: int = 0


class Thing(msgspec.Struct, rename="kebab"):
    id: UUID
    first_name: str


class ThingQuery(Paged, kw_only=True):
    text: Text | None = msgspec.field(name="filter[text]", default=None)
    ids: list[UUID] | None = None


@get("/v1/things", operation_id="listThings", permission=AUTHENTICATED, scope="thing:read", query=ThingQuery)
async def list_(session: Session, principal: Caller, parameters: Parameters[ThingQuery]) -> dict[str, Any]:
    """List things."""
    count = (await session.execute(text("SELECT count(*) FROM things"))).scalar_one()
    return {"count": count, "limit": parameters.limit, "ids": parameters.ids, "subject": principal.subject}


@post("/v1/things", operation_id="createThing", permission=AUTHENTICATED)
async def create(session: Session, data: JSONBody[NewThing]) -> Thing:
    """Make a thing."""
    made = Thing(uuid4(), data.first_name)
    await session.execute(text("INSERT INTO things VALUES (:id, :name)"), {"id": made.id, "name": made.first_name})
    if data.count == 13:
        raise Conflict("Thirteen is refused after the row was written.")
    return made


@post("/v1/things/written", operation_id="writeThing", permission=AUTHENTICATED)
async def write(session: Session) -> Response[bytes]:
    """Make a thing and answer in bytes of our own."""
    made = Thing(uuid4(), "written")
    await session.execute(text("INSERT INTO things VALUES (:id, :name)"), {"id": made.id, "name": made.first_name})
    return Response(msgspec.json.encode(made), status_code=202, media_type="application/json")


@post("/v1/things/late", operation_id="failLate", permission=PUBLIC)
async def fail_late(session: Session) -> dict[str, str]:
    """Write a row that the commit refuses."""
    await session.execute(text("INSERT INTO things_checked_late VALUES (1), (1)"))
    return {"said": "done"}


@post("/v1/things/locks/{first:int}/{second:int}", operation_id="holdLocks", permission=PUBLIC)
async def hold_locks(session: Session, first: FromPath[int], second: FromPath[int]) -> dict[str, str]:
    """Hold two locks, one after the other."""
    await session.execute(text("SELECT pg_advisory_xact_lock(:lock), pg_sleep(0.3)"), {"lock": first})
    await session.execute(text("SELECT pg_advisory_xact_lock(:lock)"), {"lock": second})
    return {"said": "done"}


@get("/v1/things/{thing_id:uuid}", operation_id="readThing", permission=PUBLIC)
async def read(thing_id: FromPath[UUID]) -> dict[str, str]:
    """Read a thing."""
    raise NotFound(f"No thing {thing_id}.")


@get("/v1/broken", operation_id="readBroken", permission=PUBLIC)
async def broken() -> dict[str, str]:
    """Fail."""
    raise RuntimeError("a secret detail")


@get("/api/projects/broken", operation_id="readBrokenProject", permission=PUBLIC)
async def broken_project() -> dict[str, str]:
    """Fail in the projects dialect."""
    raise NotFound


@get("/api/v5/broken", operation_id="readBrokenArtifact", permission=PUBLIC)
async def broken_artifact() -> dict[str, str]:
    """Fail in the artifacts dialect."""
    raise NotFound


@get("/v1/operators", operation_id="readOperators", permission=OPERATOR)
async def operators() -> dict[str, str]:
    """For operators."""
    return {}


@get("/v1/services", operation_id="readServices", permission=SERVICE)
async def services() -> dict[str, str]:
    """For services."""
    return {}


ROUTES = [
    list_,
    create,
    write,
    fail_late,
    hold_locks,
    read,
    broken,
    broken_project,
    broken_artifact,
    operators,
    services,
]


@pytest.fixture(scope="session")
def database(postgres_url: str, run_folder: Path) -> Iterator[str]:
    import asyncio
    import os

    name = f"chassis_{os.environ.get('PYTEST_XDIST_WORKER', 'main')}"

    class Operations:
        def __init__(self) -> None:
            self.statements = [
                "CREATE TABLE things (id uuid PRIMARY KEY, name text)",
                "CREATE TABLE things_checked_late (n int UNIQUE DEFERRABLE INITIALLY DEFERRED)",
            ]

        def execute(self, statement: str) -> None:
            self.statements.append(statement)

    async def prepare() -> None:
        root = await asyncpg.connect(postgres_url)
        await root.execute(f"DROP DATABASE IF EXISTS {name}")
        await root.execute(f"CREATE DATABASE {name}")
        await root.close()
        operations = Operations()
        migrations.create(operations)
        connection = await asyncpg.connect(postgres_url.rsplit("/", 1)[0] + f"/{name}")
        for statement in operations.statements:
            await connection.execute(statement)
        await connection.close()

    asyncio.run(prepare())
    yield postgres_url.rsplit("/", 1)[0] + f"/{name}"


@pytest_asyncio.fixture(scope="session")
async def app(database: str) -> AsyncIterator[Litestar]:
    settings = ServiceSettings(database_url=database, nats_url="nats://not-used", public_url=principals.ISSUER)
    made = build(
        "sample",
        settings,
        routes=ROUTES,
        verifier=principals.verifier(),
        revocations=Revocations(),
        connected=False,
    )
    async with started(made):
        yield made


@pytest_asyncio.fixture
async def client(app: Litestar) -> AsyncIterator[Client]:
    async with Client(app) as opened:
        yield opened
