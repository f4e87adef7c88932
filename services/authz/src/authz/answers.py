"""What every question to the index has in common: who may ask, how fresh the answer is, and ids as they are sent."""

from collections.abc import Iterable
from typing import Annotated, Any
from uuid import UUID

import msgspec
from chassis.principal import Principal
from chassis.runtime import Runtime
from kernel import Forbidden
from litestar import Request, Response

from authz.follow import replica_of
from authz.index.facts import Facts
from authz.index.kinds import NOTHING
from authz.index.listing import Listed, administered
from authz.replica import Replica, organizations_of

AT_LEAST = "x-authz-at-least"
REVISION = "x-authz-revision"
MOST_QUERIES = 10_000
LARGEST_PAGE = 100_000
DEFAULT_PAGE = 5000
MOST_OFFSET = 10_000_000

Id = Annotated[
    str,
    msgspec.Meta(pattern="^[0-9a-fA-F]{8}(-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}$", extra_json_schema={"format": "uuid"}),
]
"""A UUID that stays text: the index knows ids as lower-case text."""
AccessQueries = Annotated[list[str], msgspec.Meta(min_length=1, max_length=MOST_QUERIES)]
Limit = Annotated[int, msgspec.Meta(ge=0, le=LARGEST_PAGE)]
Offset = Annotated[int, msgspec.Meta(ge=0, le=MOST_OFFSET)]


async def fresh(runtime: Runtime, request: Request[Any, Any, Any]) -> Replica:
    """The index, at least as fresh as the caller demands. Raises Conflict or Invalid: see `Replica.at_least`."""
    replica = replica_of(runtime)
    if (demanded := request.headers.get(AT_LEAST)) is not None:
        await replica.at_least(demanded)
    return replica


def require_may_ask(facts: Facts, principal: Principal, users: Iterable[str]) -> None:
    """Services and the operator's staff ask about anybody, a person about themselves and those whom they administer.

    A person administers who belongs, as staff or as participant, to an organization whose org.admin they are. Raises
    Forbidden.
    """
    if principal.service is not None or principal.is_support:
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


def answer(replica: Replica, body: bytes, status: int = 201) -> Response[Any]:
    """An answer that says which revision of the index gave it."""
    headers = {REVISION: replica.revision}
    return Response(body, status_code=status, media_type="application/json", headers=headers)


def page_of_ids(replica: Replica, listed: Listed, limit: int, offset: int, status: int) -> Response[Any]:
    """A page of a list as `resource-ids` and `meta`, written without making an object for each id."""
    ids = listed.page(limit, offset)
    written = '"' + '","'.join(ids) + '"' if ids else ""
    return answer(replica, f'{{"resource-ids":[{written}],"meta":{_meta(listed, limit, offset)}}}'.encode(), status)


def page_of_resources(replica: Replica, listed: Listed, limit: int, offset: int) -> Response[Any]:
    """A page of a list as objects that hold an id each."""
    ids = listed.page(limit, offset)
    written = '{"id":"' + '"},{"id":"'.join(ids) + '"}' if ids else ""
    return answer(replica, f'{{"data":[{written}],"meta":{_meta(listed, limit, offset)}}}'.encode(), 200)


def _meta(listed: Listed, limit: int, offset: int) -> str:
    return f'{{"page[limit]":{limit},"page[offset]":{offset},"page[total]":{listed.total}}}'
