import asyncio
from typing import Any

import asyncpg
import pytest
from database import Base, Keyed, Timestamps, asyncpg_url, engine, page_of, rows_of, session_maker
from kernel import Page, Slice
from sqlalchemy import MetaData, select, text
from sqlalchemy.orm import Mapped


class Model(Base):
    __abstract__ = True
    metadata = MetaData(naming_convention=Base.metadata.naming_convention)


class Thing(Keyed, Timestamps, Model):
    __tablename__ = "things"
    name: Mapped[str]
    tags: Mapped[list[str]]
    about: Mapped[dict[str, Any]]


def test_an_address_names_the_driver_and_keeps_its_parts() -> None:
    assert asyncpg_url("postgresql://a:p%40ss@h:1/d") == "postgresql+asyncpg://a:p%40ss@h:1/d"


async def test_pages_cover_a_list_without_repeats(postgres_url: str) -> None:
    made = engine(postgres_url, "test")
    async with made.connect() as connection, connection.begin() as transaction:
        await connection.execute(text("SET LOCAL search_path TO pg_temp"))
        await connection.run_sync(Model.metadata.create_all)
        async with session_maker(made)(bind=connection, join_transaction_mode="create_savepoint") as session:
            session.add_all(Thing(name=str(n), tags=["a", "b"], about={"n": n}) for n in range(25))
            await session.flush()
            statement = select(Thing).order_by(Thing.id)
            pages = [await page_of(session, statement, Page(10, offset)) for offset in (0, 10, 20, 30)]
            assert [len(page.rows) for page in pages] == [10, 10, 5, 0]
            assert {page.total for page in pages} == {25}
            columns, page = select(Thing.id, Thing.name).order_by(Thing.id), Page(10, 20)
            assert await rows_of(session, columns, page, lambda row: row.name) == Slice(
                [row.name for row in pages[2].rows], 25, page
            )
            names = [row.name for page in pages for row in page.rows]
            assert len(set(names)) == 25
            assert pages[0].rows[0].about == {"n": 0}
            assert pages[0].rows[0].created_at.tzinfo is not None
        await transaction.rollback()
    await made.dispose()


async def test_a_statement_that_takes_too_long_is_ended(postgres_url: str) -> None:
    made = engine(postgres_url, "test")
    async with made.connect() as connection:
        await connection.execute(text("SET statement_timeout = '50ms'"))
        with pytest.raises(Exception, match="statement timeout"):
            await connection.execute(text("SELECT pg_sleep(5)"))
        await connection.rollback()
        shown = (await connection.execute(text("SHOW timezone"))).scalar_one()
        assert shown == "UTC"
    await made.dispose()


async def test_a_connection_that_was_closed_in_the_pool_is_replaced(postgres_url: str) -> None:
    made = engine(postgres_url, "test", pool_size=1)
    async with made.connect() as connection:
        first = await connection.scalar(text("SELECT pg_backend_pid()"))
    other = await asyncpg.connect(postgres_url)
    assert await other.fetchval("SELECT pg_terminate_backend($1, 2000)", first)
    await other.close()
    await asyncio.sleep(0.1)
    async with made.connect() as connection:
        assert await connection.scalar(text("SELECT pg_backend_pid()")) != first
    await made.dispose()
