"""Whom the keys of a file mean.

A key that is the id of a group (or an individual) of the organization means that one. Any other key means what an
import of this organization made, or will make, under it: its id follows from the organization and the key, so that the
same file again finds what it made, and a file from another organization makes copies rather than touches theirs.
"""

import hashlib
from collections.abc import Iterable
from typing import Any, NamedTuple
from uuid import UUID

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncSession

CHUNK = 10_000
ID_LENGTH = 36
GROUPS = text("""
SELECT id, parent_id, path, name, node_type, type, tags, is_active FROM individual_groups
WHERE organization_id = :organization_id AND id = ANY(CAST(:ids AS uuid[]))
""")
PEOPLE = text("""
SELECT id, organization_id FROM individuals WHERE id = ANY(CAST(:ids AS uuid[]))
""")


class Meant(NamedTuple):
    """What a key means: an id, and what is there under it, or None for what is to be made."""

    id: UUID
    found: Any


def made_id(organization_id: UUID, kind: str, key: str) -> UUID:
    """The id of what an import makes under a key (RFC 9562, version 5)."""
    digest = hashlib.sha1(organization_id.bytes + f"{kind}:{key}".encode(), usedforsecurity=False).digest()
    return UUID(bytes=digest[:16], version=5)


async def groups_of(session: AsyncSession, organization_id: UUID, keys: Iterable[str]) -> dict[str, Meant]:
    """What keys mean among the groups of an organization."""
    wanted = _candidates(organization_id, "group", keys)
    ids = [one for some in wanted.values() for one in some]
    found: dict[UUID, Any] = {}
    for start in range(0, len(ids), CHUNK):
        values = {"organization_id": organization_id, "ids": ids[start : start + CHUNK]}
        found |= {row.id: row for row in await session.execute(GROUPS, values)}
    return _first(wanted, found)


async def people_of(session: AsyncSession, organization_id: UUID, keys: Iterable[str]) -> dict[str, Meant]:
    """Likewise among individuals. One that is found with another `organization_id` has taken the id."""
    wanted = _candidates(organization_id, "individual", keys)
    ids = [one for some in wanted.values() for one in some]
    rows = {row.id: row for row in await session.execute(PEOPLE, {"ids": ids})}
    last = {some[-1] for some in wanted.values()}
    found = {key: row for key, row in rows.items() if row.organization_id == organization_id or key in last}
    return _first(wanted, found)


def _candidates(organization_id: UUID, kind: str, keys: Iterable[str]) -> dict[str, list[UUID]]:
    """What each key may mean: the first that exists counts; if none does, the last is to be made."""
    found: dict[str, list[UUID]] = {}
    for key in keys:
        known = _id(key)
        made = made_id(organization_id, kind, key)
        found[key] = [made] if known is None else [known, made]
    return found


def _first(wanted: dict[str, list[UUID]], found: dict[UUID, Any]) -> dict[str, Meant]:
    meant: dict[str, Meant] = {}
    for key, some in wanted.items():
        one = next((one for one in some if one in found), some[-1])
        meant[key] = Meant(one, found.get(one))
    return meant


def _id(key: str) -> UUID | None:
    """The id that a key is; keys that are ids have been brought to their usual form."""
    if len(key) != ID_LENGTH or key[8] != "-":
        return None
    try:
        return UUID(key)
    except ValueError:
        return None
