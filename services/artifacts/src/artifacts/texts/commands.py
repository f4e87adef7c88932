"""Finding texts or making them."""

from collections.abc import Iterable
from uuid import UUID

from kernel import uuid7
from sqlalchemy import select, text
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncSession

from artifacts.matching import among
from artifacts.texts.models import Text

NAME, DESCRIPTION = "cohort-name", "cohort-description"


async def found_or_made(
    session: AsyncSession, organization_id: UUID, wanted: Iterable[tuple[str, str]]
) -> dict[tuple[str, str], UUID]:
    """The id of each `(kind, value)`; those that are not there are made."""
    pairs = sorted(set(wanted))
    if not pairs:
        return {}
    rows = [{"id": uuid7(), "organization_id": organization_id, "kind": kind, "value": value} for kind, value in pairs]
    elements = [Text.organization_id, Text.kind, text("md5(value)")]
    await session.execute(insert(Text).on_conflict_do_nothing(index_elements=elements), rows)
    values = [value for _, value in pairs]
    statement = select(Text.kind, Text.value, Text.id).where(
        Text.organization_id == organization_id, Text.kind.in_({kind for kind, _ in pairs}), among(Text.value, values)
    )
    return {(kind, value): identifier for kind, value, identifier in (await session.execute(statement))}
