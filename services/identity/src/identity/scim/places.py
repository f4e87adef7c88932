"""Who may speak for an organization's directory, and how often."""

from uuid import UUID

import msgspec
from chassis.principal import Principal
from chassis.runtime import Runtime
from kernel import Forbidden, NotFound
from sqlalchemy.ext.asyncio import AsyncSession

from identity.organizations.models import Organization
from identity.parts import parts_of
from identity.throttling.budgets import SCIM_ORGANIZATION
from identity.throttling.callers import AnyRequest
from identity.throttling.commands import demand
from identity.users.visibility import admin_of, belongs

ENTERED = "muster.scim"
"""Where a request's scope says whose directory it spoke for."""


class Place(msgspec.Struct, frozen=True):
    """An organization's directory, who speaks for it, and what their request works with."""

    runtime: Runtime
    session: AsyncSession
    principal: Principal
    organization_id: UUID

    @property
    def base(self) -> str:
        """The directory's address."""
        return f"{parts_of(self.runtime).settings.public_url.rstrip('/')}/scim/v2/{self.organization_id}"


async def enter(request: AnyRequest, place: Place) -> None:
    """Let in who may speak for the directory, before the request holds a connection.

    What follows is in the organization's record of requests. Raises NotFound, Forbidden, TooManyRequests.
    """
    async with place.runtime.reads() as reading:
        await check(reading, place.principal, place.organization_id)
    request.scope[ENTERED] = place.organization_id  # pyright: ignore[reportGeneralTypeIssues]
    await demand(place.runtime, (SCIM_ORGANIZATION, str(place.organization_id)))


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
