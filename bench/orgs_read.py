"""What a read of one organization costs: the orgs service against bare Litestar with the same SQL through asyncpg."""

import asyncio
import os
import sys
import tempfile
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any
from uuid import UUID, uuid4

import asyncpg
from chassis.logs import configure
from chassis.revocations import Revocations
from database.migrations import migrate
from jsonapi import document
from litestar import Litestar
from litestar import get as litestar_get
from orgs.main import create_app
from orgs.organizations.queries import READ
from orgs.organizations.schemas import OrganizationAttributes, OrganizationDocument
from orgs.settings import Settings
from testkit import principals, servers

from bench.figures import Figure
from bench.load import load, request
from bench.serving import served

ROUNDS = 3
POOL = 10
SEED = """
INSERT INTO organizations (id, name, display_name, authorization_type, classification, provider_type, timezone)
SELECT id, 'Harbour Clinic', 'Harbour', 'open', 'customer', 'clinic', 'UTC' FROM unnest($1::uuid[]) AS new(id)
"""
JOIN = """
INSERT INTO memberships (id, organization_id, user_id, account_type, roles)
SELECT uuidv7(), id, $2, 'provider', '{org.member}' FROM unnest($1::uuid[]) AS new(id)
"""


def bare_app(url: str, user: UUID) -> Litestar:
    """Litestar and asyncpg and nothing else: no credential, no log, no metrics."""
    pools: list[Any] = []

    @asynccontextmanager
    async def lifespan(_: Litestar) -> AsyncIterator[None]:
        async with asyncpg.create_pool(url, min_size=POOL, max_size=POOL) as pool:
            pools.append(pool)
            yield

    @litestar_get("/v1/organizations/{organization_id:uuid}")
    async def read(organization_id: UUID) -> OrganizationDocument:
        row = await pools[0].fetchrow(READ, user, organization_id)
        before, logo_id, after, made_at = row[:5], row[5], row[6:11], row[11]
        attributes = OrganizationAttributes(*before, logo_id is not None, *after, None, made_at)
        return document("organizations", organization_id, attributes)

    return Litestar([read], lifespan=[lifespan], openapi_config=None, logging_config=None)


def orgs_app(url: str, verifying_key: dict[str, Any]) -> Litestar:
    """The orgs service as it runs, without its connection to NATS."""
    sys.stdout = open(os.devnull, "w")  # noqa: SIM115, PTH123
    configure("orgs", "info")

    async def keys() -> dict[str, Any]:
        return {"keys": [verifying_key]}

    settings = Settings(database_url=url, nats_url="", public_url=principals.ISSUER, pool_size=POOL)
    verifier = principals.Verifier(principals.ISSUER, keys)
    return create_app(settings, verifier=verifier, revocations=Revocations(), connected=False)


async def seed(url: str, user: UUID) -> UUID:
    """A thousand organizations with one member; one of them."""
    organizations = [uuid4() for _ in range(1000)]
    connection = await asyncpg.connect(url)
    await connection.execute(SEED, organizations)
    await connection.execute(JOIN, organizations, user)
    await connection.execute("ANALYZE")
    await connection.close()
    return organizations[500]


async def measure() -> list[Figure]:
    """The ratio of the two rates, the middle one of a few rounds taken in turn."""
    user, key = uuid4(), principals.signing_key().as_dict(private=False)
    with tempfile.TemporaryDirectory(prefix="muster-bench-") as folder:
        server = servers.postgres(Path(folder))
        try:
            await asyncio.to_thread(migrate, "orgs", server.url)
            organization = await seed(server.url, user)
            with served(bare_app, server.url, user) as plain, served(orgs_app, server.url, key) as ours:
                token = principals.access_token(user_id=user, lifetime=3600)
                return [await _compare(plain, ours, f"/v1/organizations/{organization}", token)]
        finally:
            server.stop()


async def _compare(plain: int, ours: int, path: str, token: str) -> Figure:
    rates: list[tuple[float, float]] = []
    for _ in range(ROUNDS):
        first = await load(plain, request("GET", path, plain))
        second = await load(ours, request("GET", path, ours, token=token))
        assert first.statuses == second.statuses == {200}
        rates.append((first.rate, second.rate))
    ratio = sorted(second / first for first, second in rates)[ROUNDS // 2]
    against = f"bare Litestar and asyncpg, {max(first for first, _ in rates):.0f} requests a second"
    return Figure("read of one organization", 100 * ratio, "%", "at least", 60, against)
