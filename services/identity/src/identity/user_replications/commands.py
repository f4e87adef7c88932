"""Noting who holds a copy."""

from chassis.principal import Principal
from kernel import Forbidden, Invalid, uuid7
from sqlalchemy import select
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncSession

from identity.user_replications.models import UserReplication
from identity.user_replications.schemas import NewReplication
from identity.users.models import User

AT = "/data/attributes"


async def create(session: AsyncSession, principal: Principal, asked: NewReplication) -> UserReplication:
    """Note that a service holds a copy of a user; saying it twice changes nothing. Raises Forbidden or Invalid."""
    if principal.service != asked.service and not principal.is_operator:
        raise Forbidden("A service speaks for itself.", pointer=f"{AT}/service")
    known = select(User.id).where(User.id == asked.user_id).with_for_update(key_share=True)
    if await session.scalar(known) is None:
        raise Invalid("There is no such user.", pointer=f"{AT}/user-id", code="unknown-user")
    made = insert(UserReplication).values(id=uuid7(), user_id=asked.user_id, service=asked.service)
    await session.execute(made.on_conflict_do_nothing(index_elements=["user_id", "service"]))
    found = select(UserReplication).where(
        UserReplication.user_id == asked.user_id, UserReplication.service == asked.service
    )
    return (await session.scalars(found)).one()
