"""Searching a directory: a filter, an order and a page over what it sees."""

from typing import Any
from uuid import UUID

import msgspec
from chassis.runtime import Runtime
from scim2_models import SearchRequest
from scim2_models.path import Comparison, FilterNode, LogicalExpr, LogicalOperator
from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncSession

from identity.parts import parts_of
from identity.scim import documents
from identity.scim.filtering import condition, order
from identity.scim.protocol import DEFAULT_RESULTS, MOST_RESULTS, Group, Person
from identity.usernames import comparable

INDEXED = {"username": ("username_key", comparable), "externalid": ("external_id", str)}


class Found(msgspec.Struct, frozen=True):
    """One page: documents with their versions, where it begins (from 1), and how many there are."""

    rows: list[tuple[dict[str, Any], str]]
    start: int
    total: int


def base(runtime: Runtime, organization_id: UUID) -> str:
    """The address of an organization's directory."""
    return f"{parts_of(runtime).settings.public_url.rstrip('/')}/scim/v2/{organization_id}"


async def users(session: AsyncSession, runtime: Runtime, organization_id: UUID, asked: SearchRequest[Any]) -> Found:
    """A page of users."""
    values: dict[str, Any] = {"base": base(runtime, organization_id), "organization_id": organization_id}
    narrowed = _narrowed(asked.filter.ast, values) if asked.filter else ""
    source = documents.USERS + narrowed
    return await _page(session, Person, source, asked, values)


async def groups(session: AsyncSession, runtime: Runtime, organization_id: UUID, asked: SearchRequest[Any]) -> Found:
    """A page of groups."""
    values: dict[str, Any] = {"base": base(runtime, organization_id), "organization_id": organization_id}
    source = documents.groups(members=_wants_members(asked))
    return await _page(session, Group, source, asked, values)


async def user(
    session: AsyncSession, runtime: Runtime, organization_id: UUID, identifier: UUID
) -> tuple[dict[str, Any], str] | None:
    """One user's document and version."""
    return await _one(session, runtime, organization_id, identifier, documents.USERS)


async def group(
    session: AsyncSession,
    runtime: Runtime,
    organization_id: UUID,
    identifier: UUID,
    asked: SearchRequest[Any] | None = None,
) -> tuple[dict[str, Any], str] | None:
    """One group's document and version; without its members where they are not asked for."""
    members = asked is None or _wants_members(asked)
    return await _one(session, runtime, organization_id, identifier, documents.groups(members=members))


async def _one(
    session: AsyncSession, runtime: Runtime, organization_id: UUID, identifier: UUID, source: str
) -> tuple[dict[str, Any], str] | None:
    values = {"base": base(runtime, organization_id), "organization_id": organization_id, "id": identifier}
    row = (await session.execute(documents.one(source), values)).first()
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
