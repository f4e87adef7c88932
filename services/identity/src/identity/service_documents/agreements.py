"""Who has agreed to what, and who still has to."""

from collections.abc import Sequence
from datetime import datetime
from typing import Literal
from uuid import UUID

from chassis.principal import Principal
from contracts.identity import AgreementsDeleted, AgreementsRecorded
from kernel import NotFound, Unauthorized
from messaging import publish
from sqlalchemy import bindparam, text
from sqlalchemy.dialects.postgresql import ARRAY
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.types import Uuid

from identity.audit_events.commands import record as audit
from identity.parts import Parts
from identity.service_documents import presentation, queries
from identity.service_documents.models import ServiceDocument
from identity.users.models import User

REQUIRED = "service-documents-required"

MINE = """(d.organization_id IS NULL OR d.organization_id IN (
           SELECT o.organization_id FROM user_organizations o WHERE o.user_id = :user_id))"""
OUTSTANDING = f"""
    SELECT n.id FROM (
        SELECT DISTINCT ON (d.organization_id, d.type) d.id, d.organization_id, d.type, d.agreement_required
          FROM service_documents d WHERE {MINE}
         ORDER BY d.organization_id, d.type, d.created_at DESC, d.id DESC) AS n
     WHERE n.agreement_required AND NOT EXISTS (
           SELECT FROM service_document_agreements a WHERE a.user_id = :user_id AND a.document_id = n.id)
     ORDER BY n.organization_id NULLS FIRST, n.type
"""  # noqa: S608
"""The ids of the documents that `:user_id` still has to agree to, those for everybody first."""
RECORD = text(f"""
    INSERT INTO service_document_agreements (user_id, document_id, version, occasion, agreed_at)
    SELECT :user_id, d.id, d.version, :occasion, coalesce(CAST(:at AS timestamptz), clock_timestamp())
      FROM service_documents d WHERE d.id = ANY(:ids) AND {MINE} ORDER BY d.id
    ON CONFLICT DO NOTHING RETURNING document_id
""").bindparams(bindparam("ids", type_=ARRAY(Uuid())))  # noqa: S608
DELETE = text("DELETE FROM service_document_agreements WHERE user_id = :user_id RETURNING document_id")


async def record(
    session: AsyncSession,
    user_id: UUID,
    agreed: Sequence[UUID],
    occasion: Literal["sign-up", "login"],
    at: datetime | None = None,
) -> None:
    """Note what a user agrees to: documents for everybody and of their organizations. Others have no effect."""
    if not agreed:
        return
    values = {"user_id": user_id, "ids": list(set(agreed)), "occasion": occasion, "at": at}
    new = tuple((await session.scalars(RECORD, values)).all())
    if new:
        await publish(session, AgreementsRecorded(user_id=user_id, service_document_ids=new, occasion=occasion))


async def outstanding(session: AsyncSession, user_id: UUID) -> list[UUID]:
    """The documents that a user still has to agree to, those for everybody first."""
    return list((await session.scalars(text(OUTSTANDING), {"user_id": user_id})).all())


async def demand(session: AsyncSession, parts: Parts, waiting: list[UUID], locale: str | None) -> None:
    """Raise Unauthorized, listing them, where documents wait for an agreement."""
    if not waiting:
        return
    rows = [await session.get_one(ServiceDocument, identifier) for identifier in waiting]
    translations = await queries.translations(session, waiting)
    shown = [presentation.to_agree(parts, row, translations[row.id], locale) for row in rows]
    raise Unauthorized("Agree to these documents to sign in.", code=REQUIRED, meta={"service-documents": shown})


async def delete(session: AsyncSession, principal: Principal, user_id: UUID) -> None:
    """Take all agreements of a user away. Raises NotFound."""
    if await session.get(User, user_id) is None:
        raise NotFound
    gone = (await session.scalars(DELETE, {"user_id": user_id})).all()
    audit(session, principal, "service-document-agreements-deleted", user_id, documents=list(gone))
    if gone:
        await publish(session, AgreementsDeleted(user_id=user_id))
