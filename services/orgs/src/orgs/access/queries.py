"""Who may do what to an organization, a group or an individual. This is the one place of orgs that decides it.

A caller's rights follow from rows: memberships (staff, admins, participants), leaders and members of groups, owners of
individuals. `reach_of` reads them once a request; the conditions below hold them against rows, one by one or a page at
a time. Leaders and admins reach downwards, members do not.
"""

from typing import Any, Literal
from uuid import UUID

import msgspec
from chassis.principal import Principal
from chassis.runtime import Runtime
from kernel import Forbidden, NotFound
from sqlalchemy import ARRAY, ColumnElement, Uuid, any_, bindparam, exists, false, or_, text, true
from sqlalchemy.ext.asyncio import AsyncSession

from orgs.individual_groups.models import Group, GroupIndividual
from orgs.individuals.models import Individual

ADMIN = "org.admin"
Need = Literal["read", "write"]
Condition = ColumnElement[bool]

REACH = text("""
SELECT CASE WHEN 'org.admin' = ANY(roles) THEN 'admin' ELSE account_type END AS kind, organization_id AS id
FROM memberships WHERE user_id = :user_id
UNION ALL
SELECT kind, group_id FROM group_staff WHERE user_id = :user_id
""")
REACH_AT = REACH.text.replace(":user_id", "$1")
REACH_WITHIN = text("""
SELECT CASE WHEN 'org.admin' = ANY(roles) THEN 'admin' ELSE account_type END AS kind, organization_id AS id
FROM memberships WHERE user_id = :user_id AND organization_id = :organization_id
UNION ALL
SELECT s.kind, s.group_id FROM group_staff s JOIN individual_groups g ON g.id = s.group_id
WHERE s.user_id = :user_id AND g.organization_id = :organization_id
""")
REACH_WITHIN_AT = REACH_WITHIN.text.replace(":user_id", "$1").replace(":organization_id", "$2")
STANDING = text("""
SELECT m.account_type, 'org.admin' = ANY(m.roles) AS admin
FROM organizations o LEFT JOIN memberships m ON m.organization_id = o.id AND m.user_id = :user_id
WHERE o.id = :organization_id
""")


class Reach(msgspec.Struct, frozen=True):
    """How far a caller reaches: organizations by standing, groups by part; other services read `everything`.

    A narrowed credential reaches no further than its organization, and `user_id` is None: what its bearer has as a
    person is not the organization's.
    """

    user_id: UUID | None
    everything: bool
    support: bool
    admin_of: list[UUID]
    staff_of: list[UUID]
    participant_of: list[UUID]
    leads: list[UUID]
    member_of: list[UUID]

    @property
    def shape(self) -> tuple[bool, ...]:
        """What the form of the conditions on groups and individuals follows from; their values are `values`."""
        one, several = len(self.admin_of) == 1, len(self.admin_of) > 1
        return self.everything, one, several, bool(self.leads), bool(self.member_of), self.user_id is not None

    @property
    def values(self) -> dict[str, Any]:
        """The values of the conditions on groups and individuals, by name."""
        return {
            "user": self.user_id,
            "admin": self.admin_of[0] if self.admin_of else None,
            "admin_of": self.admin_of,
            "leads": self.leads,
            "member_of": self.member_of,
        }

    def knows(self, organization_id: UUID | None) -> bool:
        """Whether the caller belongs to an organization in any way, so that a refusal there may be plain."""
        return organization_id is not None and (
            self.everything or organization_id in self.staff_of or organization_id in self.participant_of
        )


async def reach_of(session: AsyncSession, principal: Principal) -> Reach:
    """A caller's rights, by the rows as they are now."""
    user_id, within = principal.user_id, principal.bound_to
    if within is not None:
        rows = await session.execute(REACH_WITHIN, {"user_id": user_id, "organization_id": within})
    else:
        rows = await session.execute(REACH, {"user_id": user_id}) if user_id is not None else ()
    return _reach(principal, [(row[0], row[1]) for row in rows])


async def reach_at(runtime: Runtime, principal: Principal) -> Reach:
    """The same outside of any transaction."""
    if (within := principal.bound_to) is not None:
        rows = await runtime.row.all(REACH_WITHIN_AT, principal.user_id, within)
    else:
        rows = await runtime.row.all(REACH_AT, principal.user_id) if principal.user_id is not None else ()
    return _reach(principal, [(row[0], row[1]) for row in rows])


def _reach(principal: Principal, rows: list[tuple[str, UUID]]) -> Reach:
    found: dict[str, list[UUID]] = {"admin": [], "provider": [], "patient": [], "leader": [], "member": []}
    for kind, identifier in rows:
        found[kind].append(identifier)
    return Reach(
        user_id=principal.user_id if principal.bound_to is None else None,
        everything=principal.service is not None,
        support=principal.is_support,
        admin_of=found["admin"],
        staff_of=found["admin"] + found["provider"],
        participant_of=found["patient"],
        leads=found["leader"],
        member_of=found["member"],
    )


def organization_allows(principal: Principal, account_type: str | None, admin: bool | None, need: Need) -> None:
    """The organization's rule, by the caller's membership. Raises NotFound for strangers, Forbidden for the others."""
    if need == "read" and (account_type == "provider" or principal.is_support or principal.service is not None):
        return
    if need == "write" and admin:
        return
    if account_type is None and not principal.is_support:
        raise NotFound
    raise Forbidden("Only administrators of the organization may do this." if need == "write" else "Only staff may.")


async def require_organization(
    session: AsyncSession, principal: Principal, organization_id: UUID, need: Need, pointer: str | None = None
) -> None:
    """Raise NotFound or Forbidden unless the caller may do this to the organization."""
    values = {"organization_id": organization_id, "user_id": principal.user_id}
    standing = (await session.execute(STANDING, values)).first()
    if standing is None or principal.bound_to not in {None, organization_id}:
        raise NotFound("There is no such organization.", pointer=pointer)
    try:
        organization_allows(principal, standing.account_type, standing.admin, need)
    except NotFound:
        raise NotFound("There is no such organization.", pointer=pointer) from None


def readable_organizations(reach: Reach, column: Any) -> Condition:
    """Rows of organizations that the caller may read."""
    return true() if reach.everything or reach.support else column == any_(_ids(reach.staff_of))


def administered(reach: Reach, column: Any) -> Condition:
    """Rows of organizations that the caller administers."""
    return true() if reach.everything else column == any_(_ids(reach.admin_of))


def readable_groups(reach: Reach) -> Condition:
    """Groups that the caller may read."""
    if reach.everything:
        return true()
    member = [Group.id == any_(_named("member_of", reach.member_of))] if reach.member_of else []
    return or_(false(), *_writable(reach), *member)


def writable_groups(reach: Reach) -> Condition:
    """Groups that the caller may change: as an admin, or as a leader of the group or of one above it."""
    return or_(false(), *_writable(reach))


def _writable(reach: Reach) -> list[Condition]:
    """Only what the caller is: the planner uses no index for a condition that might hold but for an empty list."""
    found: list[Condition] = []
    if len(reach.admin_of) == 1:
        found.append(Group.organization_id == bindparam("admin", reach.admin_of[0], Uuid()))
    elif reach.admin_of:
        found.append(Group.organization_id == any_(_named("admin_of", reach.admin_of)))
    if reach.leads:
        leads = _named("leads", reach.leads)
        found += [Group.id == any_(leads), Group.path.bool_op("&&")(leads)]
    return found


def readable_individuals(reach: Reach) -> Condition:
    """Individuals that the caller may read."""
    return true() if reach.everything else or_(*_close(reach), _held_by(readable_groups(reach)))


def writable_individuals(reach: Reach) -> Condition:
    """Individuals that the caller may change: the same without plain members of a group."""
    leads = _named("leads", reach.leads)
    led = [_held_by(or_(Group.id == any_(leads), Group.path.bool_op("&&")(leads)))] if reach.leads else []
    return or_(false(), *_close(reach), *led)


def _close(reach: Reach) -> list[Condition]:
    """The individual's own user, its owner, and the admins of the organization that owns it."""
    found: list[Condition] = []
    if reach.admin_of:
        found.append(Individual.organization_id == any_(_named("admin_of", reach.admin_of)))
    if reach.user_id is not None:
        own = bindparam("user", reach.user_id, Uuid())
        found += [Individual.user_id == own, (Individual.owner_type == "user") & (Individual.owner_id == own)]
    return found


def _held_by(groups: Condition) -> Condition:
    return (
        exists()
        .where(GroupIndividual.individual_id == Individual.id, GroupIndividual.group_id == Group.id, groups)
        .correlate(Individual)
    )


def refuse(reach: Reach, organization_id: UUID | None, readable: bool, thing: str, pointer: str | None) -> Exception:
    """What a caller is told who may not do it: strangers nothing, those of the organization that they may not."""
    if readable or reach.knows(organization_id):
        return Forbidden(f"You may not do this to the {thing}.", pointer=pointer)
    return NotFound(f"There is no such {thing}.", pointer=pointer)


def _named(name: str, values: list[UUID]) -> Any:
    """A list of the caller's under the name that `Reach.values` gives it."""
    return bindparam(name, values, ARRAY(Uuid()))


def _ids(values: list[UUID]) -> Any:
    return bindparam(None, values, ARRAY(Uuid()), unique=True)
