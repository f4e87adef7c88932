"""What each event says about base facts, for memory and database alike."""

from collections.abc import Callable, Iterable
from typing import Any, NamedTuple
from uuid import UUID

from contracts.authz import (
    AccessGrantCreated,
    AccessGrantDeleted,
    AccessGrantUpdated,
    RoleCreated,
    RoleDeleted,
    RoleUserAdded,
    RoleUserRemoved,
)
from contracts.erasure import UserErased
from contracts.event import Event
from contracts.identity import UserCreated, UserDisabled, UserEnabled
from contracts.orgs import (
    GroupCreated,
    GroupDeleted,
    GroupMoved,
    GroupPeopleChanged,
    IndividualErased,
    IndividualRegistered,
    IndividualUpdated,
    OrganizationCreated,
    OrganizationUpdated,
    OrganizationUserAdded,
    OrganizationUserRemoved,
)

CONTEXTS = ("identity", "orgs", "authz")
"""The streams that facts come from."""

AGGREGATES = {
    "identity.user": "user",
    "identity.member": "member",
    "orgs.organization": "organization",
    "orgs.individual": "individual",
    "orgs.group": "group",
    "authz.role": "role",
    "authz.access_grant": "access_grant",
}
"""The aggregates that facts are about or roles follow from, and the index's name of each."""


class UserIs(NamedTuple):
    """A login exists."""

    user: UUID
    disabled: bool


class OrganizationIs(NamedTuple):
    """A tenant exists."""

    organization: UUID
    name: str
    display_name: str


class Staff(NamedTuple):
    """A user is staff of an organization, or no more."""

    organization: UUID
    user: UUID
    present: bool


class IndividualIs(NamedTuple):
    """Who owns an individual: a user, or where there is none the organization; and whose login it has."""

    individual: UUID
    owner: UUID | None
    organization: UUID | None
    user: UUID | None


class GroupIs(NamedTuple):
    """A group stands in an organization's forest."""

    group: UUID
    organization: UUID
    parent: UUID | None


class GroupGone(NamedTuple):
    """A group is no more."""

    group: UUID


class Person(NamedTuple):
    """A person is in a group, or no more."""

    group: UUID
    kind: str
    person: UUID
    present: bool


class RoleIs(NamedTuple):
    """A role exists."""

    role: UUID
    name: str
    organization: UUID | None


class RoleUser(NamedTuple):
    """A user has a role, or no more."""

    role: UUID
    user: UUID
    present: bool


class RoleGone(NamedTuple):
    """A role is no more."""

    role: UUID


class GrantIs(NamedTuple):
    """A grant counts until it expires. `thing` is the resource's type and id, and the operation."""

    grant: UUID
    subject_kind: str
    subject: UUID
    thing: tuple[str, str, str]
    expires_at: float | None
    condition: str | None
    organization: UUID | None


class GrantGone(NamedTuple):
    """A grant is no more; `subject` is whom it was for."""

    grant: UUID
    subject_kind: str
    subject: UUID


Change = (
    UserIs
    | OrganizationIs
    | Staff
    | IndividualIs
    | GroupIs
    | GroupGone
    | Person
    | RoleIs
    | RoleUser
    | RoleGone
    | GrantIs
    | GrantGone
)


def _added(event: OrganizationUserAdded) -> list[Change]:
    """Participants are no staff."""
    return [Staff(event.organization_id, event.user_id, present=True)] if event.account_type == "provider" else []


def _individual(event: IndividualRegistered | IndividualUpdated) -> list[Change]:
    if event.owner_type == "user":
        return [IndividualIs(event.individual_id, event.owner_id, event.organization_id, event.user_id)]
    return [IndividualIs(event.individual_id, None, event.owner_id, event.user_id)]


def _group(event: GroupCreated | GroupMoved) -> list[Change]:
    return [GroupIs(event.group_id, event.organization_id, event.parent_id)]


def _people(event: GroupPeopleChanged) -> list[Change]:
    gone = [Person(event.group_id, event.kind, person, present=False) for person in event.removed]
    return [*gone, *(Person(event.group_id, event.kind, person, present=True) for person in event.added)]


def _role_user(event: RoleUserAdded | RoleUserRemoved) -> list[Change]:
    role = RoleIs(event.role_id, event.name, event.organization_id)
    return [role, RoleUser(event.role_id, event.user_id, present=isinstance(event, RoleUserAdded))]


def _grant(event: AccessGrantCreated | AccessGrantUpdated) -> list[Change]:
    thing = (event.resource_type, event.resource_id, event.operation)
    until = event.expires_at.timestamp() if event.expires_at else None
    of = (event.access_grant_id, event.subject_type, event.subject_id)
    return [GrantIs(*of, thing, until, event.condition, event.organization_id)]


MEANINGS: dict[type[Event], Callable[[Any], list[Change]]] = {
    UserCreated: lambda event: [UserIs(event.user_id, disabled=False)],
    UserEnabled: lambda event: [UserIs(event.user_id, disabled=False)],
    UserDisabled: lambda event: [UserIs(event.user_id, disabled=True)],
    UserErased: lambda event: [UserIs(event.user_id, disabled=True)],
    OrganizationCreated: lambda event: [OrganizationIs(event.organization_id, event.name, event.display_name)],
    OrganizationUpdated: lambda event: [OrganizationIs(event.organization_id, event.name, event.display_name)],
    OrganizationUserAdded: _added,
    OrganizationUserRemoved: lambda event: [Staff(event.organization_id, event.user_id, present=False)],
    IndividualRegistered: _individual,
    IndividualUpdated: _individual,
    IndividualErased: lambda event: [IndividualIs(event.individual_id, None, None, None)],
    GroupCreated: _group,
    GroupMoved: _group,
    GroupDeleted: lambda event: [GroupGone(event.group_id)],
    GroupPeopleChanged: _people,
    RoleCreated: lambda event: [RoleIs(event.role_id, event.name, event.organization_id)],
    RoleUserAdded: _role_user,
    RoleUserRemoved: _role_user,
    RoleDeleted: lambda event: [RoleGone(event.role_id)],
    AccessGrantCreated: _grant,
    AccessGrantUpdated: _grant,
    AccessGrantDeleted: lambda event: [GrantGone(event.access_grant_id, event.subject_type, event.subject_id)],
}


def changes_of(event: Event) -> list[Change]:
    """The facts that an event sets, if it says anything of permissions. Applying them twice changes nothing."""
    meaning = MEANINGS.get(type(event))
    return meaning(event) if meaning else []


def concerned(changes: Iterable[Change], place: UUID | None) -> tuple[set[UUID], set[UUID]]:
    """The users whose permissions these changes touch, and the organizations in whose forests they do.

    `place` is the organization that the event belongs to.
    """
    users: set[UUID | None] = set()
    places: set[UUID | None] = set()
    for change in changes:
        match change:
            case UserIs() | Staff() | RoleUser():
                users.add(change.user)
            case GrantIs(subject_kind="user") | GrantGone(subject_kind="user"):
                users.add(change.subject)
            case GrantIs() | GrantGone():
                places.add(place)
            case IndividualIs():
                users |= {change.owner, change.user}
                places.add(change.organization)
            case GroupIs() | GroupGone() | Person(kind="individual"):
                places.add(place)
            case Person():
                users.add(change.person)
            case _:
                pass
    return users - {None}, places - {None}  # pyright: ignore[reportReturnType]
