"""`/scim/v2/{organization-id}/`: what the directory's protocol can do here, and many changes at once."""

from typing import Any
from uuid import UUID

from chassis.arguments import Caller, FromPath, Process, Session
from contracts.permissions import AUTHENTICATED
from jsonapi import get, post
from kernel import DomainError, Forbidden, NotFound
from litestar import Response
from scim2_models import Context, ListResponse

from identity.scim import answers, bulk, searching
from identity.scim.answers import AnyRequest
from identity.scim.groups import routes as groups
from identity.scim.places import SCOPE, enter
from identity.scim.protocol import LARGEST_BULK, PROVIDER
from identity.scim.users import routes as users
from identity.scim_requests.recording import recorded

PATH = "/scim/v2/{organization_id:uuid}"
OPTIONS: dict[str, Any] = {"permission": AUTHENTICATED, "scope": SCOPE, "in_person": True, "middleware": [recorded]}


@get(PATH + "/ServiceProviderConfig", operation_id="readScimServiceProviderConfig", **OPTIONS)
async def read_service_provider_config(
    runtime: Process, principal: Caller, request: AnyRequest, organization_id: FromPath[UUID]
) -> Response[bytes]:
    """Read what is supported."""
    await enter(request, principal, organization_id)
    config: Any = PROVIDER.config
    location = f"{searching.base(runtime, organization_id)}/ServiceProviderConfig"
    return answers.message(_described(config, "ServiceProviderConfig", location))


@get(PATH + "/ResourceTypes", operation_id="listScimResourceTypes", **OPTIONS)
async def list_resource_types(
    runtime: Process, principal: Caller, request: AnyRequest, organization_id: FromPath[UUID]
) -> Response[bytes]:
    """List the kinds of resources: users and groups."""
    await enter(request, principal, organization_id)
    return answers.message(_listed(request, _resource_types(searching.base(runtime, organization_id))))


@get(PATH + "/ResourceTypes/{name:str}", operation_id="readScimResourceType", **OPTIONS)
async def read_resource_type(
    runtime: Process, principal: Caller, request: AnyRequest, organization_id: FromPath[UUID], name: FromPath[str]
) -> Response[bytes]:
    """Read one kind of resources."""
    await enter(request, principal, organization_id)
    return answers.message(_named(_resource_types(searching.base(runtime, organization_id)), "name", name))


@get(PATH + "/Schemas", operation_id="listScimSchemas", **OPTIONS)
async def list_schemas(
    runtime: Process, principal: Caller, request: AnyRequest, organization_id: FromPath[UUID]
) -> Response[bytes]:
    """List the attributes of users, of the enterprise extension and of groups."""
    await enter(request, principal, organization_id)
    return answers.message(_listed(request, _schemas(searching.base(runtime, organization_id))))


@get(PATH + "/Schemas/{name:str}", operation_id="readScimSchema", **OPTIONS)
async def read_schema(
    runtime: Process, principal: Caller, request: AnyRequest, organization_id: FromPath[UUID], name: FromPath[str]
) -> Response[bytes]:
    """Read one schema by its URN."""
    await enter(request, principal, organization_id)
    return answers.message(_named(_schemas(searching.base(runtime, organization_id)), "id", name))


@post(
    PATH + "/Bulk",
    operation_id="changeScimBulk",
    status=200,
    secret_answer=True,
    request_max_body_size=LARGEST_BULK,
    **OPTIONS,
)
async def change_bulk(
    session: Session, runtime: Process, principal: Caller, request: AnyRequest, organization_id: FromPath[UUID]
) -> Response[bytes]:
    """Carry out up to 100 operations, each of which stands or falls by itself; `bulkId:…` names what another makes."""
    await enter(request, principal, organization_id)
    body = await answers.body(request)
    return answers.message(await bulk.run(runtime, session, principal, organization_id, body))


@post(PATH + "/.search", operation_id="searchScim", status=200, reads=True, **OPTIONS)
async def search(principal: Caller, request: AnyRequest, organization_id: FromPath[UUID]) -> Response[bytes]:
    """Searching users and groups at once is not supported (501): search below `Users` or `Groups`."""
    await enter(request, principal, organization_id)
    raise DomainError("Search below /Users or /Groups.", status=501, code="not-implemented")


@get(PATH + "/Me", operation_id="readScimMe", **OPTIONS)
async def read_me(principal: Caller, request: AnyRequest, organization_id: FromPath[UUID]) -> Response[bytes]:
    """A directory is nobody's self: not supported (501)."""
    await enter(request, principal, organization_id)
    raise DomainError("Read /Users/{id} instead.", status=501, code="not-implemented")


def _resource_types(base: str) -> list[dict[str, Any]]:
    return [_described(kind, "ResourceType", f"{base}/ResourceTypes/{kind.name}") for kind in PROVIDER.resource_types]


def _schemas(base: str) -> list[dict[str, Any]]:
    return [_described(schema, "Schema", f"{base}/Schemas/{schema.id}") for schema in PROVIDER.schemas]


def _described(made: Any, kind: str, location: str) -> dict[str, Any]:
    content = made.model_dump(scim_ctx=Context.RESOURCE_QUERY_RESPONSE)
    return content | {"meta": {"resourceType": kind, "location": location}}


def _listed(request: AnyRequest, rows: list[dict[str, Any]]) -> dict[str, Any]:
    """All of them: these lists are neither filtered (RFC 7644, section 4) nor paged."""
    if "filter" in request.query_params:
        raise Forbidden("These are not filtered.")
    return {
        "schemas": [str(ListResponse.__schema__)],
        "totalResults": len(rows),
        "startIndex": 1,
        "itemsPerPage": len(rows),
        "Resources": rows,
    }


def _named(rows: list[dict[str, Any]], member: str, name: str) -> dict[str, Any]:
    found = next((row for row in rows if str(row[member]).lower() == name.lower()), None)
    if found is None:
        raise NotFound
    return found


ROUTES = [
    read_service_provider_config,
    list_resource_types,
    read_resource_type,
    list_schemas,
    read_schema,
    change_bulk,
    search,
    read_me,
    *users.ROUTES,
    *groups.ROUTES,
]
