"""`/scim/v2/{organization-id}/`: what the directory's protocol can do here, and many changes at once."""

from typing import Any

from chassis.arguments import FromPath
from jsonapi import get, post
from kernel import DomainError, Forbidden, NotFound
from litestar import Response
from scim2_models import Context, ListResponse

from identity.scim import answers, bulk
from identity.scim.answers import AnyRequest
from identity.scim.groups import routes as groups
from identity.scim.operations import DIRECTORY, OPTIONS, Here
from identity.scim.places import enter
from identity.scim.protocol import LARGEST_BULK, PROVIDER
from identity.scim.users import routes as users


@get(DIRECTORY + "/ServiceProviderConfig", operation_id="readScimServiceProviderConfig", **OPTIONS)
async def read_service_provider_config(place: Here, request: AnyRequest) -> Response[bytes]:
    """Read what is supported."""
    await enter(request, place)
    config: Any = PROVIDER.config
    location = f"{place.base}/ServiceProviderConfig"
    return answers.message(_described(config, "ServiceProviderConfig", location))


@get(DIRECTORY + "/ResourceTypes", operation_id="listScimResourceTypes", **OPTIONS)
async def list_resource_types(place: Here, request: AnyRequest) -> Response[bytes]:
    """List the kinds of resources: users and groups."""
    await enter(request, place)
    return answers.message(_listed(request, _resource_types(place.base)))


@get(DIRECTORY + "/ResourceTypes/{name:str}", operation_id="readScimResourceType", **OPTIONS)
async def read_resource_type(place: Here, request: AnyRequest, name: FromPath[str]) -> Response[bytes]:
    """Read one kind of resources."""
    await enter(request, place)
    return answers.message(_named(_resource_types(place.base), "name", name))


@get(DIRECTORY + "/Schemas", operation_id="listScimSchemas", **OPTIONS)
async def list_schemas(place: Here, request: AnyRequest) -> Response[bytes]:
    """List the attributes of users, of the enterprise extension and of groups."""
    await enter(request, place)
    return answers.message(_listed(request, _schemas(place.base)))


@get(DIRECTORY + "/Schemas/{name:str}", operation_id="readScimSchema", **OPTIONS)
async def read_schema(place: Here, request: AnyRequest, name: FromPath[str]) -> Response[bytes]:
    """Read one schema by its URN."""
    await enter(request, place)
    return answers.message(_named(_schemas(place.base), "id", name))


@post(
    DIRECTORY + "/Bulk",
    operation_id="changeScimBulk",
    status=200,
    secret_answer=True,
    request_max_body_size=LARGEST_BULK,
    **OPTIONS,
)
async def change_bulk(place: Here, request: AnyRequest) -> Response[bytes]:
    """Carry out up to 100 operations, each of which stands or falls by itself; `bulkId:…` names what another makes."""
    await enter(request, place)
    return answers.message(await bulk.run(place, await answers.body(request)))


@post(DIRECTORY + "/.search", operation_id="searchScim", status=200, reads=True, **OPTIONS)
async def search(place: Here, request: AnyRequest) -> Response[bytes]:
    """Searching users and groups at once is not supported (501): search below `Users` or `Groups`."""
    await enter(request, place)
    raise DomainError("Search below /Users or /Groups.", status=501, code="not-implemented")


@get(DIRECTORY + "/Me", operation_id="readScimMe", **OPTIONS)
async def read_me(place: Here, request: AnyRequest) -> Response[bytes]:
    """A directory is nobody's self: not supported (501)."""
    await enter(request, place)
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
