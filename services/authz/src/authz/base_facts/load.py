"""Reading every base fact into a new index: one consistent view of the database, with the positions it stands at."""

from collections.abc import Callable
from typing import Any

import asyncpg
import msgspec

from authz.base_facts.apply import read_early
from authz.changes import CONTEXTS
from authz.index.facts import Facts
from authz.index.grants import SubjectKind
from authz.index.order import Early

ROWS_AT_ONCE = 5000

POSITIONS = "SELECT context, sequence FROM applied_positions"
USERS = "SELECT id::text, known, disabled, extract(epoch FROM event_at)::float8 FROM users ORDER BY id"
ORGANIZATIONS = "SELECT id::text, known, extract(epoch FROM event_at)::float8 FROM organizations ORDER BY id"
STAFF = "SELECT organization_id::text, user_id::text FROM organization_staff"
INDIVIDUALS = "SELECT id::text, owner_id::text, organization_id::text, user_id::text FROM individuals ORDER BY id"
GROUPS = "SELECT id::text, organization_id::text, parent_id::text, gone FROM groups ORDER BY id"
PEOPLE = "SELECT group_id::text, kind, person_id::text FROM group_people"
ROLES = "SELECT id::text, name, organization_id::text FROM roles"
ROLE_USERS = "SELECT role_id::text, user_id::text FROM role_users"
GRANTS = """
SELECT id::text, subject_type, subject_id::text, resource_type, resource_id, operation,
       extract(epoch FROM expires_at)::float8, condition, organization_id::text
FROM access_grants ORDER BY id
"""
FLAGS = """
SELECT individual_id::text, email_verified, phone_verified, registered, provider FROM individual_attributes
WHERE email_verified OR phone_verified OR registered OR provider
"""
VERSIONS = """
SELECT kind, id::text, version, early::text FROM applied_aggregates WHERE kind <> 'role'
UNION ALL
SELECT substr(aggregate_type, 7), aggregate_id, version, NULL FROM aggregate_versions
WHERE aggregate_type IN ('authz.role', 'authz.access_grant')
"""


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
        await _each(connection, USERS, lambda *row: _user(facts, *row))
        await _each(connection, ORGANIZATIONS, lambda *row: _organization(facts, *row))
        await _each(connection, STAFF, lambda *row: facts.set_staff(*row, present=True))
        await _each(connection, INDIVIDUALS, facts.set_individual)
        await _each(connection, GROUPS, lambda *row: facts.groups.number(row[0]))
        await _each(connection, GROUPS, lambda *row: _group(facts, *row))
        await _each(connection, PEOPLE, lambda *row: facts.set_person(*row, present=True))
        await _each(connection, ROLES, facts.set_role)
        await _each(connection, ROLE_USERS, lambda *row: facts.set_role_user(*row, present=True))
        await _each(connection, GRANTS, lambda *row: _grant(facts, *row))
        await _each(connection, FLAGS, lambda *row: _flags(facts, *row))
        await _each(connection, VERSIONS, lambda *row: _version(snapshot, *row))
    return snapshot


async def _each(connection: asyncpg.Connection, statement: str, take: Callable[..., Any]) -> None:
    async for row in connection.cursor(statement, prefetch=ROWS_AT_ONCE):
        take(*row)


def _user(facts: Facts, user: str, known: bool, disabled: bool, event_at: float | None) -> None:
    if known:
        facts.set_user(user, disabled)
    facts.users.event_at[facts.users.number(user)] = event_at or 0.0


def _organization(facts: Facts, organization: str, known: bool, event_at: float | None) -> None:
    if known:
        facts.set_organization(organization)
    facts.organizations.event_at[facts.organizations.number(organization)] = event_at or 0.0


def _group(facts: Facts, group: str, organization: str, parent: str | None, gone: bool) -> None:
    if gone:
        facts.delete_group(group)
    else:
        facts.set_group(group, organization, parent)


def _grant(facts: Facts, grant: str, kind: SubjectKind, subject: str, *rest: Any) -> None:
    *thing, expires_at, condition, organization = rest
    facts.set_grant(grant, kind, subject, (thing[0], thing[1], thing[2]), expires_at, condition, organization)


def _flags(facts: Facts, individual: str, *values: bool) -> None:
    number = facts.individuals.number(individual)
    for bitmap, value in zip(facts.individuals.flags.values(), values, strict=True):
        if value:
            bitmap.add(number)


def _version(snapshot: Snapshot, kind: str, identifier: str, version: int, early: str | None) -> None:
    table = snapshot.facts.kinds[kind]
    table.version[table.number(identifier)] = version
    if early is not None:
        snapshot.early[(kind, identifier)] = read_early(msgspec.json.decode(early))
