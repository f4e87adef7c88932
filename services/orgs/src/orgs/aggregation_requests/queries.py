"""Reading requests to compute columns."""

from uuid import UUID

from chassis.principal import Principal
from kernel import NotFound
from sqlalchemy.ext.asyncio import AsyncSession

from orgs.aggregation_requests.models import AggregationRequest
from orgs.aggregation_requests.schemas import AggregationAttributes


async def read(session: AsyncSession, principal: Principal, request_id: UUID) -> AggregationAttributes:
    """A request, for who made it, the operator's staff and services. Raises NotFound."""
    row = await session.get(AggregationRequest, request_id, populate_existing=True)
    if row is None or not (row.created_by == principal.subject or principal.is_support or principal.service):
        raise NotFound
    return AggregationAttributes(row.status, row.total, row.done, row.created_at, row.finished_at)
