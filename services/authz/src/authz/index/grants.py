"""Grants: what a user, the users of a role or the people of a group may do beyond the rules.

There are only permissions, no prohibitions: several grants about one thing add up, so none can contradict another.
"""

import re
from typing import Literal, NamedTuple

from authz.index.conditions import Condition
from authz.index.kinds import Kind
from authz.index.rows import NONE, Row, added, removed

SubjectKind = Literal["user", "role", "group", "participants"]
FOREVER = float("inf")
APPLICATION = re.compile(r"app\.[a-z0-9]+([._-][a-z0-9]+)*")
OPERATIONS = {
    "organization": frozenset({"read", "write"}),
    "group": frozenset({"read", "write", "contain"}),
    "individual": frozenset({"read", "write"}),
}
"""What can be granted on the platform's own things; on an application's (`app.*`) anything."""


def grantable(kind: str) -> bool:
    """Whether grants on a kind of resource count. System roles cannot be had by a grant."""
    return kind in OPERATIONS or APPLICATION.fullmatch(kind) is not None


class Grant(NamedTuple):
    """A grant. `subject` is a number among the users, roles or groups; `expires_at` is in epoch seconds."""

    subject_kind: SubjectKind
    subject: int
    kind: str
    resource: str
    operation: str
    expires_at: float
    condition: Condition | None
    organization: str | None


class Grants(Kind):
    """Every grant, found by what it is about and by whom it is for."""

    def __init__(self) -> None:
        super().__init__()
        self.rows: list[Grant | None] = []
        self._things: dict[tuple[str, str], dict[str, Row]] = {}
        self._subjects: dict[tuple[SubjectKind, int], Row] = {}

    def _grow(self, count: int) -> None:
        super()._grow(count)
        self.rows.extend([None] * count)

    def put(self, number: int, grant: Grant | None) -> None:
        """The grant is this now, or no more."""
        if (before := self.rows[number]) is not None:
            things = self._things[(before.kind, before.operation)]
            things[before.resource] = removed(things[before.resource], number)
            if not things[before.resource]:
                del things[before.resource]
            subject = (before.subject_kind, before.subject)
            self._subjects[subject] = removed(self._subjects[subject], number)
            if not self._subjects[subject]:
                del self._subjects[subject]
        self.rows[number] = grant
        if grant is not None:
            things = self._things.setdefault((grant.kind, grant.operation), {})
            things[grant.resource] = added(things.get(grant.resource, NONE), number)
            subject = (grant.subject_kind, grant.subject)
            self._subjects[subject] = added(self._subjects.get(subject, NONE), number)

    def about(self, kind: str, resource: str, operation: str) -> Row:
        """The numbers of the grants about a thing."""
        things = self._things.get((kind, operation))
        return things.get(resource, NONE) if things else NONE

    @property
    def none(self) -> bool:
        """Whether there is no grant at all."""
        return not self._subjects

    def of(self, subject_kind: SubjectKind, subject: int) -> Row:
        """The numbers of the grants for a user, a role or the people of a group."""
        return self._subjects.get((subject_kind, subject), NONE)

    def operations(self, kind: str, resource: str) -> set[str]:
        """The operations that grants about a thing name."""
        return {operation for (of, operation), things in self._things.items() if of == kind and resource in things}

    def one(self, number: int) -> Grant:
        """The grant of a number that one of the rows above holds."""
        found = self.rows[number]
        if found is None:
            raise LookupError(number)
        return found
