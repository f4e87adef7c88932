"""Writing a batch of changes: the last word on each fact, one statement a table."""

from collections.abc import Iterable
from datetime import datetime
from typing import Any, TypeVar
from uuid import UUID

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncSession

from authz.changes import Change, GroupGone, GroupIs, IndividualIs, OrganizationIs, Person, Staff, UserIs

USERS = text("""
INSERT INTO users (id, known, disabled)
SELECT id, true, disabled FROM unnest(CAST(:user AS uuid[]), CAST(:disabled AS bool[])) AS new (id, disabled)
ON CONFLICT (id) DO UPDATE SET known = true, disabled = excluded.disabled
""")
ORGANIZATIONS = text("""
INSERT INTO organizations (id, known, name, display_name)
SELECT id, true, name, display_name FROM unnest(
    CAST(:organization AS uuid[]), CAST(:name AS text[]), CAST(:display_name AS text[])) AS new (id, name, display_name)
ON CONFLICT (id) DO UPDATE SET known = true, name = excluded.name, display_name = excluded.display_name
""")
STAFF_CAME = text("""
INSERT INTO organization_staff (organization_id, user_id)
SELECT * FROM unnest(CAST(:organization AS uuid[]), CAST(:user AS uuid[])) ON CONFLICT DO NOTHING
""")
STAFF_WENT = text("""
DELETE FROM organization_staff WHERE (organization_id, user_id) IN
    (SELECT * FROM unnest(CAST(:organization AS uuid[]), CAST(:user AS uuid[])))
""")
INDIVIDUALS = text("""
INSERT INTO individuals (id, owner_id, organization_id, user_id)
SELECT * FROM unnest(CAST(:individual AS uuid[]), CAST(:owner AS uuid[]), CAST(:organization AS uuid[]),
    CAST(:user AS uuid[]))
ON CONFLICT (id) DO UPDATE
SET owner_id = excluded.owner_id, organization_id = excluded.organization_id, user_id = excluded.user_id
""")
GROUPS = text("""
INSERT INTO groups (id, organization_id, parent_id, gone)
SELECT id, organization_id, parent_id, false FROM unnest(
    CAST(:group AS uuid[]), CAST(:organization AS uuid[]), CAST(:parent AS uuid[])
) AS new (id, organization_id, parent_id)
ON CONFLICT (id) DO UPDATE SET organization_id = excluded.organization_id, parent_id = excluded.parent_id
WHERE NOT groups.gone
""")
GROUPS_GONE = text("""
INSERT INTO groups (id, gone) SELECT id, true FROM unnest(CAST(:group AS uuid[])) AS new (id)
ON CONFLICT (id) DO UPDATE SET gone = true, parent_id = NULL
""")
PEOPLE_CAME = text("""
INSERT INTO group_people (group_id, kind, person_id)
SELECT * FROM unnest(CAST(:group AS uuid[]), CAST(:kind AS text[]), CAST(:person AS uuid[])) ON CONFLICT DO NOTHING
""")
PEOPLE_WENT = text("""
DELETE FROM group_people WHERE (group_id, kind, person_id) IN
    (SELECT * FROM unnest(CAST(:group AS uuid[]), CAST(:kind AS text[]), CAST(:person AS uuid[])))
""")
CONCERNED = """
INSERT INTO {table} AS known (id, known, event_at)
SELECT id, false, at FROM unnest(CAST(:id AS uuid[]), CAST(:at AS timestamptz[])) AS new (id, at)
ON CONFLICT (id) DO UPDATE SET event_at = greatest(known.event_at, excluded.event_at)
"""
CONCERNED_USERS = text(CONCERNED.format(table="users"))
CONCERNED_ORGANIZATIONS = text(CONCERNED.format(table="organizations"))

KEYS: dict[type[Any], int] = {
    UserIs: 1,
    OrganizationIs: 1,
    Staff: 2,
    IndividualIs: 1,
    GroupIs: 1,
    GroupGone: 1,
    Person: 3,
}
"""How many leading fields name the fact. Roles and grants are missing: their own tables are the source."""

Row = TypeVar("Row", bound=tuple[Any, ...])


async def write(session: AsyncSession, changes: Iterable[Change]) -> None:
    """Write what a batch of events says, in their order; facts about roles and grants are passed over."""
    last: dict[Any, Any] = {}
    for change in changes:
        kind = type(change)
        if kind in KEYS:
            last[(kind, *change[: KEYS[kind]])] = change
    rows = list(last.values())
    await _each(session, USERS, _of(rows, UserIs))
    await _each(session, ORGANIZATIONS, _of(rows, OrganizationIs))
    staff = _of(rows, Staff)
    await _each(session, STAFF_WENT, [row for row in staff if not row.present])
    await _each(session, STAFF_CAME, [row for row in staff if row.present])
    await _each(session, INDIVIDUALS, _of(rows, IndividualIs))
    await _each(session, GROUPS, _of(rows, GroupIs))
    await _each(session, GROUPS_GONE, _of(rows, GroupGone))
    people = _of(rows, Person)
    await _each(session, PEOPLE_WENT, [row for row in people if not row.present])
    await _each(session, PEOPLE_CAME, [row for row in people if row.present])


async def concern(session: AsyncSession, users: dict[UUID, datetime], organizations: dict[UUID, datetime]) -> None:
    """Note the time of the newest event that concerns each of these."""
    for statement, times in ((CONCERNED_USERS, users), (CONCERNED_ORGANIZATIONS, organizations)):
        if times:
            await session.execute(statement, {"id": sorted(times), "at": [times[one] for one in sorted(times)]})


async def _each(session: AsyncSession, statement: Any, rows: list[Any]) -> None:
    """Run the statement with one array a field. Rows are sorted, so that no two writers lock in another order."""
    if rows:
        columns = zip(*sorted(rows, key=lambda row: row[:1]), strict=True)
        await session.execute(statement, dict(zip(rows[0]._fields, map(list, columns), strict=True)))


def _of(rows: Iterable[Any], kind: type[Row]) -> list[Row]:
    return [row for row in rows if isinstance(row, kind)]
