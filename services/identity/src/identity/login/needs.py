"""What a person has to show or do beside the password, as it is now, and what their tokens will say."""

from uuid import UUID

import msgspec
from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncSession

from identity.mfa_totp.proving import Factor
from identity.service_documents.agreements import OUTSTANDING
from identity.sessions import facts

NEEDS = text(f"""
    SELECT who.*, t.id AS totp_id, t.secret AS totp_secret, ARRAY({OUTSTANDING}) AS documents
      FROM ({facts.FACTS}) AS who
      LEFT JOIN totp_configurations t ON t.user_id = who.user_id AND t.enabled
""")  # noqa: S608


class Needs(msgspec.Struct, frozen=True):
    """Who it is, their second factor if one is on, and the documents to agree to."""

    who: facts.Facts
    factor: Factor | None
    documents: list[UUID]


async def read(session: AsyncSession, user_id: UUID) -> Needs:
    """What a user needs. Read it after the user's row was locked: switching a second factor on locks it, too."""
    row = (await session.execute(NEEDS, {"user_id": user_id})).mappings().one()
    factor = Factor(row["totp_id"], row["totp_secret"]) if row["totp_id"] else None
    return Needs(facts.of_row(row), factor, row["documents"])
