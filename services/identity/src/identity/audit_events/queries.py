"""Reading the audit trail. The operator reads all of it, an administrator that of their organization."""

from typing import Any
from uuid import UUID

from chassis.principal import Principal
from database import page_of
from jsonapi import comparators
from kernel import Forbidden, NotFound, Slice
from sqlalchemy import Select, or_, select
from sqlalchemy.ext.asyncio import AsyncSession

from identity.audit_events.models import AuditEvent
from identity.audit_events.schemas import AuditEventAttributes, AuditEventsQuery, Filters
from identity.users.visibility import admin_of, belongs

COMPARE: dict[str, Any] = {
    "<": AuditEvent.at.__lt__,
    "<=": AuditEvent.at.__le__,
    ">": AuditEvent.at.__gt__,
    ">=": AuditEvent.at.__ge__,
}


async def list_(session: AsyncSession, principal: Principal, parameters: AuditEventsQuery) -> Slice[AuditEvent]:
    """A page of acts. Raises Forbidden, or NotFound for an organization of others."""
    statement = await chosen(session, principal, parameters)
    order = (AuditEvent.at, AuditEvent.id)
    if parameters.sort_by != ["time"]:
        order = (AuditEvent.at.desc(), AuditEvent.id.desc())
    return await page_of(session, statement.order_by(*order), parameters.page)


async def read(session: AsyncSession, principal: Principal, event_id: UUID) -> AuditEvent:
    """One act. Raises NotFound where there is none that the caller may read."""
    row = await session.get(AuditEvent, event_id)
    if row is None:
        raise NotFound
    own = row.organization_id is not None and await admin_of(session, principal.user_id, row.organization_id)
    if not principal.is_operator and not own:
        raise NotFound
    return row


async def chosen(session: AsyncSession, principal: Principal, asked: Filters) -> Select[Any]:
    """The acts that are asked for, as far as the caller may read them."""
    await _permit(session, principal, asked)
    statement = select(AuditEvent)
    exact = {
        AuditEvent.organization_id: asked.organization_id,
        AuditEvent.user_id: asked.user_id,
        AuditEvent.impersonator_id: asked.impersonator_id,
        AuditEvent.target: asked.target,
    }
    for column, value in exact.items():
        if value is not None:
            statement = statement.where(column == value)
    if asked.actor is not None:
        statement = statement.where(_acted(asked.actor))
    if asked.action:
        statement = statement.where(AuditEvent.action.in_(asked.action))
    for sign, time in comparators(asked.time, "filter[cmp-time]"):
        statement = statement.where(COMPARE[sign](time))
    return statement


def attributes(row: AuditEvent) -> AuditEventAttributes:
    """An act as its document shows it."""
    return AuditEventAttributes(
        number=row.number,
        time=row.at,
        actor=row.actor,
        impersonator_id=row.impersonator_id,
        action=row.action,
        user_id=row.user_id,
        organization_id=row.organization_id,
        target=row.target,
        details=row.details,
    )


async def _permit(session: AsyncSession, principal: Principal, asked: Filters) -> None:
    if principal.is_operator:
        return
    if asked.organization_id is None:
        raise Forbidden("Name an organization that you administer.", parameter="organization-id")
    if await admin_of(session, principal.user_id, asked.organization_id):
        return
    if await belongs(session, principal.user_id, asked.organization_id):
        raise Forbidden("Only administrators of the organization may do this.", parameter="organization-id")
    raise NotFound("There is no such organization.", parameter="organization-id")


def _acted(actor: str) -> Any:
    try:
        return or_(AuditEvent.actor == actor, AuditEvent.impersonator_id == UUID(actor))
    except ValueError:
        return AuditEvent.actor == actor
