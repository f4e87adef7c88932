"""Reading the record of a directory's requests."""

from typing import Any

from chassis.principal import Principal
from database import page_of
from kernel import Slice
from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from identity.scim.models import ScimRequest
from identity.scim.places import check
from identity.scim_requests.recording import FAILED
from identity.scim_requests.schemas import ScimRequestAttributes, ScimRequestsQuery


async def list_(session: AsyncSession, principal: Principal, asked: ScimRequestsQuery) -> Slice[Any]:
    """A page of them, the newest first. Raises NotFound, Forbidden."""
    await check(session, principal, asked.organization_id)
    statement = select(ScimRequest).where(ScimRequest.organization_id == asked.organization_id)
    if asked.failed is not None:
        failed = ScimRequest.status >= FAILED
        statement = statement.where(failed if asked.failed else ~failed)
    if asked.method is not None:
        statement = statement.where(ScimRequest.method == asked.method)
    if asked.resource_id is not None:
        statement = statement.where(ScimRequest.path.contains(str(asked.resource_id)))
    return await page_of(session, statement.order_by(ScimRequest.id.desc()), asked.page)


def attributes(row: ScimRequest) -> ScimRequestAttributes:
    """One of them."""
    return ScimRequestAttributes(
        organization_id=row.organization_id,
        requested_at=row.requested_at,
        actor=row.actor,
        method=row.method,
        path=row.path,
        status=row.status,
        scim_type=row.scim_type,
        problem=row.problem,
        milliseconds=row.milliseconds,
    )
