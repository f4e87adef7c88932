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

RECORD_MANY = text("""
INSERT INTO group_logs (id, organization_id, group_id, subject, event, person_id, created_by)
SELECT uuidv7(), :organization_id, group_id, :subject, :event, person_id, :created_by
FROM unnest(CAST(:groups AS uuid[]), CAST(:people AS uuid[])) AS one(group_id, person_id)
""")
Subject = Literal["individual", "leader", "member"]


async def record_many(
    session: AsyncSession,
    organization_id: UUID,
    subject: Subject,
    actor: UUID | None,
    *,
    added: Sequence[tuple[UUID, UUID]] = (),
    removed: Sequence[tuple[UUID, UUID]] = (),
) -> None:
    """Likewise for many groups: pairs of a group and a person."""
    place = {"organization_id": organization_id, "subject": subject, "created_by": actor}
    for event, pairs in (("remove", removed), ("add", added)):
        if pairs:
            lists = {"groups": [group for group, _ in pairs], "people": [person for _, person in pairs]}
            await session.execute(RECORD_MANY, {**place, **lists, "event": event})


async def record(
    session: AsyncSession,
    organization_id: UUID,
    group_id: UUID,
    subject: Subject,
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
