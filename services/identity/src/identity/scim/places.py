"""Who may speak for an organization's directory, and how often."""

from uuid import UUID

from chassis.principal import Principal
from chassis.runtime import runtime_of
from kernel import Forbidden, NotFound
from sqlalchemy.ext.asyncio import AsyncSession

from identity.organizations.models import Organization
from identity.throttling.budgets import SCIM_ORGANIZATION
from identity.throttling.callers import AnyRequest
from identity.throttling.commands import demand
from identity.users.visibility import admin_of, belongs

SCOPE = "scim"
ENTERED = "muster.scim"
"""Where a request's scope says whose directory it spoke for."""


async def enter(request: AnyRequest, principal: Principal, organization_id: UUID) -> None:
    """Let in who may speak for the directory, before the request holds a connection.

    What follows is in the organization's record of requests. Raises NotFound, Forbidden, TooManyRequests.
    """
    runtime = runtime_of(request)
    async with runtime.reads() as reading:
        await check(reading, principal, organization_id)
    request.scope[ENTERED] = organization_id  # pyright: ignore[reportGeneralTypeIssues]
    await demand(runtime, (SCIM_ORGANIZATION, str(organization_id)))


async def check(session: AsyncSession, principal: Principal, organization_id: UUID) -> None:
    """Let pass the operator and the organization's administrators, by a key of the organization or themselves.

    Raises NotFound for everybody else's organization, Forbidden for who belongs there without administering it.
    """
    if principal.scopes is not None and principal.organization_id != organization_id:
        raise NotFound
    if principal.is_operator:
        if await session.get(Organization, organization_id) is None:
            raise NotFound
        return
    if await admin_of(session, principal.user_id, organization_id):
        return
    if await belongs(session, principal.user_id, organization_id):
        raise Forbidden("This takes an administrator of the organization, or a key of one with the scope scim.")
    raise NotFound
