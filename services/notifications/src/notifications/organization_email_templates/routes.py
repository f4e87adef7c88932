"""`/v1/organization-email-templates/`."""

from uuid import UUID

from chassis.arguments import Caller, FromPath, JSONBody, Parameters, Process, Session
from contracts.permissions import ORGANIZATION_READ, ORGANIZATION_WRITE
from jsonapi import Paged, collection, delete, document, get, patch, post
from kernel import uuid7

from notifications.organization_email_templates import schemas
from notifications.organization_email_templates.schemas import (
    KIND,
    ChangeEmailTemplate,
    EmailPreviewDocument,
    EmailTemplateCollection,
    EmailTemplateDocument,
    EmailTemplateVersions,
    EmailTestDocument,
    NewEmailPreview,
    NewEmailTemplate,
    TemplateAttributes,
    TemplateQuery,
    VersionAttributes,
)
from notifications.templates import commands, queries, rendering
from notifications.templates.presenting import attributes_of, content_of

TAGS = ["Templates"]
PATH = "/v1/organization-email-templates"
ONE = f"{PATH}/{{template_id:uuid}}"


@get(PATH, operation_id="listOrganizationEmailTemplates", permission=ORGANIZATION_READ, query=TemplateQuery, tags=TAGS)
async def list_(
    session: Session, principal: Caller, runtime: Process, parameters: Parameters[TemplateQuery]
) -> EmailTemplateCollection:
    """List the mail templates of an organization or a theme; without either, of the caller's organization."""
    found = await queries.list_(
        session,
        runtime,
        principal,
        "email",
        organization_id=parameters.organization_id,
        theme_id=parameters.theme_id,
        equal={"format": parameters.format, "locale": parameters.locale, "type": parameters.type},
        page=parameters.page,
    )
    return collection(KIND, found, lambda row: (row.id, attributes_of(TemplateAttributes, row)))


@post(PATH, operation_id="createOrganizationEmailTemplate", permission=ORGANIZATION_WRITE, tags=TAGS)
async def create(
    session: Session, principal: Caller, runtime: Process, data: JSONBody[NewEmailTemplate]
) -> EmailTemplateDocument:
    """Write a mail template. It is rendered with sample data first; a bad one is refused with its line."""
    new = data.data.attributes
    where = {"organization_id": new.organization_id, "theme_id": new.theme_id}
    row = await commands.create(session, runtime, principal, "email", content_of(new), **where)
    return document(KIND, row.id, attributes_of(TemplateAttributes, row))


@post(f"{PATH}/preview", operation_id="previewOrganizationEmailTemplate", permission=ORGANIZATION_WRITE, tags=TAGS)
async def preview(principal: Caller, runtime: Process, data: JSONBody[NewEmailPreview]) -> EmailPreviewDocument:
    """Render a template with sample data, without saving it: subject, HTML with its styles inlined, plain text."""
    new = data.data.attributes
    texts = await commands.preview(runtime, principal, "email", content_of(new), new.variables)
    variables = rendering.sample(content_of(new), new.variables)
    shown = schemas.PreviewAttributes(texts.subject, texts.html, texts.text, variables)
    return document(schemas.PREVIEW_KIND, uuid7(), shown)


@get(ONE, operation_id="readOrganizationEmailTemplate", permission=ORGANIZATION_READ, tags=TAGS)
async def read(
    session: Session, principal: Caller, runtime: Process, template_id: FromPath[UUID]
) -> EmailTemplateDocument:
    """Read a mail template."""
    row = await queries.read(session, runtime, principal, "email", template_id)
    return document(KIND, row.id, attributes_of(TemplateAttributes, row))


@patch(ONE, operation_id="updateOrganizationEmailTemplate", permission=ORGANIZATION_WRITE, tags=TAGS)
async def update(
    session: Session,
    principal: Caller,
    runtime: Process,
    template_id: FromPath[UUID],
    data: JSONBody[ChangeEmailTemplate],
) -> EmailTemplateDocument:
    """Write a new version of a mail template."""
    changes = data.attributes_for(template_id)
    row = await commands.update(session, runtime, principal, "email", template_id, changes)
    return document(KIND, row.id, attributes_of(TemplateAttributes, row))


@delete(ONE, operation_id="deleteOrganizationEmailTemplate", permission=ORGANIZATION_WRITE, tags=TAGS)
async def delete_(session: Session, principal: Caller, runtime: Process, template_id: FromPath[UUID]) -> None:
    """Remove a mail template: messages have the theme's or the platform's texts again."""
    await commands.delete(session, runtime, principal, "email", template_id)


@get(
    f"{ONE}/versions",
    operation_id="listOrganizationEmailTemplateVersions",
    permission=ORGANIZATION_READ,
    query=Paged,
    tags=TAGS,
)
async def versions(
    session: Session, principal: Caller, runtime: Process, template_id: FromPath[UUID], parameters: Parameters[Paged]
) -> EmailTemplateVersions:
    """List everything that a mail template ever said, newest first."""
    await queries.read(session, runtime, principal, "email", template_id)
    found = await queries.versions(session, template_id, parameters.page)
    return collection(schemas.VERSIONS_KIND, found, lambda row: (row.name, attributes_of(VersionAttributes, row)))


@post(f"{ONE}/send-test", operation_id="sendTestOrganizationEmailTemplate", permission=ORGANIZATION_WRITE, tags=TAGS)
async def send_test(
    session: Session, principal: Caller, runtime: Process, template_id: FromPath[UUID]
) -> EmailTestDocument:
    """Send a mail template with sample data to the caller's own address; at most 20 an hour."""
    delivery_id = await commands.send_test(session, runtime, principal, "email", template_id)
    return document(schemas.TEST_KIND, delivery_id, schemas.TestAttributes(template_id))


ROUTES = [list_, create, preview, read, update, delete_, versions, send_test]
