"""Writing the record."""

from collections.abc import Sequence
from typing import Literal
from uuid import UUID

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncSession

RECORD = text("""
INSERT INTO group_logs (id, organization_id, group_id, subject, event, person_id, created_by)
SELECT uuidv7(), :organization_id, :group_id, :subject, :event, unnest(CAST(:people AS uuid[])), :created_by
""")


async def record(
    session: AsyncSession,
    organization_id: UUID,
    group_id: UUID,
    subject: Literal["individual", "leader", "member"],
    actor: UUID | None,
    *,
    added: Sequence[UUID] = (),
    removed: Sequence[UUID] = (),
) -> None:
    """Write who was added to a group or removed from it; `actor` is None where the platform did it."""
    place = {"organization_id": organization_id, "group_id": group_id, "subject": subject, "created_by": actor}
    for event, people in (("remove", removed), ("add", added)):
        if people:
            await session.execute(RECORD, {**place, "event": event, "people": list(people)})
