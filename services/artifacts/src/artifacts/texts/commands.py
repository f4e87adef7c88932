"""Making texts."""

from collections.abc import Collection
from uuid import UUID

from kernel import uuid7
from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncSession

NAME, DESCRIPTION = "cohort-name", "cohort-description"

MAKE = text("""
INSERT INTO texts AS known (id, organization_id, kind, value)
SELECT id, CAST(:organization_id AS uuid), kind, value
  FROM unnest(CAST(:ids AS uuid[]), CAST(:kinds AS text[]), CAST(:values AS text[])) AS one (id, kind, value)
 ORDER BY kind, value
ON CONFLICT (organization_id, kind, md5(value)) DO UPDATE SET value = known.value
RETURNING id, kind, value
""")


async def made_texts(
    session: AsyncSession, organization_id: UUID, missing: Collection[tuple[str, str]]
) -> dict[tuple[str, str], UUID]:
    """The id of each `(kind, value)` that was not there a moment ago; one that somebody else has made since is found.

    They are written in one order, so that two requests with the same ones cannot wait for each other.
    """
    if not missing:
        return {}
    values = {
        "organization_id": organization_id,
        "ids": [uuid7() for _ in missing],
        "kinds": [kind for kind, _ in missing],
        "values": [value for _, value in missing],
    }
    return {(kind, value): identifier for identifier, kind, value in await session.execute(MAKE, values)}
