"""Reading documents. They are public: people read them before they have an account."""

from typing import Any
from uuid import UUID

from chassis.runtime import Runtime
from database import page_of
from kernel import Invalid, NotFound, Slice
from sqlalchemy import func, or_, select, tuple_
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import aliased

from identity.parts import parts_of
from identity.referrals import queries as referrals
from identity.service_documents.models import ServiceDocument, ServiceDocumentTranslation
from identity.service_documents.schemas import ServiceDocumentsQuery
from identity.sign_up import codes_of_organizations
from identity.throttling.budgets import DOCUMENTS_ADDRESS
from identity.throttling.callers import AnyRequest, address_prefix
from identity.throttling.commands import demand

Translations = dict[UUID, list[Any]]


async def list_(
    runtime: Runtime, session: AsyncSession, request: AnyRequest, asked: ServiceDocumentsQuery
) -> Slice[ServiceDocument]:
    """A page of documents, those for everybody first, of each type the newest first. Raises Invalid for a code."""
    organizations = {*asked.organizations, *await _inviting(runtime, session, request, asked)}
    chosen = or_(ServiceDocument.organization_id.is_(None), ServiceDocument.organization_id.in_(organizations))
    statement = select(ServiceDocument).where(chosen)
    if asked.latest:
        statement = statement.where(~_newer().exists())
    order = (
        ServiceDocument.organization_id.asc().nulls_first(),
        ServiceDocument.type,
        ServiceDocument.created_at.desc(),
        ServiceDocument.id.desc(),
    )
    return await page_of(session, statement.order_by(*order), asked.page)


async def read(session: AsyncSession, document_id: UUID, *, lock: bool = False) -> ServiceDocument:
    """A document, locked on demand. Raises NotFound."""
    row = await session.get(ServiceDocument, document_id, with_for_update=lock or None)
    if row is None:
        raise NotFound
    return row


async def translations(session: AsyncSession, identifiers: list[UUID]) -> Translations:
    """Locale and title of the translations of documents."""
    table = ServiceDocumentTranslation
    statement = select(table.document_id, table.locale, table.title).where(table.document_id.in_(identifiers))
    found: Translations = {identifier: [] for identifier in identifiers}
    for row in await session.execute(statement.order_by(table.document_id, table.locale)):
        found[row.document_id].append(row)
    return found


async def text_in(session: AsyncSession, row: ServiceDocument, locale: str | None) -> tuple[str, str, str]:
    """Title, locale and HTML in a locale, else in the same language, else as it was written."""
    found = (await translations(session, [row.id]))[row.id]
    chosen = nearest(locale, [row.locale, *(one.locale for one in found)])
    if chosen == row.locale:
        return row.title, row.locale, row.html
    one = await session.get_one(ServiceDocumentTranslation, (row.id, chosen))
    return one.title, one.locale, one.html


def nearest(wanted: str | None, known: list[str]) -> str:
    """The wanted locale, else one of the same language, else the first one."""
    name = (wanted or "").replace("-", "_")
    language = name.partition("_")[0].lower()
    ranked = [one for one in known if one.lower() == name.lower()] + [
        one for one in known if one.partition("_")[0].lower() == language
    ]
    return (ranked or known)[0]


def _newer() -> Any:
    """Any version of the same document that came later."""
    later = aliased(ServiceDocument)
    same = (
        later.type == ServiceDocument.type,
        later.organization_id.is_not_distinct_from(ServiceDocument.organization_id),
    )
    after = tuple_(later.created_at, later.id) > tuple_(ServiceDocument.created_at, ServiceDocument.id)
    return select(func.now()).select_from(later).where(*same, after).correlate(ServiceDocument)


async def _inviting(
    runtime: Runtime, session: AsyncSession, request: AnyRequest, asked: ServiceDocumentsQuery
) -> list[UUID]:
    """The organizations whose codes were given."""
    found: list[UUID] = []
    if asked.organization_code or asked.referral_code:
        await demand(runtime, (DOCUMENTS_ADDRESS, address_prefix(request)))
    if asked.organization_code:
        found.append(await _of_code(runtime, asked.organization_code))
    if asked.referral_code and (of := await _of_referral(runtime, session, asked.referral_code)):
        found.append(of)
    return found


async def _of_code(runtime: Runtime, code: str) -> UUID:
    try:
        return (await codes_of_organizations.find(runtime, code)).organization.id
    except Invalid as error:
        raise Invalid(error.detail, parameter="organization-code", code=error.code) from None


async def _of_referral(runtime: Runtime, session: AsyncSession, code: str) -> UUID | None:
    try:
        return (await referrals.find(session, parts_of(runtime), code)).organization_id
    except Invalid as error:
        raise Invalid(error.detail, parameter="referral-code", code=error.code) from None
