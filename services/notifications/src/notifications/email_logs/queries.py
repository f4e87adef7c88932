"""Reading the log of mails."""

from datetime import UTC, datetime
from uuid import UUID

from chassis.clients import allowed
from chassis.principal import Principal
from chassis.runtime import Runtime
from database import page_of
from jsonapi import NumberedResource, PageMeta
from kernel import Forbidden
from sqlalchemy import func, select
from sqlalchemy.ext.asyncio import AsyncSession

from notifications.email_logs.models import EmailLog
from notifications.email_logs.schemas import EmailLogAttributes, EmailLogCollection, EmailLogQuery, EmailLogResource


async def readable_organization(runtime: Runtime, principal: Principal) -> UUID | None:
    """Whose mails the caller may see: None is everybody's, for the operator's staff.

    Others see those of the organization of their token, if they administer it; mails without an organization are the
    staff's alone. Raises Forbidden.
    """
    if principal.is_support:
        return None
    organization_id = principal.organization_id
    if organization_id is None or not await allowed(runtime, principal, f"organization:{organization_id}:write"):
        raise Forbidden("Only administrators of an organization read its mails' log.")
    return organization_id


async def list_(session: AsyncSession, organization_id: UUID | None, query: EmailLogQuery) -> EmailLogCollection:
    """A page of the log, newest first."""
    statement = select(EmailLog).order_by(EmailLog.timestamp.desc(), EmailLog.id.desc())
    if organization_id is not None:
        statement = statement.where(EmailLog.organization_id == organization_id)
    if query.destination is not None:
        statement = statement.where(func.lower(EmailLog.destination) == query.destination.lower())
    if query.since is not None:
        statement = statement.where(EmailLog.timestamp >= _aware(query.since))
    if query.until is not None:
        statement = statement.where(EmailLog.timestamp <= _aware(query.until))
    found = await page_of(session, statement, query.page)
    rows: list[EmailLogResource] = [NumberedResource(row.id, "email-logs", _attributes(row)) for row in found.rows]
    return EmailLogCollection(rows, PageMeta(found.page.limit, found.page.offset, found.total))


def _attributes(row: EmailLog) -> EmailLogAttributes:
    return EmailLogAttributes(**{name: getattr(row, name) for name in EmailLogAttributes.__struct_fields__})


def _aware(time: datetime) -> datetime:
    return time if time.tzinfo else time.replace(tzinfo=UTC)
