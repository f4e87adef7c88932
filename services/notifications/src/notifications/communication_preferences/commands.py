"""Saying what one wants to be told, and obeying it."""

from collections.abc import Collection
from uuid import UUID

from chassis.principal import Principal
from contracts.notifications import PreferenceChanged
from database import page_of
from kernel import Forbidden, NotFound, Slice, uuid7
from messaging import publish
from sqlalchemy import delete as sql_delete
from sqlalchemy import func, select, tuple_
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncSession

from notifications.communication_preferences.models import CommunicationPreference
from notifications.communication_preferences.schemas import PreferenceQuery


async def list_(session: AsyncSession, principal: Principal, query: PreferenceQuery) -> Slice[CommunicationPreference]:
    """A page of a person's preferences. Raises Forbidden for another person's."""
    wanted = query.user_id or principal.user_id
    if wanted is None or (wanted != principal.user_id and not principal.is_support):
        raise Forbidden("These are another person's.")
    rows = select(CommunicationPreference).where(CommunicationPreference.user_id == wanted)
    return await page_of(
        session, rows.order_by(CommunicationPreference.type, CommunicationPreference.channel), query.page
    )


async def prefer(
    session: AsyncSession, user_id: UUID | None, kind: str, channel: str, *, enabled: bool
) -> CommunicationPreference:
    """Keep what a person wants, instead of what they said before. Raises Forbidden for a machine."""
    if user_id is None:
        raise Forbidden("Only people have preferences.")
    values = {"id": uuid7(), "user_id": user_id, "type": kind, "channel": channel, "enabled": enabled}
    statement = insert(CommunicationPreference).values(values)
    kept = statement.on_conflict_do_update(
        index_elements=["user_id", "type", "channel"],
        set_={"enabled": enabled, "updated_at": func.clock_timestamp()},
    ).returning(CommunicationPreference)
    row = (await session.scalars(kept, execution_options={"populate_existing": True})).one()
    changed = PreferenceChanged(preference_id=row.id, user_id=user_id, type=kind, channel=channel, enabled=enabled)
    await publish(session, changed)
    return row


async def delete(session: AsyncSession, principal: Principal, preference_id: UUID) -> None:
    """Forget a preference: the person is told again. Raises NotFound."""
    mine = (CommunicationPreference.id == preference_id, CommunicationPreference.user_id == principal.user_id)
    gone = sql_delete(CommunicationPreference).where(*mine).returning(CommunicationPreference)
    row = await session.scalar(gone)
    if row is None:
        raise NotFound
    changed = PreferenceChanged(
        preference_id=row.id, user_id=row.user_id, type=row.type, channel=row.channel, enabled=True
    )
    await publish(session, changed)


async def unwanted(session: AsyncSession, asked: Collection[tuple[UUID, str, str]]) -> set[tuple[UUID, str, str]]:
    """Of persons with a type of message and a channel: those who do not want it."""
    row = CommunicationPreference
    found = select(row.user_id, row.type, row.channel).where(
        tuple_(row.user_id, row.type, row.channel).in_(asked), row.enabled.is_(False)
    )
    return {(user_id, kind, channel) for user_id, kind, channel in await session.execute(found)}
