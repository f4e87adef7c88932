"""The names of authz's roles, which memberships carry."""

from uuid import UUID

from chassis.clients import get_as_service
from chassis.runtime import Runtime
from contracts.permissions import ROLE_IDS
from kernel import Invalid, NotFound

NAMES = {identifier: name for name, identifier in ROLE_IDS.items()}


async def role_name(runtime: Runtime, organization_id: UUID, role_id: UUID | None, pointer: str) -> str | None:
    """The name of a role that staff of the organization may have; None where no role is named.

    Roles that an organization made are looked up at authz. Raises NotFound, Invalid for a role of the system, or
    Unavailable.
    """
    if role_id is None:
        return None
    if (name := NAMES.get(role_id)) is not None:
        if name.startswith("system."):
            raise Invalid("A role of the system is not given in an organization.", pointer=pointer)
        return name
    url = f"{runtime.common.authz_url}/v1/roles/?organization-id={organization_id}"
    for role in (await get_as_service(runtime, url))["data"]:
        if role["id"] == str(role_id) and role["attributes"].get("organization-id") == str(organization_id):
            return str(role["attributes"]["name"])
    raise NotFound("The organization has no such role.", pointer=pointer)
