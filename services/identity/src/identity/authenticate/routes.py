"""`/v1/authenticate/`: who is this?"""

from chassis.arguments import JSONBody, Process, Visitor
from chassis.permissions import api_key
from contracts.permissions import PUBLIC
from jsonapi import post
from litestar import Response, route
from litestar.enums import HttpMethod
from msgspec import UNSET

from identity.authenticate import queries
from identity.authenticate.schemas import Authenticate, Authenticated
from identity.throttling.callers import AnyRequest

INTERNAL_HEADER = "x-muster-principal"
NO_STORE = {"cache-control": "no-store"}


@post("/v1/authenticate", operation_id="authenticate", permission=PUBLIC, secret_answer=True)
async def authenticate(
    runtime: Process, principal: Visitor, data: JSONBody[Authenticate | None] = None
) -> Response[Authenticated]:
    """Say who the bearer of the request's credential is, by the present state of their session. 401 if nobody."""
    edge = data is not None and data.edge_request
    answer = await queries.authenticate(runtime, principal, edge=edge)
    token = answer.data.internal_token
    return Response(answer, headers=NO_STORE | ({} if token is UNSET else {INTERNAL_HEADER: token}))


@route(
    "/v1/authenticate/{path:path}",
    http_method=list(HttpMethod),
    operation_id="authenticateEdge",
    opt={"permission": PUBLIC},
    include_in_schema=False,
    status_code=200,
)
async def authenticate_edge(request: AnyRequest, runtime: Process, principal: Visitor) -> Response[Authenticated]:
    """The gateway's question, asked with the method and path of the client's request: 200 with an internal token."""
    fresh = api_key(request.scope["muster"]) is not None  # pyright: ignore[reportGeneralTypeIssues] our own entry
    answer = await queries.authenticate(runtime, principal, edge=True, fresh=fresh)
    return Response(answer, headers=NO_STORE | {INTERNAL_HEADER: str(answer.data.internal_token)})


ROUTES = [authenticate, authenticate_edge]
