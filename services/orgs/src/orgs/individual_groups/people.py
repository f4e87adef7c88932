"""The people of groups, as the first version embeds them and as candidates."""

from collections.abc import Awaitable, Callable, Iterable
from typing import Any
from uuid import UUID

import msgspec
from chassis.runtime import Runtime
from database import Templates
from msgspec import UNSET, UnsetType
from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncSession

from orgs.individual_groups.schemas import GroupLeader, GroupMember
from orgs.individuals.queries import SUMMARY, decoded, preferences, summary
from orgs.individuals.schemas import IndividualSummary

TEMPLATES = Templates()
IN_READS, IN_LISTS = 1000, 100
"""How many individuals, or members, of a group an answer embeds; the rest is paged through its own resource."""

STAFF = text("""
SELECT s.group_id, s.kind, s.user_id, p.first_name, p.last_name, p.username, p.email,
       coalesce(p.email_verified, false) AS email_verified, coalesce(p.phone_verified, false) AS phone_verified,
       coalesce(p.enabled, true) AS enabled, coalesce(p.registration_invite, 'none') AS registration_invite,
       p.account
FROM unnest(CAST(:groups AS uuid[])) AS g(id), unnest(CAST(:kinds AS text[])) AS k(kind), LATERAL (
    SELECT group_id, kind, user_id FROM group_staff
    WHERE group_id = g.id AND kind = k.kind ORDER BY user_id LIMIT :most) AS s
LEFT JOIN people p ON p.user_id = s.user_id
ORDER BY s.group_id, s.kind, s.user_id
""")
INDIVIDUALS = text(f"""
SELECT h.group_id, {SUMMARY}
FROM unnest(CAST(:groups AS uuid[])) AS g(id), LATERAL (
    SELECT group_id, individual_id FROM group_individuals
    WHERE group_id = g.id ORDER BY individual_id LIMIT :most) AS h
JOIN individuals i ON i.id = h.individual_id
ORDER BY h.group_id, i.id
""")  # noqa: S608 the columns are our own


class People(msgspec.Struct):
    """Who is in a group. What was not asked for is UNSET."""

    leaders: list[GroupLeader]
    members: list[GroupMember] | UnsetType
    individuals: list[IndividualSummary] | UnsetType

    @property
    def individual_ids(self) -> list[UUID] | UnsetType:
        """The ids of the individuals."""
        return UNSET if self.individuals is UNSET else [individual.id for individual in self.individuals]


Rows = Callable[[Any, dict[str, Any]], Awaitable[Iterable[Any]]]
"""How a statement is asked: in a session, or by itself."""


def of(session: AsyncSession) -> Rows:
    """In a session."""
    return session.execute


def at(runtime: Runtime) -> Rows:
    """By itself."""

    async def rows(statement: Any, values: dict[str, Any]) -> Iterable[Any]:
        template = TEMPLATES.get(statement.text, lambda: statement)
        return await runtime.row.all(template.sql, *template.values(values))

    return rows


async def embedded(
    rows: Rows, groups: list[UUID], most: int, *, individuals: bool, members: bool
) -> dict[UUID, People]:
    """The people of each group, at most `most` of a kind, in the order of their ids."""
    found = {group: People([], [] if members else UNSET, [] if individuals else UNSET) for group in groups}
    kinds = ["leader", "member"] if members else ["leader"]
    values: dict[str, Any] = {"groups": groups, "most": most}
    for row in await rows(STAFF, {**values, "kinds": kinds}):
        people = found[row.group_id]
        if row.kind == "leader":
            people.leaders.append(GroupLeader(**_staff(row), enabled=row.enabled))
        elif people.members is not UNSET:
            people.members.append(GroupMember(**_staff(row)))
    if individuals:
        for row in await rows(INDIVIDUALS, values):
            held = found[row[0]].individuals
            if held is not UNSET:
                held.append(summary(row[1:]))
    return found


def _staff(row: Any) -> dict[str, Any]:
    account = decoded(row.account)
    return {
        "id": row.user_id,
        "first_name": row.first_name,
        "last_name": row.last_name,
        "email": row.email,
        "email_verified": row.email_verified,
        "phone_verified": row.phone_verified,
        "verified": row.email_verified or row.phone_verified,
        "registration_invite": row.registration_invite,
        "individual_id": account.get("primary-individual-id") or None,
        "created_by_id": account.get("created-by-id") or None,
        "communication_preferences": preferences(account.get("communication-preferences")),
    }
