"""Who may see and change what belongs to an organization: its administrators, and the operator's staff."""

from uuid import UUID

from chassis.clients import allowed
from chassis.principal import Principal
from chassis.runtime import Runtime
from kernel import Forbidden, NotFound


async def administers(runtime: Runtime, principal: Principal, organization_id: UUID | None) -> bool:
    """Whether the caller is an administrator of the organization, by authz. Raises Unavailable without an answer."""
    return organization_id is not None and await allowed(runtime, principal, f"organization:{organization_id}:write")


async def check_write(runtime: Runtime, principal: Principal, organization_id: UUID | None) -> None:
    """The caller may change what belongs to an organization; what belongs to none is the operator's.

    Raises NotFound for another organization's, Forbidden for those of the organization without the role.
    """
    if principal.is_operator or await administers(runtime, principal, organization_id):
        return
    _refuse(principal, organization_id)


async def check_read(runtime: Runtime, principal: Principal, organization_id: UUID | None) -> None:
    """The caller may see what belongs to an organization. Raises as `check_write` does."""
    if principal.is_support or await administers(runtime, principal, organization_id):
        return
    _refuse(principal, organization_id)


async def readable(runtime: Runtime, principal: Principal, organization_id: UUID | None = None) -> UUID | None:
    """Whose records a list shows: those of the organization asked for, else of the caller's, None for everybody's.

    Raises Forbidden for who administers none, NotFound for an organization that is not the caller's.
    """
    if principal.is_support:
        return organization_id
    wanted = organization_id or principal.organization_id
    if not await administers(runtime, principal, wanted):
        _refuse(principal, wanted or None)
    return wanted


def _refuse(principal: Principal, organization_id: UUID | None) -> None:
    if organization_id is not None and organization_id != principal.organization_id:
        raise NotFound
    raise Forbidden("Only administrators of the organization may do this.")
