"""Getting hold of groups to change them."""

from typing import Any
from uuid import UUID

from kernel import Conflict, NotFound
from sqlalchemy import Uuid, any_, bindparam, select, text
from sqlalchemy.dialects.postgresql import ARRAY
from sqlalchemy.ext.asyncio import AsyncSession

from orgs.access.locks import forest_alone, forest_together
from orgs.access.queries import Reach, readable_groups, refuse, writable_groups
from orgs.individual_groups.models import KEPT, Group

ORGANIZATION = text("SELECT organization_id FROM individual_groups WHERE id = :id")
Pointers = dict[UUID, str | None]
"""Groups by id, each with the place in the request that names it (None for the path)."""


async def hold(session: AsyncSession, group_id: UUID, *, alone: bool) -> UUID:
    """Hold the forest that a group stands in; the organization's id. Raises NotFound."""
    organization_id = await session.scalar(ORGANIZATION, {"id": group_id})
    if organization_id is None:
        raise NotFound
    await (forest_alone if alone else forest_together)(session, organization_id)
    return organization_id


async def lock_groups(session: AsyncSession, reach: Reach, organization_id: UUID, wanted: Pointers) -> dict[UUID, Any]:
    """Lock groups that the caller may change, in the order of their ids. Raises NotFound or Forbidden.

    Rows have id, parent_id, path, type, is_active, name and node_type.
    """
    statement = (
        select(
            Group.id,
            Group.organization_id,
            Group.parent_id,
            Group.path,
            Group.type,
            Group.is_active,
            Group.name,
            Group.node_type,
            readable_groups(reach).label("readable"),
            writable_groups(reach).label("writable"),
        )
        .where(Group.id == any_(bindparam(None, list(wanted), ARRAY(Uuid()), unique=True)))
        .order_by(Group.id)
        .with_for_update(key_share=True)
    )
    found = {row.id: row for row in await session.execute(statement)}
    for identifier, pointer in wanted.items():
        row = found.get(identifier)
        if row is None or row.organization_id != organization_id:
            raise NotFound("There is no such group.", pointer=pointer)
        if not row.writable:
            raise refuse(reach, row.organization_id, row.readable, "group", pointer)
    return found


def refuse_kept(row: Any, pointer: str | None = None) -> None:
    """Raise Conflict for a group that the platform keeps."""
    if row.type in KEPT:
        raise Conflict("The platform keeps this group by itself.", pointer=pointer, code="kept-group")
