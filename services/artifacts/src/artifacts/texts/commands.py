"""Making texts."""

from collections.abc import Collection
from hashlib import md5
from uuid import UUID

from kernel import uuid7
from sqlalchemy import String, func, select, text
from sqlalchemy.ext.asyncio import AsyncSession

from artifacts.matching import among
from artifacts.texts.models import Text

NAME, DESCRIPTION = "cohort-name", "cohort-description"
PROFILE_NAME, PROFILE_EMAIL = "profile-name", "profile-email"
"""Of people; erasing a person removes theirs. Profiles hold the values themselves."""

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


async def found_texts(
    session: AsyncSession, organization_id: UUID, wanted: Collection[tuple[str, str]]
) -> tuple[dict[tuple[str, str], UUID], list[UUID]]:
    """The id of each `(kind, value)`, and those of them that had to be made."""
    if not wanted:
        return {}, []
    statement = select(Text.kind, Text.value, Text.id).where(
        Text.organization_id == organization_id,
        among(Text.kind, {kind for kind, _ in wanted}),
        among(
            func.md5(Text.value, type_=String()),
            [md5(value.encode(), usedforsecurity=False).hexdigest() for _, value in wanted],
        ),
    )
    known = {(kind, value): identifier for kind, value, identifier in await session.execute(statement)}
    made = await made_texts(session, organization_id, [one for one in dict.fromkeys(wanted) if one not in known])
    return known | made, list(made.values())
