"""An organization of 100,000 groups and 1,000,000 memberships, and one of a hundredth of that, beside each other."""

import random
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from itertools import islice
from typing import Any
from uuid import UUID, uuid4

import asyncpg

FAN = 10
"""How many groups stand below one: ten roots, so a root's subtree is a tenth of the forest."""
PEOPLE_A_GROUP = 2
GROUPS_A_PERSON = 4
NEW = datetime(2026, 3, 1, tzinfo=UTC)
OLD = NEW - timedelta(days=30)
WORDS = ("Harbour", "Meadow", "Night", "Cardio", "River", "Summit", "Garden", "Maple", "Linden", "Bridge")

ORGANIZATION = """
INSERT INTO organizations (id, name, display_name, authorization_type, classification, provider_type, timezone)
VALUES ($1, 'Harbour Clinic', 'Harbour', 'open', 'customer', 'clinic', 'UTC')
"""
MEMBERSHIP = """
INSERT INTO memberships (id, organization_id, user_id, account_type, roles) VALUES (uuidv7(), $1, $2, 'provider', $3)
"""
LOGS = """
INSERT INTO group_logs (id, organization_id, group_id, subject, event, person_id, created_by)
SELECT uuidv7(), $1, h.group_id, 'individual', 'add', h.individual_id, $2
FROM group_individuals h JOIN individual_groups g ON g.id = h.group_id
WHERE g.organization_id = $1 AND g.type = 'regular'
"""


@dataclass(frozen=True)
class Forest:
    """What was made. Groups are in the order in which they were made: the roots first, then level by level."""

    organization: UUID
    admin: UUID
    leader: UUID
    groups: list[UUID]
    kept: dict[str, UUID]
    people: list[UUID]

    @property
    def root(self) -> UUID:
        """A root with a tenth of all groups below it."""
        return self.groups[0]


async def plant(connection: asyncpg.Connection, size: int) -> Forest:
    """An organization of `size` groups in `FAN` trees, with ten memberships a group."""
    made = Forest(
        organization=uuid4(),
        admin=uuid4(),
        leader=uuid4(),
        groups=_ids(size),
        kept={kind: _ids(1)[0] for kind in ("all_participants", "unassigned")},
        people=_ids(size * PEOPLE_A_GROUP),
    )
    await connection.execute(ORGANIZATION, made.organization)
    await connection.execute(MEMBERSHIP, made.organization, made.admin, ["org.member", "org.admin"])
    await connection.execute(MEMBERSHIP, made.organization, made.leader, ["org.member"])
    await _copy(
        connection,
        "individuals",
        PERSON,
        ((one, *_owner(made), f"N{n}", f"L{n}", f"n{n}@example.org") for n, one in enumerate(made.people)),
    )
    held = list(_memberships(made))
    await _copy(connection, "individual_groups", GROUP, _groups(made, held))
    await _copy(connection, "group_individuals", ("group_id", "individual_id"), held)
    await _copy(
        connection,
        "group_individuals",
        ("group_id", "individual_id"),
        ((made.kept["all_participants"], one) for one in made.people),
    )
    leaders = [uuid4() for _ in range(100)]
    staff = [(made.groups[size // 100], "leader", made.leader)]
    staff += [(group, "leader", leaders[number % 100]) for number, group in enumerate(made.groups[::20])]
    await _copy(connection, "group_staff", ("group_id", "kind", "user_id"), staff)
    await connection.execute(LOGS, made.organization, made.admin)
    return made


PERSON = ("id", "owner_type", "owner_id", "organization_id", "first_name", "last_name", "email")
GROUP = (
    "id",
    "organization_id",
    "parent_id",
    "path",
    "name",
    "node_type",
    "type",
    "tags",
    "child_count",
    "individuals_count",
    "updated_at",
)


def _owner(made: Forest) -> tuple[Any, ...]:
    return "organization", made.organization, made.organization


def _memberships(made: Forest) -> Iterator[tuple[UUID, UUID]]:
    chance = random.Random(11)
    for one in made.people:
        for place in chance.sample(range(len(made.groups)), GROUPS_A_PERSON):
            yield made.groups[place], one


def _groups(made: Forest, held: list[tuple[UUID, UUID]]) -> Iterator[tuple[Any, ...]]:
    counts: dict[UUID, int] = {}
    for group, _ in held:
        counts[group] = counts.get(group, 0) + 1
    paths: list[list[UUID]] = []
    size = len(made.groups)
    for number, group in enumerate(made.groups):
        above = number // FAN - 1
        path = [*paths[above], made.groups[above]] if number >= FAN else []
        paths.append(path)
        children = max(0, min(FAN, size - (number + 1) * FAN))
        kind = "division" if number % (size // 100) == 7 else "group"
        tags = [f"tag{number % (size // 20)}"]
        name = f"{WORDS[number % len(WORDS)]} {number:06}"
        changed = NEW if number % (size // 20) == 3 else OLD
        place = (made.organization, path[-1] if path else None, path)
        yield (group, *place, name, kind, "regular", tags, children, counts.get(group, 0), changed)
    for kind, group in made.kept.items():
        number = len(made.people) if kind == "all_participants" else 0
        yield group, made.organization, None, [], kind, "group", kind, [], 0, number, OLD


async def _copy(connection: Any, table: str, columns: tuple[str, ...], rows: Iterable[tuple[Any, ...]]) -> None:
    source = iter(rows)
    while some := list(islice(source, 50_000)):
        await connection.copy_records_to_table(table, columns=columns, records=some)


def _ids(number: int) -> list[UUID]:
    """Ids in the order in which the database would make them."""
    from kernel import uuid7  # noqa: PLC0415

    return [uuid7() for _ in range(number)]
