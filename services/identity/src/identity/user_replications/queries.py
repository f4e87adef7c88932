"""Reading who holds a copy."""

from typing import Any

from chassis.principal import Principal
from database import page_of
from kernel import Forbidden, NotFound, Slice
from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from identity.user_replications.models import UserReplication
from identity.user_replications.schemas import UserReplicationAttributes, UserReplicationsQuery
from identity.users import queries as users
from identity.users.visibility import sees_all


async def list_(session: AsyncSession, principal: Principal, asked: UserReplicationsQuery) -> Slice[Any]:
    """One page of the services that hold a copy of a user, the oldest first. Raises NotFound or Forbidden."""
    try:
        user = await users.read(session, principal, asked.user_id)
    except NotFound:
        raise NotFound(parameter="user-id") from None
    if user.id != principal.user_id and not sees_all(principal):
        raise Forbidden("Only the person and the operator's staff may see where copies are.")
    statement = select(UserReplication).where(UserReplication.user_id == user.id)
    return await page_of(session, statement.order_by(UserReplication.id), asked.page)


def attributes(row: UserReplication) -> UserReplicationAttributes:
    """A replication's attributes."""
    return UserReplicationAttributes(row.user_id, row.service, row.created_at)
