"""Changing themes."""

from typing import Any
from uuid import UUID

import msgspec
from chassis.principal import Principal
from contracts.orgs import ThemeCreated, ThemeDeleted, ThemeUpdated
from kernel import Conflict, NotFound, uuid7
from messaging import publish
from msgspec import UNSET
from sqlalchemy import exists, func, select, text
from sqlalchemy import update as sql_update
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncSession

from orgs.organization_themes.models import Theme
from orgs.organization_themes.schemas import NewTheme, ThemeChanges

TAKEN = "Another theme has this domain."
POINTER = "/data/attributes/domain"
DELETE = text("""
DELETE FROM organization_themes WHERE id = :id AND NOT EXISTS (SELECT FROM organizations WHERE theme_id = :id)
RETURNING id
""")


async def create(session: AsyncSession, principal: Principal, new: NewTheme) -> UUID:
    """Make a theme; its id. Raises Conflict where the domain is taken."""
    theme_id = uuid7()
    values = msgspec.structs.asdict(new) | {"domain": new.domain.lower()}
    authors = {"created_by": principal.user_id, "updated_by": principal.user_id}
    statement = insert(Theme).values(id=theme_id, **values, **authors).on_conflict_do_nothing()
    if await session.scalar(statement.returning(Theme.id)) is None:
        raise Conflict(TAKEN, pointer=POINTER)
    await publish(session, ThemeCreated(theme_id=theme_id))
    return theme_id


async def update(session: AsyncSession, principal: Principal, theme_id: UUID, changes: ThemeChanges) -> None:
    """Change what is given. Raises NotFound, or Conflict where the domain is taken."""
    await _hold(session, theme_id)
    values: dict[str, Any] = {
        name: value for name, value in msgspec.structs.asdict(changes).items() if value is not UNSET
    }
    if not values:
        return
    if "domain" in values:
        values["domain"] = values["domain"].lower()
        taken = exists().where(Theme.domain == values["domain"], Theme.id != theme_id)
        if await session.scalar(select(taken)):
            raise Conflict(TAKEN, pointer=POINTER)
    values |= {"updated_by": principal.user_id, "updated_at": func.clock_timestamp()}
    await session.execute(sql_update(Theme).where(Theme.id == theme_id).values(values))
    await publish(session, ThemeUpdated(theme_id=theme_id))


async def delete(session: AsyncSession, theme_id: UUID) -> None:
    """Remove a theme. Raises NotFound, or Conflict while an organization uses it."""
    await _hold(session, theme_id)
    if (await session.execute(DELETE, {"id": theme_id})).first() is None:
        raise Conflict("Organizations use the theme.", code="in-use")
    await publish(session, ThemeDeleted(theme_id=theme_id))


async def _hold(session: AsyncSession, theme_id: UUID) -> None:
    if await session.scalar(select(Theme.id).where(Theme.id == theme_id).with_for_update()) is None:
        raise NotFound
