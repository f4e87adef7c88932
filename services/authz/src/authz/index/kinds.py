"""What the index knows of users, groups, individuals, organizations and roles: columns by dense number.

A number is given to an id when it is first heard of, also when only another fact names it; such a thing is dangling
until its own fact comes, and counts for nothing before that.
"""

from array import array

from pyroaring import AbstractBitMap, BitMap

from authz.index.columns import Rows
from authz.index.ids import NOTHING, Ids, Numbers, Raw
from authz.index.rows import NOBODY

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
        self.ids = Ids()
        self.known = BitMap()
        self.version = array("I")

    def __len__(self) -> int:
        return len(self.ids)

    def find(self, identifier: str) -> int:
        """The number of an id in lower case, or NOTHING."""
        return self.ids.find(identifier)

    def number(self, identifier: str) -> int:
        """The number of an id, given now if it is new."""
        number, new = self.ids.number(identifier)
        if new:
            self._grow(1)
        return number

    def number_all(self, raw: Raw) -> Numbers:
        """The numbers of many ids, given now to new ones."""
        numbers = self.ids.number_all(raw)
        self._grow(len(self.ids) - len(self.version))
        return numbers

    def _grow(self, count: int) -> None:
        """Append `count` defaults to each column."""
        self.version.extend(array("I", [0]) * count)


class Users(Kind):
    """`own` are the individuals that a user is, `owned` those that a user owns."""

    def __init__(self) -> None:
        super().__init__()
        self.disabled = BitMap()
        self.led = Rows()
        self.member = Rows()
        self.staff = Rows()
        self.roles = Rows()
        self.own = Rows()
        self.owned = Rows()
        self.event_at = array("d")

    def _grow(self, count: int) -> None:
        super()._grow(count)
        self.event_at.extend(array("d", [0.0]) * count)


class Groups(Kind):
    """`parent` is a group, NOTHING for a root, UNKNOWN for a group that is not known."""

    def __init__(self) -> None:
        super().__init__()
        self.parent = array("i")
        self.organization = array("i")
        self.children = Rows()
        self.individuals: list[AbstractBitMap] = []
        self.leaders: list[AbstractBitMap] = []
        self.members: list[AbstractBitMap] = []

    def _grow(self, count: int) -> None:
        super()._grow(count)
        self.parent.extend(array("i", [UNKNOWN]) * count)
        self.organization.extend(array("i", [NOTHING]) * count)
        for column in (self.individuals, self.leaders, self.members):
            column.extend([NOBODY] * count)


class Individuals(Kind):
    """`owner` is a user, or NOTHING where the organization owns; `user` is the individual's own login.

    `flags` are the individuals for whom an attribute is true, by its name.
    """

    def __init__(self) -> None:
        super().__init__()
        self.owner = array("i")
        self.organization = array("i")
        self.user = array("i")
        self.groups = Rows()
        self.owned_by_users = BitMap()
        self.flags = {name: BitMap() for name in FLAGS}

    def _grow(self, count: int) -> None:
        super()._grow(count)
        for column in (self.owner, self.organization, self.user):
            column.extend(array("i", [NOTHING]) * count)


class Organizations(Kind):
    """`staff`, groups and individuals of an organization, and the number of its org.admin role."""

    def __init__(self) -> None:
        super().__init__()
        self.staff: list[AbstractBitMap] = []
        self.groups: list[AbstractBitMap] = []
        self.individuals: list[AbstractBitMap] = []
        self.roles = Rows()
        self.admin_role = array("i")
        self.event_at = array("d")

    def _grow(self, count: int) -> None:
        super()._grow(count)
        for column in (self.staff, self.groups, self.individuals):
            column.extend([NOBODY] * count)
        self.admin_role.extend(array("i", [NOTHING]) * count)
        self.event_at.extend(array("d", [0.0]) * count)


class Roles(Kind):
    """A role's name, its organization (NOTHING: the system's) and who has it."""

    def __init__(self) -> None:
        super().__init__()
        self.name: list[str] = []
        self.organization = array("i")
        self.users: list[AbstractBitMap] = []

    def _grow(self, count: int) -> None:
        super()._grow(count)
        self.name.extend([""] * count)
        self.organization.extend(array("i", [NOTHING]) * count)
        self.users.extend([NOBODY] * count)


__all__ = ["FLAGS", "NOTHING", "UNKNOWN", "Groups", "Individuals", "Kind", "Organizations", "Roles", "Users"]
