import asyncio

import asyncpg
import pytest
from database import Rows
from kernel import Unavailable
from testkit.servers import free_port

BACKENDS = "SELECT count(*) FROM pg_stat_activity WHERE application_name = $1"


async def test_first_rows_and_none(postgres_url: str) -> None:
    rows = Rows(postgres_url, "rows-first")
    assert tuple(await rows("SELECT $1::int, $2::text", 7, "x")) == (7, "x")
    assert await rows("SELECT 1 WHERE false") is None
    await rows.close()


async def test_many_at_once_share_a_few_connections(postgres_url: str) -> None:
    rows = Rows(postgres_url, "rows-many")
    found = await asyncio.gather(*(rows("SELECT $1::int, pg_sleep(0.001)", number) for number in range(60)))
    assert [row[0] for row in found] == list(range(60))
    assert (await rows(BACKENDS, "rows-many"))[0] == 4
    await rows.close()


async def test_a_lost_connection_is_told_and_replaced(postgres_url: str) -> None:
    rows = Rows(postgres_url, "rows-lost")
    with pytest.raises(Unavailable):
        await rows("SELECT pg_terminate_backend(pg_backend_pid())")
    assert (await rows("SELECT 1"))[0] == 1
    await rows.close()


async def test_a_statement_that_fails_leaves_the_rest_working(postgres_url: str) -> None:
    rows = Rows(postgres_url, "rows-wrong")
    with pytest.raises(asyncpg.PostgresError):
        await rows("SELECT 1 / 0")
    with pytest.raises(TimeoutError):
        async with asyncio.timeout(0.05):
            await rows("SELECT pg_sleep(5)")
    assert (await rows("SELECT 1"))[0] == 1
    await rows.close()


async def test_a_server_that_is_away(postgres_url: str) -> None:
    _ = postgres_url
    rows = Rows(f"postgresql://postgres@127.0.0.1:{free_port()}/postgres", "rows-away")
    with pytest.raises(Unavailable):
        await rows("SELECT 1")
