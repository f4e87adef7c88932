"""Documents as answers."""

from typing import Any
from uuid import UUID

from chassis.runtime import Runtime
from jsonapi import document
from litestar import Response
from sqlalchemy.ext.asyncio import AsyncSession

from identity.parts import Parts, parts_of
from identity.service_documents import pages, queries
from identity.service_documents.models import ServiceDocument
from identity.service_documents.schemas import (
    KIND,
    DocumentToAgree,
    ServiceDocumentAttributes,
    ServiceDocumentQuery,
    Translation,
)
from identity.sessions.schemas import Reference


def attributes(parts: Parts, row: ServiceDocument, translations: list[Any]) -> ServiceDocumentAttributes:
    """A document's attributes."""
    return ServiceDocumentAttributes(
        type=row.type,
        version=row.version,
        title=row.title,
        locale=row.locale,
        html_link=link(parts, row.id),
        organization=_organization(row),
        translations=[Translation(one.locale, one.title, link(parts, row.id, one.locale)) for one in translations],
        agreement_required=row.agreement_required,
        created_time=row.created_at,
    )


def to_agree(parts: Parts, row: ServiceDocument, translations: list[Any], locale: str | None) -> DocumentToAgree:
    """A document as somebody is asked to agree to it, in their language where there is a translation."""
    titles = {row.locale: row.title} | {one.locale: one.title for one in translations}
    chosen = queries.nearest(locale, list(titles))
    shown = link(parts, row.id, chosen)
    return DocumentToAgree(row.id, row.type, row.version, titles[chosen], shown, _organization(row))


def link(parts: Parts, identifier: UUID, locale: str | None = None) -> str:
    """Where the document itself is read."""
    chosen = f"&locale={locale}" if locale else ""
    return f"{parts.settings.public_url}/v1/service-documents/{identifier}/?html=true{chosen}"


async def answer(
    session: AsyncSession, runtime: Runtime, row: ServiceDocument, asked: ServiceDocumentQuery
) -> Response[Any]:
    """The document about a document, or the document itself."""
    if asked.html:
        title, locale, html = await queries.text_in(session, row, asked.locale)
        page = pages.page(title, locale, html, reflow=asked.reflow)
        return Response(page, media_type="text/html", headers=pages.HEADERS)
    return Response(await document_of(session, runtime, row))


async def document_of(session: AsyncSession, runtime: Runtime, row: ServiceDocument) -> Any:
    """The document about a document."""
    found = await queries.translations(session, [row.id])
    return document(KIND, row.id, attributes(parts_of(runtime), row, found[row.id]))


def _organization(row: ServiceDocument) -> Reference | None:
    return Reference(row.organization_id) if row.organization_id else None
