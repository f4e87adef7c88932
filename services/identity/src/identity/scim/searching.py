"""Searching a directory: a filter, an order and a page over what it sees."""

from typing import Any
from uuid import UUID

import msgspec
from scim2_models import SearchRequest
from scim2_models.path import Comparison, FilterNode, LogicalExpr, LogicalOperator
from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncSession

from identity.scim import documents
from identity.scim.filtering import condition, order
from identity.scim.places import Place
from identity.scim.protocol import DEFAULT_RESULTS, MOST_RESULTS, Group, Person
from identity.usernames import comparable

INDEXED = {"username": ("username_key", comparable), "externalid": ("external_id", str)}


Seen = tuple[dict[str, Any], str]
"""A document and its version."""


class Found(msgspec.Struct, frozen=True):
    """One page: documents with their versions, where it begins (from 1), and how many there are."""

    rows: list[Seen]
    start: int
    total: int


async def users(place: Place, asked: SearchRequest[Any]) -> Found:
    """A page of users."""
    values = _values(place)
    narrowed = _narrowed(asked.filter.ast, values) if asked.filter else ""
    source = documents.USERS + narrowed
    return await _page(place.session, Person, source, asked, values)


async def groups(place: Place, asked: SearchRequest[Any]) -> Found:
    """A page of groups."""
    values = _values(place)
    source = documents.groups(members=_wants_members(asked))
    return await _page(place.session, Group, source, asked, values)


async def user(place: Place, identifier: UUID) -> Seen | None:
    """One user's document and version."""
    return await _one(place, identifier, documents.USERS)


async def group(place: Place, identifier: UUID, asked: SearchRequest[Any] | None = None) -> Seen | None:
    """One group's document and version; without its members where they are not asked for."""
    members = asked is None or _wants_members(asked)
    return await _one(place, identifier, documents.groups(members=members))


def _values(place: Place) -> dict[str, Any]:
    return {"base": place.base, "organization_id": place.organization_id}


async def _one(place: Place, identifier: UUID, source: str) -> Seen | None:
    row = (await place.session.execute(documents.one(source), _values(place) | {"id": identifier})).first()
    return (row.document, row.version) if row else None


async def _page(
    session: AsyncSession, model: Any, source: str, asked: SearchRequest[Any], values: dict[str, Any]
) -> Found:
    met = condition(model, asked.filter.ast, values) if asked.filter else "true"
    start = asked.start_index or 1
    count = DEFAULT_RESULTS if asked.count is None else min(asked.count, MOST_RESULTS)
    matching = f"SELECT id, document, mark FROM ({source}) AS seen WHERE {met}"  # noqa: S608
    total = await session.scalar(text(f"SELECT count(*) FROM ({matching}) AS matching"), values)  # noqa: S608
    if not total or not count or start > total:
        return Found([], start, total or 0)
    page = text(
        f"SELECT document, {documents.VERSION} AS version FROM ({matching}) AS matching"  # noqa: S608
        f" ORDER BY {order(model, asked)} LIMIT :count OFFSET :skipped"
    )
    rows = await session.execute(page, values | {"count": count, "skipped": start - 1})
    return Found([(row.document, row.version) for row in rows], start, total)


def _narrowed(node: FilterNode, values: dict[str, Any]) -> str:
    """What an index can find: an equality that must hold. The comparable form of a name is the coarser one."""
    terms = node.terms if isinstance(node, LogicalExpr) and node.op == LogicalOperator.and_ else (node,)
    for term in terms:
        if isinstance(term, Comparison) and term.op.value == "eq" and isinstance(term.value, str):
            known = INDEXED.get(term.attr_path.attr.lower()) if not term.attr_path.sub_attr else None
            if known is not None:
                column, form = known
                values["narrowed"] = form(term.value).replace("\x00", "\ufffd")
                return f" AND {'u' if column == 'username_key' else 's'}.{column} = :narrowed"
    return ""


def _wants_members(asked: SearchRequest[Any]) -> bool:
    """Whether members are shown, filtered or ordered by."""
    used = f"{asked.filter or ''} {asked.sort_by or ''}".lower()
    shown = [str(path).lower() for path in asked.attributes or ()]
    hidden = [str(path).lower() for path in asked.excluded_attributes or ()]
    if "members" in used:
        return True
    return not any(path.endswith("members") for path in hidden) and (
        not shown or any("members" in path for path in shown)
    )
