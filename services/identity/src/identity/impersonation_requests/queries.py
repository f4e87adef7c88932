"""Reading requests to act as a user.

The operator's staff see all, everybody those about themselves, administrators those about people of their organization.
"""

from typing import Any
from uuid import UUID

from chassis.principal import Principal
from database import page_of
from kernel import NotFound, Slice, now
from sqlalchemy import Select, and_, exists, or_, select, true
from sqlalchemy.ext.asyncio import AsyncSession

from identity.impersonation_requests.models import ImpersonationRequest
from identity.impersonation_requests.schemas import RequestAttributes, RequestsQuery, Target
from identity.usernames import comparable
from identity.users.models import User, UserOrganization, UserRole

ADMIN = "org.admin"


async def list_(session: AsyncSession, principal: Principal, asked: RequestsQuery) -> Slice[Any]:
    """A page of requests with their users' addresses, the newest first."""
    statement = _seen(principal)
    if asked.created_by is not None:
        statement = statement.where(ImpersonationRequest.created_by == asked.created_by)
    if asked.user_id is not None:
        statement = statement.where(ImpersonationRequest.user_id == asked.user_id)
    if asked.user_email is not None:
        statement = statement.where(User.email_key == comparable(asked.user_email))
    ordered = statement.order_by(ImpersonationRequest.id.desc())
    return await page_of(session, ordered, asked.page)


async def read(
    session: AsyncSession, principal: Principal, request_id: UUID, *, lock: bool = False
) -> ImpersonationRequest:
    """A request that the caller sees, locked on demand. Raises NotFound."""
    statement = _seen(principal).where(ImpersonationRequest.id == request_id)
    row = (await session.scalars(statement.with_for_update(of=ImpersonationRequest) if lock else statement)).first()
    if row is None:
        raise NotFound
    return row


async def addresses(session: AsyncSession, rows: list[ImpersonationRequest]) -> dict[UUID, str | None]:
    """The e-mail addresses of the requests' users."""
    statement = select(User.id, User.email).where(User.id.in_({row.user_id for row in rows}))
    return {row.id: row.email for row in await session.execute(statement)}


async def one(session: AsyncSession, row: ImpersonationRequest) -> RequestAttributes:
    """A request's attributes."""
    return attributes(row, await addresses(session, [row]))


def attributes(row: ImpersonationRequest, known: dict[UUID, str | None]) -> RequestAttributes:
    """A request's attributes; what is over and was not denied has expired."""
    over = row.state != "denied" and row.expires_at <= now()
    return RequestAttributes(
        user=Target(row.user_id, known.get(row.user_id)),
        state="expired" if over else row.state,  # pyright: ignore[reportArgumentType]
        reason=row.reason,
        created_by=row.created_by,
        created_at=row.created_at,
        decided_by=row.decided_by,
        decided_at=row.decided_at,
        used_at=row.used_at,
        expiration_time=row.expires_at,
    )


def _seen(principal: Principal) -> Select[Any]:
    statement = select(ImpersonationRequest).join(User, User.id == ImpersonationRequest.user_id)
    if principal.is_support or principal.service:
        return statement.where(true())
    mine, theirs = UserOrganization.__table__.alias("mine"), UserOrganization.__table__.alias("theirs")
    given = exists().where(
        UserRole.user_id == mine.c.user_id,
        UserRole.organization_id == mine.c.organization_id,
        UserRole.name == ADMIN,
    )
    administered = exists().where(
        and_(
            theirs.c.user_id == ImpersonationRequest.user_id,
            theirs.c.organization_id == mine.c.organization_id,
            mine.c.user_id == principal.user_id,
            mine.c.account_type == "provider",
            or_(mine.c.role == ADMIN, given),
        )
    )
    return statement.where(or_(ImpersonationRequest.user_id == principal.user_id, administered))
