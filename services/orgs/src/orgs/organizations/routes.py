"""HTTP of organizations."""

from typing import Any
from uuid import UUID

from chassis.arguments import Caller, FromPath, JSONBody, Parameters, Process, Session
from contracts.permissions import ORGANIZATION_READ, ORGANIZATION_WRITE, PUBLIC, SUPPORT
from jsonapi import collection, document, get, patch, post
from litestar import Request, Response

from orgs.organizations import commands, logos, queries
from orgs.organizations.schemas import (
    KIND,
    AddUserDocument,
    ChangeOrganizationDocument,
    LogoQuery,
    LogoUploadDocument,
    NewLogo,
    NewOrganizationDocument,
    OrganizationCollection,
    OrganizationDocument,
    OrganizationQuery,
    ProcessLogo,
    RemoveUserDocument,
)

TAGS = ["Organizations"]
LOGO_CACHED = "public, max-age=86400"
AnyRequest = Request[Any, Any, Any]


@get(
    "/v1/organizations",
    operation_id="listOrganizations",
    permission=ORGANIZATION_READ,
    scope="organization:read",
    query=OrganizationQuery,
    tags=TAGS,
)
async def list_(
    session: Session, principal: Caller, runtime: Process, parameters: Parameters[OrganizationQuery]
) -> OrganizationCollection:
    """List the organizations whose staff the caller belongs to; the operator's staff see all."""
    return collection(KIND, await queries.list_(session, principal, runtime, parameters), lambda row: row)


@post("/v1/organizations", operation_id="createOrganization", permission=SUPPORT, tags=TAGS)
async def create(
    session: Session, principal: Caller, runtime: Process, data: JSONBody[NewOrganizationDocument]
) -> OrganizationDocument:
    """Make an organization; the caller becomes its first administrator."""
    return document(KIND, *await commands.create(session, principal, runtime, data.data.attributes))


@get(
    "/v1/organizations/{organization_id:uuid}",
    operation_id="readOrganization",
    permission=ORGANIZATION_READ,
    scope="organization:read",
    tags=TAGS,
)
async def read(runtime: Process, principal: Caller, organization_id: FromPath[UUID]) -> OrganizationDocument:
    """Read an organization."""
    return document(KIND, organization_id, await queries.read(runtime, principal, organization_id))


@patch(
    "/v1/organizations/{organization_id:uuid}",
    operation_id="updateOrganization",
    permission=ORGANIZATION_WRITE,
    tags=TAGS,
)
async def update(
    session: Session,
    principal: Caller,
    runtime: Process,
    organization_id: FromPath[UUID],
    data: JSONBody[ChangeOrganizationDocument],
) -> OrganizationDocument:
    """Change an organization."""
    changes = data.attributes_for(organization_id)
    changed = await commands.update(session, principal, runtime, organization_id, changes)
    return document(KIND, organization_id, changed)


@post(
    "/v1/organizations/{organization_id:uuid}/add-user",
    operation_id="addOrganizationUser",
    permission=ORGANIZATION_WRITE,
    tags=TAGS,
)
async def add_user(
    session: Session,
    principal: Caller,
    runtime: Process,
    organization_id: FromPath[UUID],
    data: JSONBody[AddUserDocument],
) -> None:
    """Make a person staff, by id or e-mail, with a role (org.member unless another is named)."""
    await commands.add_user(session, principal, runtime, organization_id, data.data.attributes)


@post(
    "/v1/organizations/{organization_id:uuid}/remove-user",
    operation_id="removeOrganizationUser",
    permission=ORGANIZATION_WRITE,
    tags=TAGS,
)
async def remove_user(
    session: Session,
    principal: Caller,
    runtime: Process,
    organization_id: FromPath[UUID],
    data: JSONBody[RemoveUserDocument],
) -> None:
    """Take a person out of the organization. Its last administrator stays."""
    await commands.remove_user(session, principal, runtime, organization_id, data.data.attributes)


@post(
    "/v1/organizations/{organization_id:uuid}/upload-logo",
    operation_id="uploadOrganizationLogo",
    permission=ORGANIZATION_WRITE,
    secret_answer=True,
    tags=TAGS,
)
async def upload_logo(
    session: Session, principal: Caller, runtime: Process, organization_id: FromPath[UUID], data: JSONBody[NewLogo]
) -> LogoUploadDocument:
    """Get a signed URL to which a PNG, JPEG, WebP or GIF picture of at most 5 MiB may be sent; then process it."""
    return LogoUploadDocument(await logos.upload_logo(session, principal, runtime, organization_id, data))


@post(
    "/v1/organizations/{organization_id:uuid}/process-logo-upload",
    operation_id="processOrganizationLogoUpload",
    permission=ORGANIZATION_WRITE,
    tags=TAGS,
)
async def process_logo_upload(
    session: Session, principal: Caller, runtime: Process, organization_id: FromPath[UUID], data: JSONBody[ProcessLogo]
) -> OrganizationDocument:
    """Make the logo of the picture that was uploaded last: checked, without metadata, in three sizes.

    400 `not-an-image` or `too-many-pixels` (more than 16 million), 409 `nothing-uploaded`, 413 above 5 MiB.
    """
    _ = data
    await logos.process_logo_upload(session, principal, runtime, organization_id)
    return document(KIND, organization_id, await queries.attributes(session, runtime, organization_id))


@get(
    "/v1/organizations/{organization_id:uuid}/logo",
    operation_id="readOrganizationLogo",
    permission=PUBLIC,
    query=LogoQuery,
    media_type="image/png",
    tags=TAGS,
)
async def logo(
    runtime: Process, request: AnyRequest, organization_id: FromPath[UUID], parameters: Parameters[LogoQuery]
) -> Response[bytes]:
    """The logo as a PNG file whose longest side has at most 64 (`small`), 256 or 1,024 (`large`) pixels."""
    tag, content = await logos.read_logo(runtime, organization_id, parameters.size)
    headers = {"etag": tag, "cache-control": LOGO_CACHED, "x-content-type-options": "nosniff"}
    if request.headers.get("if-none-match") == tag:
        return Response(b"", status_code=304, headers=headers, media_type="image/png")
    return Response(content, headers=headers, media_type="image/png")


ROUTES = [list_, create, read, update, add_user, remove_user, upload_logo, process_logo_upload, logo]
