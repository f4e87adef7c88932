"""Publishing documents."""

from typing import Literal
from uuid import UUID

from chassis.principal import Principal
from contracts.identity import ServiceDocumentChanged
from kernel import Conflict, Forbidden, Invalid, NotFound, uuid7
from messaging import publish
from msgspec import UNSET
from sqlalchemy import exists, select
from sqlalchemy.ext.asyncio import AsyncSession

from identity.audit_events.commands import record
from identity.organizations.models import Organization
from identity.service_documents import pages, queries
from identity.service_documents.models import ServiceDocument, ServiceDocumentAgreement, ServiceDocumentTranslation
from identity.service_documents.schemas import (
    ChangedServiceDocumentAttributes,
    NewServiceDocumentAttributes,
    NewTranslation,
)
from identity.users.visibility import admin_of, belongs
from identity.zones import checked_locale

AT = "/data/attributes"
MOST_LOCALES = 60

Change = Literal["created", "updated", "deleted"]


async def create(session: AsyncSession, principal: Principal, asked: NewServiceDocumentAttributes) -> ServiceDocument:
    """Publish a version. Raises Forbidden, NotFound, Invalid, or Conflict where the version exists."""
    await _check_allowed(session, principal, asked.organization_id)
    row = ServiceDocument(
        id=uuid7(),
        organization_id=asked.organization_id,
        type=asked.type,
        version=asked.version,
        locale=checked_locale(asked.locale, f"{AT}/locale"),
        title=asked.title,
        html=_cleaned(asked.html, f"{AT}/html"),
        agreement_required=asked.agreement_required,
    )
    await _check_new(session, row)
    session.add(row)
    await session.flush()
    await _translate(session, row, asked.translations)
    await _tell(session, principal, row, "created")
    return row


async def update(
    session: AsyncSession, principal: Principal, document_id: UUID, asked: ChangedServiceDocumentAttributes
) -> ServiceDocument:
    """Add translations, or change whether people must agree. Raises Forbidden, NotFound, Invalid, Conflict."""
    row = await queries.read(session, document_id, lock=True)
    await _check_allowed(session, principal, row.organization_id)
    if asked.translations is not UNSET:
        await _translate(session, row, asked.translations)
    if asked.agreement_required is not UNSET:
        row.agreement_required = asked.agreement_required
    await session.flush()
    await _tell(session, principal, row, "updated")
    return row


async def delete(session: AsyncSession, principal: Principal, document_id: UUID) -> None:
    """Take a version back that nobody has agreed to. Raises Forbidden, NotFound, Conflict."""
    row = await queries.read(session, document_id, lock=True)
    await _check_allowed(session, principal, row.organization_id)
    agreed = select(exists().where(ServiceDocumentAgreement.document_id == document_id))
    if await session.scalar(agreed):
        raise Conflict("Somebody has agreed to it; publish another version.", code="agreed")
    await session.delete(row)
    await session.flush()
    await _tell(session, principal, row, "deleted")


async def _check_allowed(session: AsyncSession, principal: Principal, organization_id: UUID | None) -> None:
    """The operator may for everybody and everywhere, an administrator for their organization."""
    pointer = f"{AT}/organization-id"
    if organization_id is None:
        if not principal.is_operator:
            raise Forbidden("Only the operator publishes documents for everybody.", pointer=pointer)
        return
    known = await session.get(Organization, organization_id) is not None
    if known and (principal.is_operator or await admin_of(session, principal.user_id, organization_id)):
        return
    if known and await belongs(session, principal.user_id, organization_id):
        raise Forbidden("Only administrators of the organization may do this.", pointer=pointer)
    raise NotFound("There is no such organization.", pointer=pointer)


async def _check_new(session: AsyncSession, row: ServiceDocument) -> None:
    same = select(
        exists().where(
            ServiceDocument.organization_id.is_not_distinct_from(row.organization_id),
            ServiceDocument.type == row.type,
            ServiceDocument.version == row.version,
        )
    )
    if await session.scalar(same):
        raise Conflict("This version exists; a version's text never changes.", pointer=f"{AT}/version", code="taken")


async def _translate(session: AsyncSession, row: ServiceDocument, translations: list[NewTranslation]) -> None:
    found = await queries.translations(session, [row.id])
    known = {row.locale, *(one.locale for one in found[row.id])}
    for number, one in enumerate(translations):
        at = f"{AT}/translations/{number}"
        locale = checked_locale(one.locale, f"{at}/locale")
        if locale in known or len(known) >= MOST_LOCALES:
            raise Conflict("There is a text for this locale.", pointer=f"{at}/locale", code="taken")
        known.add(locale)
        html = _cleaned(one.html, f"{at}/html")
        session.add(ServiceDocumentTranslation(document_id=row.id, locale=locale, title=one.title, html=html))
    await session.flush()


def _cleaned(html: str, pointer: str) -> str:
    """HTML as it is kept. Raises Invalid where nothing of it may be."""
    kept = pages.cleaned(html)
    if not kept or "\x00" in kept:
        raise Invalid("Nothing remains of this page when it is cleaned.", pointer=pointer)
    return kept


async def _tell(session: AsyncSession, principal: Principal, row: ServiceDocument, change: Change) -> None:
    record(
        session,
        principal,
        f"service-document-{change}",
        None,
        organization_id=row.organization_id,
        target=f"service-documents:{row.id}",
        type=row.type,
        version=row.version,
    )
    changed = ServiceDocumentChanged(service_document_id=row.id, organization_id=row.organization_id, change=change)
    await publish(session, changed)
