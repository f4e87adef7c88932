"""Who may see and change an organization's endpoints: its administrators, and the operator's staff.

A narrowed credential, such as an API key, may in its own organization what its person may there.
"""

from uuid import UUID

from chassis.principal import Principal
from chassis.runtime import Runtime
from kernel import NotFound

from notifications import access

READ_SCOPE, WRITE_SCOPE = "webhook:read", "webhook:write"


async def check_write(runtime: Runtime, principal: Principal, organization_id: UUID | None) -> None:
    """The caller may change an organization's endpoints. Raises NotFound for another's, Forbidden without the role."""
    _check_bounds(principal, organization_id)
    await access.check_write(runtime, principal, organization_id)


async def check_read(runtime: Runtime, principal: Principal, organization_id: UUID) -> None:
    """The caller may see an organization's endpoints. Raises as `check_write` does."""
    _check_bounds(principal, organization_id)
    await access.check_read(runtime, principal, organization_id)


async def readable(runtime: Runtime, principal: Principal, organization_id: UUID | None) -> UUID | None:
    """Whose endpoints a list shows: None for everybody's. Raises as `check_write` does."""
    wanted = organization_id or principal.bound_to
    _check_bounds(principal, wanted)
    return await access.readable(runtime, principal, wanted)


def _check_bounds(principal: Principal, organization_id: UUID | None) -> None:
    if principal.bound_to not in (None, organization_id):
        raise NotFound
