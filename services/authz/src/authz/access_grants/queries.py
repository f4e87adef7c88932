"""Reading grants."""

from typing import Any
from uuid import UUID

from chassis.principal import Principal
from database import page_of
from kernel import Slice, now
from sqlalchemy import ColumnElement, or_, select
from sqlalchemy.ext.asyncio import AsyncSession

from authz.access_grants.models import AccessGrant
from authz.access_grants.schemas import AccessGrantAttributes, AccessGrantsQuery
from authz.index.queries import OBJECTS
from authz.roles.access import require_admin
from authz.roles.models import Role, RoleUser


async def page_of_grants(session: AsyncSession, principal: Principal, asked: AccessGrantsQuery) -> Slice[AccessGrant]:
    """The grants that the caller may see, in the order of their making. Raises NotFound or Forbidden."""
    statement = select(AccessGrant).where(*_filters(asked))
    if principal.service is None and not principal.is_support:
        if asked.organization_id is not None:
            await require_admin(session, principal, asked.organization_id, parameter="organization-id")
        else:
            statement = statement.where(AccessGrant.organization_id.in_(_administered(principal.user_id)))
    return await page_of(session, statement.order_by(AccessGrant.id), asked.page)


def presented(grant: AccessGrant) -> tuple[UUID, AccessGrantAttributes]:
    """A grant's id, and the grant as it goes out."""
    return grant.id, AccessGrantAttributes(
        organization_id=grant.organization_id,
        subject_type=grant.subject_type,
        subject_id=grant.subject_id,
        resource_type=grant.resource_type,
        resource_id=grant.resource_id,
        operation=grant.operation,
        expires_at=grant.expires_at,
        condition=grant.condition,
        expired=grant.expires_at is not None and grant.expires_at <= now(),
        created_by=grant.created_by,
        created_time=grant.created_at,
        last_modified_time=grant.updated_at,
    )


def _filters(asked: AccessGrantsQuery) -> list[ColumnElement[bool]]:
    wanted = {
        AccessGrant.organization_id: asked.organization_id,
        AccessGrant.subject_type: asked.subject_type,
        AccessGrant.subject_id: asked.subject_id,
        AccessGrant.resource_type: asked.resource_type,
        AccessGrant.resource_id: _kept(asked),
        AccessGrant.operation: asked.operation,
    }
    found = [column == value for column, value in wanted.items() if value is not None]
    if asked.expired is not None:
        over = AccessGrant.expires_at <= now()
        found.append(over if asked.expired else or_(AccessGrant.expires_at.is_(None), ~over))
    return found


def _kept(asked: AccessGrantsQuery) -> str | None:
    """Ids of the platform's own things are kept in lower case."""
    own = asked.resource_id is not None and asked.resource_type in OBJECTS
    return asked.resource_id.lower() if asked.resource_id is not None and own else asked.resource_id


def _administered(user_id: UUID | None) -> Any:
    joined = select(Role.organization_id).join(RoleUser, RoleUser.role_id == Role.id)
    return joined.where(Role.name == "org.admin", RoleUser.user_id == user_id)
