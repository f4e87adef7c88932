"""`/v1/service-documents/`: terms and privacy documents."""

from uuid import UUID

from chassis.arguments import Caller, FromPath, JSONBody, Parameters, Process, Session
from contracts.permissions import AUTHENTICATED, PUBLIC
from jsonapi import collection, delete, get, patch, post
from litestar import Response

from identity.parts import parts_of
from identity.service_documents import commands, presentation, queries
from identity.service_documents.schemas import (
    KIND,
    ChangedServiceDocument,
    NewServiceDocument,
    ServiceDocumentCollection,
    ServiceDocumentDocument,
    ServiceDocumentQuery,
    ServiceDocumentsQuery,
)
from identity.throttling.callers import AnyRequest


@get("/v1/service-documents", operation_id="listServiceDocuments", permission=PUBLIC, query=ServiceDocumentsQuery)
async def list_(
    session: Session, runtime: Process, request: AnyRequest, parameters: Parameters[ServiceDocumentsQuery]
) -> ServiceDocumentCollection:
    """List the documents for everybody, and those of organizations that are named or whose code is given.

    With `latest` the version of each type that counts, else all versions, the newest first. Documents are public:
    people read them before they have an account.
    """
    found = await queries.list_(runtime, session, request, parameters)
    around, parts = await queries.translations(session, [row.id for row in found.rows]), parts_of(runtime)
    return collection(KIND, found, lambda row: (row.id, presentation.attributes(parts, row, around[row.id])))


@post("/v1/service-documents", operation_id="createServiceDocument", permission=AUTHENTICATED)
async def create(
    session: Session, runtime: Process, principal: Caller, data: JSONBody[NewServiceDocument]
) -> ServiceDocumentDocument:
    """Publish a version of a document: the operator for everybody, administrators for their organization.

    It counts at once: whoever has not agreed to it does so at the next sign-in, unless `agreement-required` is false.
    Scripts, styles, forms, frames and pictures from elsewhere are taken out of the HTML.
    """
    row = await commands.create(session, principal, data.data.attributes)
    return await presentation.document_of(session, runtime, row)


@get(
    "/v1/service-documents/{document_id:uuid}",
    operation_id="readServiceDocument",
    permission=PUBLIC,
    query=ServiceDocumentQuery,
)
async def read(
    session: Session, runtime: Process, document_id: FromPath[UUID], parameters: Parameters[ServiceDocumentQuery]
) -> Response[ServiceDocumentDocument]:
    """Read about a document, or with `html=true` the document itself as a page (text/html).

    The page is in `locale`, else in the same language, else as it was written; `reflow` fits it to small screens.
    """
    row = await queries.read(session, document_id)
    return await presentation.answer(session, runtime, row, parameters)


@patch("/v1/service-documents/{document_id:uuid}", operation_id="updateServiceDocument", permission=AUTHENTICATED)
async def update(
    session: Session,
    runtime: Process,
    principal: Caller,
    document_id: FromPath[UUID],
    data: JSONBody[ChangedServiceDocument],
) -> ServiceDocumentDocument:
    """Add translations, or change whether people must agree. A version's text never changes: publish another one."""
    row = await commands.update(session, principal, document_id, data.attributes_for(document_id))
    return await presentation.document_of(session, runtime, row)


@delete("/v1/service-documents/{document_id:uuid}", operation_id="deleteServiceDocument", permission=AUTHENTICATED)
async def delete_(session: Session, principal: Caller, document_id: FromPath[UUID]) -> None:
    """Take a version back that nobody has agreed to; the one before it counts again."""
    await commands.delete(session, principal, document_id)


ROUTES = [list_, create, read, update, delete_]
