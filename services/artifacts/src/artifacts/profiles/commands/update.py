"""Changing profiles."""

from collections import Counter, defaultdict
from collections.abc import Iterable, Sequence
from typing import Any
from uuid import UUID

import msgspec
from contracts.artifacts import ProfileUpdated
from messaging import publish_many
from sqlalchemy import select, text
from sqlalchemy.ext.asyncio import AsyncSession

from artifacts import roles
from artifacts.actors import Actor
from artifacts.matching import among
from artifacts.outcomes import Outcome, Problem
from artifacts.persons.commands import follow_profiles
from artifacts.profiles import activities, rules
from artifacts.profiles.activities import Entry, changed
from artifacts.profiles.commands.create import keep_values
from artifacts.profiles.commands.following import place_profiles
from artifacts.profiles.models import Profile, UserRole
from artifacts.profiles.resolving import Resolved, Wanted, resolve

UNKNOWN = "There is no such profile."
PLACES = text("""
SELECT gp.user_id, g.id
  FROM group_people gp JOIN groups g ON g.id = gp.group_id
 WHERE gp.user_id = ANY(CAST(:users AS uuid[])) AND g.organization_id = :organization_id
   AND g.node_type = 'division' AND g.is_active
""")
CHANGE = text("""
UPDATE profiles p
   SET given_name = one.given_name, name = one.name, given_emails = one.given_emails, emails = one.emails,
       primary_email = one.emails[1], given_department_ids = one.given_department_ids, role = one.role,
       assigned_role = one.assigned_role, requests_per_day = one.requests_per_day, is_in_use = one.is_in_use,
       updated_at = clock_timestamp()
  FROM jsonb_to_recordset(CAST(:rows AS jsonb))
    AS one (id uuid, given_name text, name text, given_emails text[], emails text[], given_department_ids uuid[],
            role text, assigned_role text, requests_per_day integer, is_in_use boolean)
 WHERE p.id = one.id
""")
TOLD = ("role", "given_department_ids", "requests_per_day", "is_in_use")
UNTOLD = ("given_name", "name", "given_emails", "emails", "assigned_role")
"""Of these only that they changed is noted, not to what: names and addresses are not kept in what was done."""


class Around(msgspec.Struct, frozen=True):
    """What orgs and authz say of users: their departments and the names of their roles."""

    departments: dict[UUID, set[UUID]]
    roles: dict[UUID, set[str]]


async def update(session: AsyncSession, actor: Actor, wanted: Sequence[Wanted], *, mcp: bool = False) -> list[Outcome]:
    """Change profiles, an outcome an item in the items' order; an item with problems changes nothing.

    Raises Forbidden.
    """
    rules.demand(actor, "edit")
    known = await locked(session, actor.organization_id, [one.id for one in wanted if one.id])
    times = Counter(one.id for one in wanted)
    items = await resolve(session, actor, wanted)
    around = await _around(session, actor.organization_id, known.values())
    rows: dict[UUID, dict[str, Any]] = {}
    for item in items:
        profile = known.get(item.wanted.id) if item.wanted.id else None
        if profile is None:
            item.problems[:] = [Problem("profile_id", UNKNOWN)]
            continue
        if times[profile.id] > 1:
            item.refuse("profile_id", "The id is named twice.")
        if reason := rules.refusal(actor, "edit", role=profile.role, profile_id=profile.id):
            item.refuse("profile_id", reason)
        row = _row(actor, profile, item, around)
        if not item.problems:
            rows[profile.id] = row
    await _write(session, actor, known, {item.wanted.id: item for item in items if item.wanted.id}, rows, mcp=mcp)
    return [Outcome(item.wanted.id, item.problems) for item in items]


async def locked(session: AsyncSession, organization_id: UUID, identifiers: Iterable[UUID]) -> dict[UUID, Profile]:
    """Those of some profiles that the organization has, held until the transaction ends."""
    statement = select(Profile).where(
        Profile.organization_id == organization_id, Profile.removed_at.is_(None), among(Profile.id, set(identifiers))
    )
    rows = await session.scalars(
        statement.order_by(Profile.id).with_for_update().execution_options(populate_existing=True)
    )
    return {row.id: row for row in rows}


async def _around(session: AsyncSession, organization_id: UUID, profiles: Iterable[Profile]) -> Around:
    users = [profile.user_id for profile in profiles if profile.user_id]
    around = Around(defaultdict(set), defaultdict(set))
    if users:
        for user_id, group_id in await session.execute(PLACES, {"users": users, "organization_id": organization_id}):
            around.departments[user_id].add(group_id)
        names = select(UserRole.user_id, UserRole.name).where(
            UserRole.organization_id == organization_id, among(UserRole.user_id, users)
        )
        for user_id, name in await session.execute(names):
            around.roles[user_id].add(name)
    return around


def _row(actor: Actor, profile: Profile, item: Resolved, around: Around) -> dict[str, Any]:
    row: dict[str, Any] = {name: getattr(profile, name) for name in (*TOLD, *UNTOLD)} | {"id": profile.id}
    _rename(profile, item, row)
    if item.emails is not None:
        own = [email for email in profile.emails[:1] if profile.user_id and email not in profile.given_emails]
        row["given_emails"] = [email for email in item.emails if email not in own]
        row["emails"] = [*own, *row["given_emails"]]
    if item.limits:
        row["requests_per_day"] = item.limit
    if item.is_in_use is not None:
        row["is_in_use"] = item.is_in_use
        if not item.is_in_use and profile.id in {actor.profile_id, actor.signed_in.profile_id}:
            item.refuse("flag_id", rules.ONESELF_OFF)
    if item.department_ids is not None:
        theirs = around.departments[profile.user_id] if profile.user_id else set[UUID]()
        for missing in sorted(theirs - set(item.department_ids)):
            item.refuse("department_ids", f"They are in {missing} by their groups; change it there.")
        row["given_department_ids"] = [one for one in item.department_ids if one not in theirs]
    if item.role is not None:
        _rerole(profile, item, row, around)
    return row


def _rename(profile: Profile, item: Resolved, row: dict[str, Any]) -> None:
    """An empty name gives back the one that identity knows."""
    if item.name is None:
        return
    theirs = " ".join(part for part in (profile.first_name, profile.last_name) if part) if profile.user_id else ""
    if not item.name and not theirs:
        item.refuse("name", "Give a name or a name_id.")
    row["given_name"] = item.name or None
    row["name"] = item.name or theirs


def _rerole(profile: Profile, item: Resolved, row: dict[str, Any], around: Around) -> None:
    assert item.role is not None  # noqa: S101 the caller looked
    field = "role_ids" if item.wanted.role_ids else "role"
    if profile.user_id is None:
        row["role"] = row["assigned_role"] = item.role
        return
    own = roles.derived(profile.account_type, around.roles[profile.user_id])
    if roles.rank(item.role) < roles.rank(own):
        item.refuse(field, f"They are {own} by their roles in the organization; change it there.")
    row["role"], row["assigned_role"] = item.role, None if item.role == own else item.role


async def _write(
    session: AsyncSession,
    actor: Actor,
    known: dict[UUID, Profile],
    items: dict[UUID, Resolved],
    rows: dict[UUID, dict[str, Any]],
    *,
    mcp: bool,
) -> None:
    told = {key: _changes(known[key], row) for key, row in rows.items()}
    told = {key: changes for key, changes in told.items() if changes}
    if not told:
        return
    await session.execute(CHANGE, {"rows": msgspec.json.encode([rows[key] for key in told]).decode()})
    await place_profiles(session, actor.organization_id, told)
    await follow_profiles(session, actor.organization_id, told)
    await keep_values(session, actor.organization_id, [items[key] for key in told])
    entries = [Entry(key, "updated", changes) for key, changes in told.items()]
    await activities.note(session, actor.organization_id, entries, actor=actor, mcp=mcp)
    events = [ProfileUpdated(profile_id=key, organization_id=actor.organization_id) for key in sorted(told)]
    await publish_many(session, events)


def _changes(profile: Profile, row: dict[str, Any]) -> list[dict[str, Any]]:
    told = [changed(name, getattr(profile, name), row[name]) for name in TOLD if getattr(profile, name) != row[name]]
    return [*told, *({"field": name} for name in UNTOLD if getattr(profile, name) != row[name])]
