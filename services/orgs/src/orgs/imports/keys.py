"""Whom the keys of a file mean.

A key that is the id of a group (or an individual) of the organization means that one. Any other key means what an
import of this organization made, or will make, under it: its id follows from the organization and the key, so that the
same file again finds what it made, and a file from another organization makes copies rather than touches theirs.
"""

from collections.abc import Iterable
from typing import Any
from uuid import UUID, uuid5

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncSession

CHUNK = 10_000
GROUPS = text("""
SELECT id, parent_id, path, name, node_type, type, tags, is_active FROM individual_groups
WHERE organization_id = :organization_id AND id = ANY(CAST(:ids AS uuid[]))
""")
PEOPLE = text("""
SELECT id, organization_id FROM individuals WHERE id = ANY(CAST(:ids AS uuid[]))
""")


def made_id(organization_id: UUID, kind: str, key: str) -> UUID:
    """The id of what an import makes under a key (RFC 9562, version 5)."""
    return uuid5(organization_id, f"{kind}:{key}")


def target(organization_id: UUID, kind: str, key: str, known: dict[str, Any]) -> UUID:
    """The id of what a key means, be it there or to be made."""
    return known[key].id if key in known else made_id(organization_id, kind, key)


def candidates(organization_id: UUID, kind: str, key: str) -> list[UUID]:
    """What a key may mean, the first that exists counts; if none does, the last is to be made."""
    made = made_id(organization_id, kind, key)
    return [UUID(key), made] if _is_id(key) else [made]


async def groups_of(session: AsyncSession, organization_id: UUID, keys: Iterable[str]) -> dict[str, Any]:
    """The groups of an organization that keys mean, by key; keys that mean none are left out."""
    wanted = {key: candidates(organization_id, "group", key) for key in keys}
    ids = [one for some in wanted.values() for one in some]
    found: dict[UUID, Any] = {}
    for start in range(0, len(ids), CHUNK):
        values = {"organization_id": organization_id, "ids": ids[start : start + CHUNK]}
        found |= {row.id: row for row in await session.execute(GROUPS, values)}
    return _first(wanted, found)


async def people_of(session: AsyncSession, organization_id: UUID, keys: Iterable[str]) -> dict[str, Any]:
    """Likewise of individuals. One that is found with another `organization_id` has taken the id that is to be made."""
    wanted = {key: candidates(organization_id, "individual", key) for key in keys}
    ids = [one for some in wanted.values() for one in some]
    rows = {row.id: row for row in await session.execute(PEOPLE, {"ids": ids})}
    last = {some[-1] for some in wanted.values()}
    found = {key: row for key, row in rows.items() if row.organization_id == organization_id or key in last}
    return _first(wanted, found)


def _first(wanted: dict[str, list[UUID]], found: dict[UUID, Any]) -> dict[str, Any]:
    meant: dict[str, Any] = {}
    for key, some in wanted.items():
        for one in some:
            if one in found:
                meant[key] = found[one]
                break
    return meant


def _is_id(key: str) -> bool:
    try:
        return str(UUID(key)) == key
    except ValueError:
        return False
