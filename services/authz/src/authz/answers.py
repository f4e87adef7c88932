"""What every question to the index has in common: who may ask, how fresh the answer is, and ids as they are sent."""

from collections.abc import Iterable
from typing import Annotated, Any, TypeVar
from uuid import UUID

import msgspec
from chassis.principal import Principal
from chassis.runtime import runtime_of
from kernel import Forbidden
from litestar import Request, Response

from authz.follow import replica_of
from authz.index.facts import Facts
from authz.index.kinds import NOTHING
from authz.index.listing import Listed, administered
from authz.index.people import organizations_of
from authz.replica import Replica

AT_LEAST = b"x-authz-at-least"
MOST_QUERIES = 10_000
LARGEST_PAGE = 100_000
DEFAULT_PAGE = 5000
MOST_OFFSET = 10_000_000

Asked = Request[Any, Any, Any]
"""The request itself: questions take what they need from it, as injected arguments would double what they cost."""
Content = TypeVar("Content")

Id = Annotated[
    str,
    msgspec.Meta(pattern="^[0-9a-fA-F]{8}(-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}$", extra_json_schema={"format": "uuid"}),
]
"""A UUID that stays text: the index knows ids as lower-case text."""
AccessQueries = Annotated[list[str], msgspec.Meta(min_length=1, max_length=MOST_QUERIES)]
Context = dict[str, Any]
"""What the caller knows of the request: conditions of grants read it."""
Limit = Annotated[int, msgspec.Meta(ge=0, le=LARGEST_PAGE)]
Offset = Annotated[int, msgspec.Meta(ge=0, le=MOST_OFFSET)]


def asking(request: Asked) -> Principal:
    """Who asks: what the guard of every route here has found."""
    return request.scope["principal"]  # pyright: ignore[reportGeneralTypeIssues, reportTypedDictNotRequiredAccess]


async def fresh(request: Asked) -> Replica:
    """The index, at least as fresh as the caller demands. Raises Conflict or Invalid: see `Replica.at_least`."""
    replica = replica_of(runtime_of(request))
    for name, value in request.scope["headers"]:  # putting all headers into a mapping costs as much as deciding
        if name == AT_LEAST:
            await replica.at_least(value.decode("latin-1"))
    return replica


def require_may_ask(facts: Facts, principal: Principal, users: Iterable[str]) -> None:
    """Services and the operator's staff ask about anybody, a person about themselves and those whom they administer.

    A person administers who belongs, as staff or as participant, to an organization whose org.admin they are. Raises
    Forbidden.
    """
    if users == (principal.subject,) or principal.service is not None or principal.is_support:
        return
    own = str(principal.user_id)
    others = {user for user in users if user != own}
    if not others:
        return
    asker = facts.users.find(own)
    places = administered(facts, asker) if asker != NOTHING and asker not in facts.users.disabled else set[int]()
    for other in others:
        number = facts.users.find(other)
        if number == NOTHING or places.isdisjoint(organizations_of(facts, number)):
            raise Forbidden("You may ask about yourself and about people of an organization that you administer.")


def require_place(facts: Facts, principal: Principal, organization: UUID | str | None) -> None:
    """Services and the operator's staff ask about all users at once, an org.admin about those of their organization.

    Raises Forbidden.
    """
    if principal.service is not None or principal.is_support:
        return
    asker = facts.users.find(str(principal.user_id))
    place = facts.organizations.find(str(organization).lower())
    if NOTHING in (asker, place) or asker in facts.users.disabled or place not in administered(facts, asker):
        raise Forbidden("You may ask about people of an organization that you administer: name it.")


class Written(Response[Content]):
    """An answer whose JSON is written already and which says what revision of the index gave it.

    It goes out as it is: making a general response would cost more than the decision.
    """

    def __init__(self, replica: Replica, body: bytes, status: int) -> None:  # pyright: ignore[reportMissingSuperCall]
        """`body` is JSON."""
        self.body = body
        self.start = {
            "type": "http.response.start",
            "status": status,
            "headers": [
                (b"content-type", b"application/json"),
                (b"content-length", str(len(body)).encode()),
                (b"x-authz-revision", replica.revision.encode()),
            ],
        }

    def to_asgi_response(self, *_: Any, **__: Any) -> Any:
        """The answer as an ASGI application."""
        return self._send

    async def _send(self, _scope: Any, _receive: Any, send: Any) -> None:
        await send(self.start)
        await send({"type": "http.response.body", "body": self.body})


def answer(replica: Replica, body: bytes, status: int = 201) -> Written[Any]:
    """An answer that says which revision of the index gave it."""
    return Written(replica, body, status)


def page_of_ids(replica: Replica, listed: Listed, limit: int, offset: int, status: int) -> Written[Any]:
    """A page of a list as `resource-ids` and `meta`, written without making an object for each id."""
    meta = f'],"meta":{_meta(listed, limit, offset)}}}'.encode()
    return answer(replica, b'{"resource-ids":[' + listed.written(limit, offset) + meta, status)


def page_of_resources(replica: Replica, listed: Listed, limit: int, offset: int) -> Written[Any]:
    """A page of a list as objects that hold an id each."""
    ids = listed.page(limit, offset)
    written = '{"id":"' + '"},{"id":"'.join(ids) + '"}' if ids else ""
    return answer(replica, f'{{"data":[{written}],"meta":{_meta(listed, limit, offset)}}}'.encode(), 200)


def _meta(listed: Listed, limit: int, offset: int) -> str:
    return f'{{"page[limit]":{limit},"page[offset]":{offset},"page[total]":{listed.total}}}'
