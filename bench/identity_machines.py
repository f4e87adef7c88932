"""Machines at the provider: tokens for clients in their own name, and questions whether a token counts."""

import asyncio
import base64
import tempfile
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

import asyncpg
import msgspec
from database.migrations import migrate
from identity.oauth2_client_settings.secrets import digest, new_client_id, new_secret
from kernel import uuid7
from testkit import servers

from bench.figures import Figure
from bench.identity_signins import Line, identity_app
from bench.load import Result, load
from bench.serving import processor_seconds, served

SECONDS = 5.0
TOKENS = 200
SEED = """
    INSERT INTO oauth2_clients (id, client_id, organization_id, name, application_type, auth_method, grant_types,
        redirect_uris, post_logout_redirect_uris, scopes, asks_consent, pushed_only, secret_hash)
    VALUES ($1, $2, $3, 'Machine', 'web', 'client_secret_basic', '{client_credentials}', '{}', '{}',
        '{cohort:read,person:read}', true, false, $4)
"""
PEOPLE = """
    WITH person AS (
        INSERT INTO users (id, username, username_key, state, account_type)
        SELECT uuidv7(), 'p' || n, 'p' || n, 'confirmed', 'provider' FROM generate_series(1, $2) n RETURNING id),
    lent AS (
        INSERT INTO sessions (id, user_id, expires_at, interactive, client_id, scopes)
        SELECT uuidv7(), id, now() + interval '1 day', true, $1, '{openid}' FROM person RETURNING id)
    INSERT INTO refresh_tokens (hash, session_id, salt, uses)
    SELECT sha256(convert_to('mst_rt_' || n, 'UTF8')), id, '', 0
      FROM (SELECT id, row_number() OVER () AS n FROM lent) numbered
"""


async def measure() -> list[Figure]:
    """Everything on one web process with PostgreSQL beside it."""
    with tempfile.TemporaryDirectory(prefix="muster-bench-") as folder:
        server = servers.postgres(Path(folder))
        try:
            await asyncio.to_thread(migrate, "identity", server.url)
            credential = await seed(server.url)
            with served(identity_app, server.url) as port:
                return await _measure(port, credential)
        finally:
            server.stop()


async def seed(url: str) -> str:
    """A client, and people who let it have something; answers its credential."""
    client_id, secret, identifier = new_client_id(), new_secret(), uuid7()
    connection = await asyncpg.connect(url)
    await connection.execute(SEED, identifier, client_id, uuid7(), digest(secret))
    await connection.execute(PEOPLE, identifier, TOKENS)
    await connection.execute("ANALYZE")
    await connection.close()
    return base64.b64encode(f"{client_id}:{secret}".encode()).decode()


async def _measure(port: int, credential: str) -> list[Figure]:
    grant = form(port, credential, "/oauth2/token", grant_type="client_credentials")
    line = await Line.open(port)
    issued = [msgspec.json.decode(await line.ask(grant))["access_token"] for _ in range(TOKENS)]
    refresh = [f"mst_rt_{number}" for number in range(1, TOKENS + 1)]
    about = [form(port, credential, "/oauth2/introspect", token=token) for token in (*issued, *refresh)]
    assert b'"active":true' in await line.ask(about[0])
    assert b'"active":true' in await line.ask(about[-1])
    return [
        await _figure("client_credentials", port, [grant], 350),
        await _figure("introspection", port, about, 1000),
    ]


async def _figure(name: str, port: int, requests: list[bytes], limit: float) -> Figure:
    """How many a core answers in a second: the answers, by the processor time that the process took for them."""
    before = processor_seconds(port)
    result: Result = await load(port, requests, seconds=SECONDS)
    assert result.statuses == {200}
    took, answered = processor_seconds(port) - before, len(result.latencies)
    against = f"one process; {result.rate:.0f} a second of the clock, p95 {1e3 * result.quantile(0.95):.1f} ms"
    return Figure(name, answered / took, "a second a core", "at least", limit, against)


def form(port: int, credential: str, path: str, **fields: Any) -> bytes:
    """A form, with the client's credential."""
    body = urlencode(fields).encode()
    head = (
        f"POST {path} HTTP/1.1\r\nhost: 127.0.0.1:{port}\r\nauthorization: Basic {credential}\r\n"
        f"content-type: application/x-www-form-urlencoded\r\ncontent-length: {len(body)}\r\n\r\n"
    )
    return head.encode() + body
