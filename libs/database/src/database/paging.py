"""Pages of rows."""

from collections.abc import Callable
from typing import Any, TypeVar

from kernel import Page, Slice
from sqlalchemy import Select, func, select
from sqlalchemy.ext.asyncio import AsyncSession

T = TypeVar("T")
AnySelect = Select[*tuple[Any, ...]]


async def page_of(session: AsyncSession, statement: Select[Any], page: Page) -> Slice[Any]:
    """One page of an ordered statement's first column, and how many rows it has in all."""
    total = await count_of(session, statement)
    rows = await session.scalars(statement.limit(page.limit).offset(page.offset)) if total > page.offset else ()
    return Slice(list(rows), total, page)


async def rows_of(session: AsyncSession, statement: AnySelect, page: Page, shown: Callable[[Any], T]) -> Slice[T]:
    """One page of an ordered statement, each row as `shown` makes it, and how many rows it has in all."""
    total = await count_of(session, statement)
    rows = await session.execute(statement.limit(page.limit).offset(page.offset)) if total > page.offset else ()
    return Slice([shown(row) for row in rows], total, page)


async def count_of(session: AsyncSession, statement: AnySelect) -> int:
    """How many rows a statement has."""
    counted = select(func.count()).select_from(statement.order_by(None).subquery())
    return (await session.execute(counted)).scalar_one()
