"""Reading every base fact into a new index: one consistent view of the database, with the positions it stands at.

At the full size these are fifteen million rows; they are copied and taken in by the column (`copied.py`).
"""

from array import array
from typing import Any

import asyncpg
import msgspec
import numpy as np

from authz.base_facts.apply import read_early
from authz.base_facts.copied import Columns, copied
from authz.changes import CONTEXTS
from authz.index.facts import Facts
from authz.index.grants import SubjectKind
from authz.index.ids import NOTHING, Numbers, Raw
from authz.index.kinds import FLAGS, Individuals, Kind
from authz.index.order import Early
from authz.index.pairs import Pairs, bitmap

NO_ID = "'00000000-0000-0000-0000-000000000000'"
"""Stands for a null while rows are copied; nothing has this id."""

POSITIONS = "SELECT context, sequence FROM applied_positions"
IDS = "SELECT id FROM {}"
USERS = "SELECT id, known, disabled, coalesce(extract(epoch FROM event_at), 0)::float8 FROM users"
ORGANIZATIONS = "SELECT id, known, coalesce(extract(epoch FROM event_at), 0)::float8 FROM organizations"
STAFF = "SELECT organization_id, user_id FROM organization_staff"
INDIVIDUALS = f"""
SELECT id, coalesce(owner_id, {NO_ID}), coalesce(organization_id, {NO_ID}), coalesce(user_id, {NO_ID}) FROM individuals
"""  # noqa: S608
GROUPS = f"SELECT id, coalesce(organization_id, {NO_ID}), coalesce(parent_id, {NO_ID}), gone FROM groups"  # noqa: S608
PEOPLE = "SELECT group_id, person_id FROM group_people WHERE kind = '{}'"
ROLES = "SELECT id::text, name, organization_id::text FROM roles"
ROLE_USERS = "SELECT role_id, user_id FROM role_users"
GRANTS = """
SELECT id::text, subject_type, subject_id::text, resource_type, resource_id, operation,
       extract(epoch FROM expires_at)::float8, condition, organization_id::text
FROM access_grants ORDER BY id
"""
FLAGGED = f"""
SELECT individual_id, {", ".join(FLAGS)} FROM individual_attributes WHERE {" OR ".join(FLAGS)}
"""  # noqa: S608
VERSIONS = "SELECT id, version::int4 FROM applied_aggregates WHERE kind = '{}'"
OWN_VERSIONS = "SELECT aggregate_id::uuid, version::int4 FROM aggregate_versions WHERE aggregate_type = 'authz.{}'"
OWN = frozenset({"role", "access_grant"})
EARLY = "SELECT kind, id::text, early::text FROM applied_aggregates WHERE early IS NOT NULL"


class Snapshot(msgspec.Struct):
    """An index, the sequence of each context's stream that it stands at, and events that came before missing ones."""

    facts: Facts
    positions: dict[str, int]
    early: dict[tuple[str, str], Early]


async def load(connection: asyncpg.Connection) -> Snapshot:
    """Read everything. Ids get their numbers in the order of the ids, so that lists need no sort."""
    snapshot = Snapshot(Facts(), dict.fromkeys(CONTEXTS, 0), {})
    facts = snapshot.facts
    async with connection.transaction(isolation="repeatable_read", readonly=True):
        for context, sequence in await connection.fetch(POSITIONS):
            snapshot.positions[context] = sequence
        for table in ("users", "organizations", "groups", "individuals"):
            await _ids(connection, table, getattr(facts, table))
        await _users(connection, facts)
        await _organizations(connection, facts)
        await _individuals(connection, facts)
        await _groups(connection, facts)
        await _people(connection, facts)
        await _roles(connection, facts)
        for row in await connection.fetch(GRANTS):
            _grant(facts, *row)
        for kind, table in facts.kinds.items():
            await _versions(connection, (OWN_VERSIONS if kind in OWN else VERSIONS).format(kind), table)
        for kind, identifier, early in await connection.fetch(EARLY):
            snapshot.early[(kind, identifier)] = read_early(msgspec.json.decode(early))
    return snapshot


async def _ids(connection: asyncpg.Connection, name: str, table: Kind) -> None:
    """All ids of a table at once, so that their numbers ascend with them."""
    parts: list[Raw] = []
    await copied(connection, IDS.format(name), {"id": "uuid"}, lambda rows: parts.append(rows["id"]))
    if parts:
        table.number_all(np.concatenate(parts))


async def _users(connection: asyncpg.Connection, facts: Facts) -> None:
    users = facts.users

    def take(rows: Columns) -> None:
        numbers = users.number_all(rows["id"])
        users.known |= bitmap(numbers[rows["known"]])
        users.disabled |= bitmap(numbers[rows["known"] & rows["disabled"]])
        _put(users.event_at, numbers, rows["at"])

    await copied(connection, USERS, {"id": "uuid", "known": "bool", "disabled": "bool", "at": "float8"}, take)


async def _organizations(connection: asyncpg.Connection, facts: Facts) -> None:
    places = facts.organizations

    def take(rows: Columns) -> None:
        numbers = places.number_all(rows["id"])
        places.known |= bitmap(numbers[rows["known"]])
        _put(places.event_at, numbers, rows["at"])

    await copied(connection, ORGANIZATIONS, {"id": "uuid", "known": "bool", "at": "float8"}, take)
    staff = await _pairs(connection, STAFF, places, facts.users)
    places.staff = staff.bitmaps(len(places))
    facts.users.staff.load(staff, len(facts.users), by_right=True)


async def _individuals(connection: asyncpg.Connection, facts: Facts) -> None:
    table, own, owned, held = facts.individuals, Pairs(), Pairs(), Pairs()

    def take(rows: Columns) -> None:
        numbers = table.number_all(rows["id"])
        table.known |= bitmap(numbers)
        owned.add(*_refer(table.owner, numbers, facts.users, rows["owner"]))
        held.add(*_refer(table.organization, numbers, facts.organizations, rows["organization"]))
        own.add(*_refer(table.user, numbers, facts.users, rows["user"]))

    columns = {"id": "uuid", "owner": "uuid", "organization": "uuid", "user": "uuid"}
    await copied(connection, INDIVIDUALS, columns, take)
    facts.users.own.load(own, len(facts.users))
    facts.users.owned.load(owned, len(facts.users))
    table.owned_by_users = bitmap(owned.right)
    facts.organizations.individuals = held.bitmaps(len(facts.organizations))
    flags = dict.fromkeys(FLAGS, "bool")
    await copied(connection, FLAGGED, {"id": "uuid", **flags}, lambda rows: _flags(table, rows))


def _flags(table: Individuals, rows: Columns) -> None:
    numbers = table.number_all(rows["id"])
    for name, flagged in table.flags.items():
        flagged.update(bitmap(numbers[rows[name]]))


async def _groups(connection: asyncpg.Connection, facts: Facts) -> None:
    table, children, held = facts.groups, Pairs(), Pairs()

    def take(rows: Columns) -> None:
        numbers, there = table.number_all(rows["id"]), ~rows["gone"]
        facts.gone_groups.update(bitmap(numbers[~there]))
        standing = numbers[there]
        table.known |= bitmap(standing)
        _put(table.parent, standing, np.full(len(standing), NOTHING, np.int32))
        children.add(*_refer(table.parent, standing, table, rows["parent"][there]))
        held.add(*_refer(table.organization, standing, facts.organizations, rows["organization"][there]))

    columns = {"id": "uuid", "organization": "uuid", "parent": "uuid", "gone": "bool"}
    await copied(connection, GROUPS, columns, take)
    table.children.load(children, len(table))
    facts.organizations.groups = held.bitmaps(len(facts.organizations))


async def _people(connection: asyncpg.Connection, facts: Facts) -> None:
    groups, users, individuals = facts.groups, facts.users, facts.individuals
    leaders = await _pairs(connection, PEOPLE.format("leader"), groups, users)
    users.led.load(leaders, len(users), by_right=True)
    groups.leaders = leaders.bitmaps(len(groups))
    members = await _pairs(connection, PEOPLE.format("member"), groups, users)
    users.member.load(members, len(users), by_right=True)
    groups.members = members.bitmaps(len(groups))
    inside = await _pairs(connection, PEOPLE.format("individual"), groups, individuals)
    individuals.groups.load(inside, len(individuals), by_right=True)
    groups.individuals = inside.bitmaps(len(groups))


async def _roles(connection: asyncpg.Connection, facts: Facts) -> None:
    for row in await connection.fetch(ROLES):
        facts.set_role(*row)
    given = await _pairs(connection, ROLE_USERS, facts.roles, facts.users)
    facts.users.roles.load(given, len(facts.users), by_right=True)
    facts.roles.users = given.bitmaps(len(facts.roles))


def _grant(facts: Facts, grant: str, kind: SubjectKind, subject: str, *rest: Any) -> None:
    *thing, expires_at, condition, organization = rest
    facts.set_grant(grant, kind, subject, (thing[0], thing[1], thing[2]), expires_at, condition, organization)


async def _versions(connection: asyncpg.Connection, statement: str, table: Kind) -> None:
    def take(rows: Columns) -> None:
        _put(table.version, table.number_all(rows["id"]), rows["version"])

    await copied(connection, statement, {"id": "uuid", "version": "int4"}, take)


async def _pairs(connection: asyncpg.Connection, statement: str, left: Kind, right: Kind) -> Pairs:
    pairs = Pairs()

    def take(rows: Columns) -> None:
        pairs.add(left.number_all(rows["left"]), right.number_all(rows["right"]))

    await copied(connection, statement, {"left": "uuid", "right": "uuid"}, take)
    return pairs


def _refer(column: "array[int]", numbers: Numbers, to: Kind, raw: Raw) -> tuple[Numbers, Numbers]:
    """Set a column to what each id names; those that are named, and who names them. A null names nothing."""
    real = raw.any(axis=1)
    named = to.number_all(raw[real])
    _put(column, numbers[real], named)
    return named, numbers[real]


def _put(column: "array[Any]", numbers: Numbers, values: Any) -> None:
    """Set a column at many places. Nothing may be appended to it meanwhile."""
    np.frombuffer(column, column.typecode)[numbers] = values
