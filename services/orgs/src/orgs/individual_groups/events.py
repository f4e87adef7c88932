"""What groups announce about their people, in pieces of a size that streams carry."""

from collections.abc import Sequence
from typing import Any, Literal
from uuid import UUID

from contracts.orgs import GroupPeopleChanged
from messaging import publish
from sqlalchemy.ext.asyncio import AsyncSession

PIECE = 500


async def people_changed(
    session: AsyncSession,
    group_id: UUID,
    organization_id: UUID,
    kind: Literal["individual", "leader", "member"],
    *,
    added: Sequence[UUID] = (),
    removed: Sequence[UUID] = (),
) -> None:
    """Announce who came and who left, at most `PIECE` ids an event; nothing where nobody did."""
    place: dict[str, Any] = {"group_id": group_id, "organization_id": organization_id, "kind": kind}
    for start in range(0, len(removed), PIECE):
        await publish(session, GroupPeopleChanged(**place, removed=tuple(removed[start : start + PIECE])))
    for start in range(0, len(added), PIECE):
        await publish(session, GroupPeopleChanged(**place, added=tuple(added[start : start + PIECE])))
