"""Whom the keys of a file mean.

A key that is the id of a group (or an individual) of the organization means that one. Any other key means what an
import of this organization made, or will make, under it: its id follows from the organization and the key, so that the
same file again finds what it made, and a file from another organization makes copies rather than touches theirs.
"""

import hashlib
from collections.abc import Awaitable, Callable, Iterable, Iterator
from typing import Any, NamedTuple
from uuid import UUID

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncSession

CHUNK = 10_000
ID_LENGTH = 36
GROUPS = text("""
SELECT id, organization_id, parent_id, path, name, node_type, type, tags, is_active FROM individual_groups
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

    async def read(ids: list[UUID]) -> Iterable[Any]:
        return await session.execute(GROUPS, {"organization_id": organization_id, "ids": ids})

    return await _meant(organization_id, "group", keys, read)


async def people_of(session: AsyncSession, organization_id: UUID, keys: Iterable[str]) -> dict[str, Meant]:
    """Likewise among individuals. One that is found with another `organization_id` has taken the id."""

    async def read(ids: list[UUID]) -> Iterable[Any]:
        return await session.execute(PEOPLE, {"ids": ids})

    return await _meant(organization_id, "individual", keys, read)


async def _meant(
    organization_id: UUID, kind: str, keys: Iterable[str], read: Callable[[list[UUID]], Awaitable[Iterable[Any]]]
) -> dict[str, Meant]:
    """The id that a key is counts where the organization has it; else the one that is made under the key."""
    wanted = list(keys)
    given = {key: one for key in wanted if (one := _id(key)) is not None}
    found: dict[UUID, Any] = {}
    for some in _chunks(list(given.values())):
        found |= {row.id: row for row in await read(some) if row.organization_id == organization_id}
    meant = {key: Meant(one, found[one]) for key, one in given.items() if one in found}
    made = {key: made_id(organization_id, kind, key) for key in wanted if key not in meant}
    found.clear()
    for some in _chunks(list(made.values())):
        found |= {row.id: row for row in await read(some)}
    return meant | {key: Meant(one, found.get(one)) for key, one in made.items()}


def _chunks(ids: list[UUID]) -> Iterator[list[UUID]]:
    return (ids[start : start + CHUNK] for start in range(0, len(ids), CHUNK))


def _id(key: str) -> UUID | None:
    """The id that a key is; keys that are ids have been brought to their usual form."""
    if len(key) != ID_LENGTH or key[8] != "-":
        return None
    try:
        return UUID(key)
    except ValueError:
        return None
