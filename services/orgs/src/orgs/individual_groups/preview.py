"""What a move would do, before it is done."""

from collections.abc import Iterable
from typing import Any
from uuid import UUID

from chassis.clients import SLOW_DEADLINE, call
from chassis.principal import Principal
from chassis.runtime import Runtime
from kernel import NotFound, Unavailable
from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncSession

from orgs.access.queries import reach_of, require_organization
from orgs.individual_groups.commands.move import POINTER, path_below, require_levels
from orgs.individual_groups.queries import require
from orgs.individual_groups.schemas import Affected, AffectedPeople, MovePreview

MOST_ASKED = 10_000
MOST_SHOWN = 100
CREATED = 201

SIZE = text("""
SELECT count(*) AS groups, coalesce(sum(individuals_count), 0) AS memberships
FROM individual_groups WHERE id = :id OR path @> ARRAY[CAST(:id AS uuid)]
""")
LEADERS = text("""
SELECT user_id, bool_or(group_id = :id) AS leads_it FROM group_staff
WHERE kind = 'leader' AND user_id IN (
    SELECT user_id FROM group_staff WHERE kind = 'leader' AND group_id = ANY(CAST(:above AS uuid[])))
GROUP BY user_id ORDER BY user_id LIMIT :most
""")
PEOPLE = text("""
SELECT u.id AS user_id, p.first_name, p.last_name, p.username
FROM unnest(CAST(:users AS uuid[])) AS u(id) LEFT JOIN people p ON p.user_id = u.id ORDER BY u.id
""")


async def preview_move(
    session: AsyncSession, principal: Principal, runtime: Runtime, group_id: UUID, parent_id: UUID | None
) -> MovePreview:
    """Who may change the group after a move and not now, and the other way round, as authz decides it now.

    Only leaders of the groups above can be concerned: of those above now and not afterwards, and of those above
    afterwards and not now. After the move the rights of the new parent hold, and those of who leads the group itself.
    Raises what the move would raise, and Unavailable without authz.
    """
    reach = await reach_of(session, principal)
    group = await require(session, reach, group_id, "write")
    parent = await require(session, reach, parent_id, "write", POINTER) if parent_id else None
    if parent is None:
        await require_organization(session, principal, group.organization_id, "write", POINTER)
    elif parent.organization_id != group.organization_id:
        raise NotFound("There is no such group.", pointer=POINTER)
    path = path_below(group, parent)
    await require_levels(session, group, path)
    size = (await session.execute(SIZE, {"id": group_id})).one()
    above = sorted({*group.path} ^ {*path})
    values = {"id": group_id, "above": above, "most": MOST_ASKED + 1}
    leaders = {row.user_id: row.leads_it for row in await session.execute(LEADERS, values)}
    asked = list(leaders)[:MOST_ASKED]
    now = f"group:{group_id}:write"
    later = f"group:{parent_id}:write" if parent_id else f"organization:{group.organization_id}:write"
    allowed = await _decided(runtime, asked, [now, later])
    before = {user for user in asked if (user, now) in allowed}
    after = {user for user in asked if (user, later) in allowed or leaders[user]}
    return MovePreview(
        groups=size.groups,
        memberships=size.memberships,
        gains=await _shown(session, after - before),
        loses=await _shown(session, before - after),
        complete=len(leaders) <= MOST_ASKED,
    )


async def _decided(runtime: Runtime, users: list[UUID], queries: list[str]) -> set[tuple[UUID, str]]:
    """Which of the users authz allows which of the queries. Raises Unavailable."""
    if not users:
        return set()
    url = f"{runtime.common.authz_url}/v1/bulk-authz-resource-access"
    token = await runtime.internal_tokens.get()
    body = {"multi-user-ids": {"user-ids": users, "access-query": queries, "individually": True}}
    status, answer, _ = await call(runtime, "POST", url, token=token, body=body, deadline=SLOW_DEADLINE)
    if status != CREATED:
        raise Unavailable("Who may do what cannot be told now.")
    decided: Iterable[Any] = answer["access-queries"]
    return {(UUID(one["user-id"]), one["access-query"][0]) for one in decided if one["allow"]}


async def _shown(session: AsyncSession, users: set[UUID]) -> AffectedPeople:
    first = sorted(users)[:MOST_SHOWN]
    rows = await session.execute(PEOPLE, {"users": first})
    return AffectedPeople(len(users), [Affected(*row) for row in rows])
