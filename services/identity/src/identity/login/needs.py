"""What a person has to show or do beside the password, as it is now."""

from uuid import UUID

import msgspec
from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncSession

from identity.mfa_totp.proving import Factor
from identity.service_documents.agreements import OUTSTANDING

NEEDS = text(f"""
    SELECT t.id, t.secret, ARRAY({OUTSTANDING}) AS documents
      FROM (SELECT CAST(:user_id AS uuid) AS id) AS u
      LEFT JOIN totp_configurations t ON t.user_id = u.id AND t.enabled
""")  # noqa: S608


class Needs(msgspec.Struct, frozen=True):
    """The second factor, if one is on, and the documents to agree to."""

    factor: Factor | None
    documents: list[UUID]


async def read(session: AsyncSession, user_id: UUID) -> Needs:
    """What a user needs. Read it after the user's row was locked: switching a second factor on locks it, too."""
    row = (await session.execute(NEEDS, {"user_id": user_id})).one()
    return Needs(Factor(row.id, row.secret) if row.id else None, row.documents)
