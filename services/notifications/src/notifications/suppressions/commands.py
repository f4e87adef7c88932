"""The suppression list: filled by bounces and complaints, lifted by people."""

from collections.abc import Collection
from uuid import UUID

from chassis.principal import Principal
from chassis.runtime import Runtime
from contracts.notifications import SuppressionChanged
from database import page_of
from kernel import Conflict, NotFound, Slice, uuid7
from messaging import publish
from sqlalchemy import delete, select, tuple_
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncSession

from notifications import access
from notifications.suppressions.models import Suppression
from notifications.suppressions.schemas import NewSuppression, SuppressionQuery


async def list_(
    session: AsyncSession, runtime: Runtime, principal: Principal, query: SuppressionQuery
) -> Slice[Suppression]:
    """A page of the list, newest first: an organization's administrators see what its messages caused."""
    seen = await access.readable(runtime, principal, query.organization_id)
    rows = select(Suppression).order_by(Suppression.created_at.desc(), Suppression.id.desc())
    if seen is not None:
        rows = rows.where(Suppression.organization_id == seen)
    if query.address is not None:
        rows = rows.where(Suppression.address == query.address.lower())
    return await page_of(session, rows, query.page)


async def create(session: AsyncSession, new: NewSuppression) -> Suppression:
    """Put an address on the list. Raises Conflict where it is there already."""
    row = await suppress(session, new.channel, new.address, "manual")
    if row is None:
        raise Conflict("The address is on the list already.", code="suppressed")
    return row


async def lift(session: AsyncSession, runtime: Runtime, principal: Principal, suppression_id: UUID) -> None:
    """Take an address off the list. Raises NotFound or Forbidden."""
    row = await session.get(Suppression, suppression_id, with_for_update=True)
    if row is None:
        raise NotFound
    await access.check_write(runtime, principal, row.organization_id)
    await session.execute(delete(Suppression).where(Suppression.id == row.id))
    await publish(session, _event(row, lifted=True))


async def suppress(
    session: AsyncSession,
    channel: str,
    address: str,
    reason: str,
    *,
    organization_id: UUID | None = None,
    delivery_id: UUID | None = None,
) -> Suppression | None:
    """Put an address on the list and announce it; None where it is there already."""
    values = {
        "id": uuid7(),
        "channel": channel,
        "address": address.lower(),
        "reason": reason,
        "organization_id": organization_id,
        "delivery_id": delivery_id,
    }
    statement = insert(Suppression).values(values).on_conflict_do_nothing().returning(Suppression)
    row = await session.scalar(statement)
    if row is not None:
        await publish(session, _event(row))
    return row


async def reasons(session: AsyncSession, asked: Collection[tuple[str, str]]) -> dict[tuple[str, str], str]:
    """Why addresses, given with their channels, are on the list; those that are not are left out."""
    spelled = {(channel, address.lower()): (channel, address) for channel, address in asked}
    wanted = tuple_(Suppression.channel, Suppression.address).in_(spelled)
    rows = await session.execute(select(Suppression.channel, Suppression.address, Suppression.reason).where(wanted))
    return {spelled[channel, address]: reason for channel, address, reason in rows}


def _event(row: Suppression, *, lifted: bool = False) -> SuppressionChanged:
    return SuppressionChanged(
        suppression_id=row.id,
        organization_id=row.organization_id,
        channel=row.channel,  # pyright: ignore[reportArgumentType]
        reason=row.reason,
        lifted=lifted,
    )
