"""Who may grant what to whom.

Services and the operator grant anything. An organization's admins grant on what is their organization's: the
organization itself, its groups, the individuals that it owns, and the things of applications whose id begins with the
organization's id (`app.chart:0190…-report`): nothing else tells whose such a thing is. They grant to people, roles and
groups of their organization.
"""

from uuid import UUID

from chassis.principal import Principal
from contracts.permissions import ROLE_IDS, role_id
from kernel import Forbidden, Invalid, NotFound
from sqlalchemy.ext.asyncio import AsyncSession

from authz.access_grants.models import AccessGrant
from authz.access_grants.schemas import NewAccessGrant
from authz.index.facts import Facts
from authz.index.grants import OPERATIONS
from authz.index.kinds import NOTHING
from authz.index.people import organizations_of
from authz.index.queries import OBJECTS
from authz.roles.access import require_admin
from authz.roles.models import Role

BODY = "/data/attributes"


def is_free(principal: Principal) -> bool:
    """Whether the caller may grant anything to anybody: services and the operator."""
    return principal.service is not None or principal.is_operator


async def grant_to_read(
    session: AsyncSession, principal: Principal, identifier: UUID, *, lock: bool = False
) -> AccessGrant:
    """A grant that the caller may see: services and the operator's staff every one. Raises NotFound."""
    grant = await session.get(AccessGrant, identifier, with_for_update=True if lock else None)
    if grant is None:
        raise NotFound
    if principal.service is None and not principal.is_support:
        try:
            await require_admin(session, principal, grant.organization_id)
        except Forbidden as error:
            raise NotFound from error
    return grant


async def grant_to_change(session: AsyncSession, principal: Principal, identifier: UUID) -> AccessGrant:
    """A grant that the caller may change: an admin of its organization. Raises NotFound or Forbidden."""
    grant = await grant_to_read(session, principal, identifier, lock=True)
    if not is_free(principal):
        await require_admin(session, principal, grant.organization_id)
    return grant


async def checked(session: AsyncSession, principal: Principal, facts: Facts, new: NewAccessGrant) -> NewAccessGrant:
    """The grant with ids as they are kept. Raises Invalid, NotFound or Forbidden."""
    resource_id = new.resource_id
    if new.resource_type in OBJECTS:
        resource_id = _uuid_text(resource_id)
        if new.operation not in OPERATIONS[new.resource_type]:
            raise Invalid(f"A {new.resource_type} has no such operation.", pointer=f"{BODY}/operation")
    place = new.organization_id
    subject_id = new.subject_id
    if new.subject_type == "role":
        subject_id = await _role(session, principal, place, subject_id)
    if not is_free(principal):
        if place is None:
            raise Invalid("Name the organization.", pointer=f"{BODY}/organization-id", code="required")
        await require_admin(session, principal, place, pointer=f"{BODY}/organization-id")
        number = facts.organizations.find(str(place))
        if not _is_resource_of(facts, number, str(place), new.resource_type, resource_id):
            raise NotFound("The organization has no such resource.", pointer=f"{BODY}/resource-id")
        if not _is_subject_of(facts, number, new.subject_type, str(subject_id)):
            raise NotFound("The organization has no such subject.", pointer=f"{BODY}/subject-id")
    return NewAccessGrant(
        subject_type=new.subject_type,
        subject_id=subject_id,
        resource_type=new.resource_type,
        resource_id=resource_id,
        operation=new.operation,
        organization_id=place,
        expires_at=new.expires_at,
        condition=new.condition,
    )


def _uuid_text(text: str) -> str:
    try:
        return str(UUID(text))
    except ValueError:
        raise Invalid("The id of such a resource is a UUID.", pointer=f"{BODY}/resource-id") from None


def _is_resource_of(facts: Facts, place: int, organization: str, kind: str, identifier: str) -> bool:
    if kind not in OBJECTS:
        return identifier.startswith(organization)
    number = facts.kinds[kind].find(identifier)
    if NOTHING in (number, place):
        return False
    match kind:
        case "organization":
            return number == place
        case "group":
            return facts.groups.organization[number] == place
        case _:
            table = facts.individuals
            return table.organization[number] == place and table.owner[number] == NOTHING


def _is_subject_of(facts: Facts, place: int, kind: str, identifier: str) -> bool:
    """Roles were looked up in their own table already."""
    match kind:
        case "role":
            return True
        case "user":
            number = facts.users.find(identifier)
            return number != NOTHING and place in organizations_of(facts, number)
        case _:
            number = facts.groups.find(identifier)
            return NOTHING not in (number, place) and facts.groups.organization[number] == place


async def _role(session: AsyncSession, principal: Principal, place: UUID | None, identifier: UUID) -> UUID:
    """The role's id. The fixed ids of org.admin and org.member stand for those of the organization."""
    name = {known: name for name, known in ROLE_IDS.items()}.get(identifier, "")
    if place is not None and name.startswith("org."):
        identifier = role_id(name, place)
    role = await session.get(Role, identifier, with_for_update={"read": True, "key_share": True})
    if role is None or (role.organization_id != place and not is_free(principal)):
        raise NotFound("The organization has no such subject.", pointer=f"{BODY}/subject-id")
    return role.id
