"""What SCIM answers: resources with their versions, pages of them, nothing."""

from typing import Any

import msgspec
from litestar import Request, Response
from scim2_models import Context, ListResponse

from identity.scim.protocol import MEDIA, POLICY, Problem, kept, searching
from identity.scim.searching import Found, Seen

AnyRequest = Request[Any, Any, Any]
NO_STORE = {"cache-control": "no-store"}
NOT_MODIFIED = 304


async def body(request: AnyRequest) -> Any:
    """The body as JSON, whichever of its media types it came as. Raises Problem."""
    try:
        return msgspec.json.decode(await request.body())
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
        raise Problem("The body is not JSON.", code="invalidSyntax") from error


def asked_of(model: Any, request: AnyRequest) -> Any:
    """What the query of a GET asks for. Raises Problem."""
    return searching(model, {name: request.query_params.get(name) for name in request.query_params})


def shown(model: Any, seen: Seen, request: AnyRequest, status: int = 200) -> Response[bytes]:
    """One resource. A GET of the version that the caller has already is 304."""
    document, version = seen
    headers = NO_STORE | {"etag": version, "location": document["meta"]["location"]}
    if request.method == "GET" and version in _tags(request.headers.get("if-none-match", "")):
        return Response(b"", status_code=NOT_MODIFIED, headers=headers)
    parameters = asked_of(model, request)
    context = Context.RESOURCE_CREATION_RESPONSE if request.method == "POST" else Context.RESOURCE_QUERY_RESPONSE
    return _json(_dumped(model, seen, parameters, context), status, headers)


def changed(model: Any, seen: Seen | None, request: AnyRequest) -> Response[bytes]:
    """One resource as it is now, or 204 where it is too large to be shown each time."""
    return nothing() if seen is None else shown(model, seen, request)


def page(model: Any, found: Found, parameters: Any) -> Response[bytes]:
    """A page of resources (RFC 7644, section 3.4.2)."""
    rows = [_dumped(model, seen, parameters, Context.RESOURCE_QUERY_RESPONSE) for seen in found.rows]
    listed = {
        "schemas": [str(ListResponse.__schema__)],
        "totalResults": found.total,
        "startIndex": found.start,
        "itemsPerPage": len(rows),
        "Resources": rows,
    }
    return _json(listed, 200, NO_STORE)


def message(content: dict[str, Any], status: int = 200) -> Response[bytes]:
    """A message as it is."""
    return _json(content, status, NO_STORE)


def nothing() -> Response[bytes]:
    """204."""
    return Response(b"", status_code=204, headers=NO_STORE)


def _dumped(model: Any, seen: Seen, parameters: Any, context: Context) -> dict[str, Any]:
    """A document with its version, as it is unless only some of it is asked for."""
    document, version = seen
    whole = document | {"meta": document["meta"] | {"version": version}}
    if parameters is None or not (parameters.attributes or parameters.excluded_attributes):
        return whole
    return kept(model, whole).model_dump(scim_ctx=context, response_parameters=parameters, scim_policy=POLICY)


def _json(content: Any, status: int, headers: dict[str, str]) -> Response[bytes]:
    return Response(msgspec.json.encode(content), status_code=status, media_type=MEDIA, headers=headers)


def _tags(header: str) -> set[str]:
    return {tag.strip() for tag in header.split(",")}
