"""The index: every base fact in memory, each set or taken back by one method. No I/O.

The state is a function of the set of facts alone, never of the order in which they came, so every replica and every
restart answers alike.
"""

from collections.abc import Collection, Mapping
from typing import Literal

from kernel import Invalid
from pyroaring import BitMap

from authz.index import conditions
from authz.index.grants import FOREVER, Grant, Grants, SubjectKind
from authz.index.kinds import NOTHING, UNKNOWN, Groups, Individuals, Kind, Organizations, Roles, Users
from authz.index.rows import exclude, include

ORGANIZATION_ADMIN = "org.admin"
PersonKind = Literal["individual", "leader", "member"]
NEVER = conditions.read("false")
"""Stands for a condition that cannot be read any more: its grant counts for nobody."""


class Facts:
    """Ids are UUIDs as lower-case text with hyphens."""

    def __init__(self) -> None:
        """An empty index."""
        self.users = Users()
        self.groups = Groups()
        self.individuals = Individuals()
        self.organizations = Organizations()
        self.roles = Roles()
        self.grants = Grants()
        self.system_roles = BitMap()
        self.gone_groups = BitMap()
        self.kinds: dict[str, Kind] = {
            "user": self.users,
            "group": self.groups,
            "individual": self.individuals,
            "organization": self.organizations,
            "role": self.roles,
            "access_grant": self.grants,
        }

    def set_user(self, user: str, disabled: bool) -> None:
        """A login exists; a disabled one is allowed nothing."""
        number = self.users.number(user)
        self.users.known.add(number)
        (self.users.disabled.add if disabled else self.users.disabled.discard)(number)

    def set_organization(self, organization: str) -> None:
        """A tenant exists."""
        self.organizations.known.add(self.organizations.number(organization))

    def set_staff(self, organization: str, user: str, present: bool) -> None:
        """A user belongs to the organization's staff, or no more."""
        of, who = self.organizations.number(organization), self.users.number(user)
        (include if present else exclude)(self.organizations.staff, of, who)
        (self.users.staff.add if present else self.users.staff.discard)(who, of)

    def set_individual(self, individual: str, owner: str | None, organization: str | None, user: str | None) -> None:
        """Who owns an individual (`owner` is a user; None: the organization), where it belongs, whose login it has."""
        table, number = self.individuals, self.individuals.number(individual)
        self._unset_individual(number)
        table.known.add(number)
        if owner is not None:
            table.owner[number] = who = self.users.number(owner)
            table.owned_by_users.add(number)
            self.users.owned.add(who, number)
        if organization is not None:
            table.organization[number] = of = self.organizations.number(organization)
            include(self.organizations.individuals, of, number)
        if user is not None:
            table.user[number] = login = self.users.number(user)
            self.users.own.add(login, number)

    def set_flags(self, individuals: Collection[str], flags: Mapping[str, Collection[str]]) -> None:
        """For these individuals: which of them an attribute is true of, by its name."""
        numbers = BitMap([self.individuals.number(one) for one in individuals])
        for name, bitmap in self.individuals.flags.items():
            bitmap.difference_update(numbers)
            bitmap.update([self.individuals.number(one) for one in flags.get(name, ())])

    def _unset_individual(self, number: int) -> None:
        table, users = self.individuals, self.users
        if (who := table.owner[number]) != NOTHING:
            users.owned.discard(who, number)
        if (login := table.user[number]) != NOTHING:
            users.own.discard(login, number)
        if (of := table.organization[number]) != NOTHING:
            exclude(self.organizations.individuals, of, number)
        table.owned_by_users.discard(number)
        table.owner[number] = table.user[number] = table.organization[number] = NOTHING

    def set_group(self, group: str, organization: str, parent: str | None) -> None:
        """A group stands below `parent`, or as a root. A group that is gone stays so."""
        table, number = self.groups, self.groups.number(group)
        if number in self.gone_groups:
            return
        self._unset_group(number)
        above = NOTHING if parent is None else table.number(parent)
        table.parent[number] = above
        if above != NOTHING:
            table.children.add(above, number)
        table.organization[number] = of = self.organizations.number(organization)
        include(self.organizations.groups, of, number)
        table.known.add(number)

    def delete_group(self, group: str) -> None:
        """A group is gone for good: facts about it that come late do not count."""
        number = self.groups.number(group)
        self._unset_group(number)
        self.groups.known.discard(number)
        self.gone_groups.add(number)

    def _unset_group(self, number: int) -> None:
        table = self.groups
        if (above := table.parent[number]) >= 0:
            table.children.discard(above, number)
        if (of := table.organization[number]) != NOTHING:
            exclude(self.organizations.groups, of, number)
        table.parent[number], table.organization[number] = UNKNOWN, NOTHING

    def set_person(self, group: str, kind: PersonKind, person: str, present: bool) -> None:
        """A person is in a group as individual, leader or member, or no more."""
        number = self.groups.number(group)
        mark = include if present else exclude
        if kind == "individual":
            who = self.individuals.number(person)
            mark(self.groups.individuals, number, who)
            (self.individuals.groups.add if present else self.individuals.groups.discard)(who, number)
            return
        who = self.users.number(person)
        if kind == "leader":
            mark(self.groups.leaders, number, who)
            (self.users.led.add if present else self.users.led.discard)(who, number)
        else:
            mark(self.groups.members, number, who)
            (self.users.member.add if present else self.users.member.discard)(who, number)

    def set_role(self, role: str, name: str, organization: str | None) -> None:
        """A role exists in an organization, or (without one) in the system."""
        table, number = self.roles, self.roles.number(role)
        table.known.add(number)
        table.name[number] = name
        if organization is None:
            self.system_roles.add(number)
            return
        table.organization[number] = of = self.organizations.number(organization)
        self.organizations.roles.add(of, number)
        if name == ORGANIZATION_ADMIN:
            self.organizations.admin_role[of] = number

    def delete_role(self, role: str) -> None:
        """A role is no more, unless it is made again."""
        table, number = self.roles, self.roles.number(role)
        table.known.discard(number)
        if (of := table.organization[number]) != NOTHING:
            self.organizations.roles.discard(of, number)
            table.organization[number] = NOTHING

    def set_grant(
        self,
        grant: str,
        subject_kind: SubjectKind,
        subject: str,
        resource: tuple[str, str, str],
        expires_at: float | None,
        condition: str | None,
        organization: str | None,
    ) -> None:
        """A grant is this now. `resource` is its type, its id, and the operation; `expires_at` is in epoch seconds."""
        table = self.kinds[SUBJECTS[subject_kind]]
        until = FOREVER if expires_at is None else expires_at
        number = self.grants.number(grant)
        read = None if condition is None else _condition(condition)
        made = Grant(subject_kind, table.number(subject), *resource, until, read, organization)
        self.grants.put(number, made)

    def delete_grant(self, grant: str) -> None:
        """A grant is no more."""
        self.grants.put(self.grants.number(grant), None)

    def set_role_user(self, role: str, user: str, present: bool) -> None:
        """A user has a role, or no more."""
        number, who = self.roles.number(role), self.users.number(user)
        (include if present else exclude)(self.roles.users, number, who)
        (self.users.roles.add if present else self.users.roles.discard)(who, number)


SUBJECTS: dict[SubjectKind, str] = {"user": "user", "role": "role", "group": "group", "participants": "group"}
"""What kind of thing a grant's subject is, by how it is meant."""


def _condition(text: str) -> conditions.Condition:
    try:
        return conditions.read(text)
    except Invalid:
        return NEVER
