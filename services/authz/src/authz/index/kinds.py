"""What the index knows of users, groups, individuals, organizations and roles: columns by dense number.

A number is given to an id when it is first heard of, also when only another fact names it; such a thing is dangling
until its own fact comes, and counts for nothing before that.
"""

from array import array

from pyroaring import AbstractBitMap, BitMap

from authz.index.rows import NOBODY, NONE, Row

NOTHING = -1
"""No such number: an id never heard of, no parent, no owner."""
UNKNOWN = -2
"""The parent of a group that is not known, or no more."""
FLAGS = ("email_verified", "phone_verified", "registered", "provider")
"""Attributes of individuals that are true or false; `provider` is the account type, which is else `patient`.

Those with many values stand in the database.
"""


class Kind:
    """Dense numbers for the ids of one kind, by arrival. `version` is that of the last event with nothing missing."""

    def __init__(self) -> None:
        """No ids yet."""
        self._numbers: dict[str, int] = {}
        self.ids: list[str] = []
        self.ascending = True
        self.known = BitMap()
        self.version = array("I")

    def __len__(self) -> int:
        return len(self.ids)

    def find(self, identifier: str) -> int:
        """The number of an id in lower case, or NOTHING."""
        return self._numbers.get(identifier, NOTHING)

    def number(self, identifier: str) -> int:
        """The number of an id, given now if it is new."""
        found = self._numbers.get(identifier)
        if found is not None:
            return found
        number = len(self.ids)
        if self.ids and identifier < self.ids[-1]:
            self.ascending = False
        self._numbers[identifier] = number
        self.ids.append(identifier)
        self.version.append(0)
        self._grow()
        return number

    def _grow(self) -> None:
        """Append one default to each column."""
        raise NotImplementedError


class Users(Kind):
    """`own` are the individuals that a user is, `owned` those that a user owns."""

    def __init__(self) -> None:
        super().__init__()
        self.disabled = BitMap()
        self.led: list[Row] = []
        self.member: list[Row] = []
        self.staff: list[Row] = []
        self.roles: list[Row] = []
        self.own: list[Row] = []
        self.owned: list[Row] = []
        self.event_at = array("d")

    def _grow(self) -> None:
        for column in (self.led, self.member, self.staff, self.roles, self.own, self.owned):
            column.append(NONE)
        self.event_at.append(0.0)


class Groups(Kind):
    """`parent` is a group, NOTHING for a root, UNKNOWN for a group that is not known."""

    def __init__(self) -> None:
        super().__init__()
        self.parent = array("i")
        self.organization = array("i")
        self.children: list[Row] = []
        self.individuals: list[AbstractBitMap] = []
        self.leaders: list[AbstractBitMap] = []
        self.members: list[AbstractBitMap] = []

    def _grow(self) -> None:
        self.parent.append(UNKNOWN)
        self.organization.append(NOTHING)
        self.children.append(NONE)
        for column in (self.individuals, self.leaders, self.members):
            column.append(NOBODY)


class Individuals(Kind):
    """`owner` is a user, or NOTHING where the organization owns; `user` is the individual's own login.

    `flags` are the individuals for whom an attribute is true, by its name.
    """

    def __init__(self) -> None:
        super().__init__()
        self.owner = array("i")
        self.organization = array("i")
        self.user = array("i")
        self.groups: list[Row] = []
        self.owned_by_users = BitMap()
        self.flags = {name: BitMap() for name in FLAGS}

    def _grow(self) -> None:
        for column in (self.owner, self.organization, self.user):
            column.append(NOTHING)
        self.groups.append(NONE)


class Organizations(Kind):
    """`staff`, groups and individuals of an organization, and the number of its org.admin role."""

    def __init__(self) -> None:
        super().__init__()
        self.staff: list[AbstractBitMap] = []
        self.groups: list[AbstractBitMap] = []
        self.individuals: list[AbstractBitMap] = []
        self.roles: list[Row] = []
        self.admin_role = array("i")
        self.event_at = array("d")

    def _grow(self) -> None:
        for column in (self.staff, self.groups, self.individuals):
            column.append(NOBODY)
        self.roles.append(NONE)
        self.admin_role.append(NOTHING)
        self.event_at.append(0.0)


class Roles(Kind):
    """A role's name, its organization (NOTHING: the system's) and who has it."""

    def __init__(self) -> None:
        super().__init__()
        self.name: list[str] = []
        self.organization = array("i")
        self.users: list[AbstractBitMap] = []

    def _grow(self) -> None:
        self.name.append("")
        self.organization.append(NOTHING)
        self.users.append(NOBODY)
