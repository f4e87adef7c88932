"""Making, changing and removing groups by the word of an organization's directory."""

import re
from typing import Any
from uuid import UUID

from kernel import NotFound, uuid7
from scim2_models import Context
from sqlalchemy import exists, func, select
from sqlalchemy.ext.asyncio import AsyncSession

from identity.audit_events.commands import record
from identity.scim import protocol, searching
from identity.scim.groups import memberships
from identity.scim.groups.moving import Moves, moves_of
from identity.scim.models import ScimGroup
from identity.scim.places import Place
from identity.scim.protocol import Group, Problem
from identity.scim.searching import Seen
from identity.scim.users.commands import check_version
from identity.usernames import comparable

ROLE = re.compile(r"^(?!system(\.|$))[a-z][a-z0-9]*([._-][a-z0-9]+)*$")
LONGEST_NAME, LONGEST_ROLE = 255, 64
MOST_MEMBERS = 10_000
SHOWN_MEMBERS = 500
"""How many members a group has at most for a change of members to answer the group; 204 for more."""


def role_of(display_name: str) -> str:
    """The name of the role that a group's members have: the group's own name as roles are written."""
    words = re.sub(r"[^a-z0-9._-]+", "-", comparable(display_name)).strip("._-")
    slug = re.sub(r"[._-]*([._-])[._-]*", r"\1", words)[:LONGEST_ROLE].strip("._-")
    if ROLE.match(slug):
        return slug
    prefixed = f"group-{slug.replace('.', '-')}"[:LONGEST_ROLE].strip("._-")
    if not slug or not ROLE.match(prefixed):
        raise Problem("A group's name has a letter from a to z or a digit.")
    return prefixed


async def create(place: Place, body: Any) -> Seen:
    """Make a group. Raises Problem."""
    asked = protocol.resource(Group, body, Context.RESOURCE_CREATION_REQUEST)
    name = _name(asked)
    session, organization_id = place.session, place.organization_id
    row = ScimGroup(id=uuid7(), organization_id=organization_id, display_name=name, role=role_of(name))
    await _check_free(session, row)
    row.external_id = asked.external_id
    session.add(row)
    await session.flush()
    await memberships.write(session, row, _members(asked))
    _record(place, "directory-group-created", row)
    return await _shown(place, row)


async def change(place: Place, group_id: UUID, body: Any, make: Any, expected: str | None) -> Seen | None:
    """Replace or patch a group: `make` gives the resource that comes of the present one and the body.

    None for a large group whose members came or went. Raises NotFound, Problem; 412 where the version is not the
    expected one.
    """
    session, row = place.session, await _locked(place, group_id)
    moves = moves_of(body) if make is protocol.patched and expected is None else None
    if moves is not None:
        return await _moved(place, row, moves)
    seen = await _shown(place, row)
    check_version(seen, expected)
    after = make(Group, protocol.kept(Group, seen[0]), body)
    name = _name(after)
    renamed = role_of(name) != row.role
    if renamed:
        await memberships.take_role(session, row)
        row.role = role_of(name)
        await _check_free(session, row)
    row.display_name, row.external_id = name, after.external_id
    await memberships.write(session, row, _members(after), anew=renamed)
    shown = await _shown(place, row)
    if shown[1] == seen[1]:
        return seen
    await _note_change(place, row)
    return await _shown(place, row)


async def delete(place: Place, group_id: UUID, expected: str | None) -> None:
    """Remove a group, and take its role from its members. Raises NotFound, Problem (412)."""
    session, row = place.session, await _locked(place, group_id)
    if expected is not None:
        check_version(await _shown(place, row), expected)
    await memberships.take_role(session, row)
    await session.delete(row)
    _record(place, "directory-group-deleted", row)
    await session.flush()


async def _check_free(session: AsyncSession, row: ScimGroup) -> None:
    with session.no_autoflush:
        taken = exists().where(
            ScimGroup.organization_id == row.organization_id, ScimGroup.role == row.role, ScimGroup.id != row.id
        )
        if await session.scalar(select(taken)):
            raise Problem("There is a group of this name.", status=409, code="uniqueness")


async def _locked(place: Place, group_id: UUID) -> ScimGroup:
    here = ScimGroup.organization_id == place.organization_id
    statement = select(ScimGroup).where(ScimGroup.id == group_id, here)
    row = (await place.session.scalars(statement.with_for_update())).first()
    if row is None:
        raise NotFound
    return row


async def _moved(place: Place, row: ScimGroup, moves: Moves) -> Seen | None:
    """Let members come and go; the group itself where it is small enough to be shown."""
    size = await memberships.move(place.session, row, moves)
    if size > MOST_MEMBERS:
        raise _too_many()
    await _note_change(place, row)
    return await _shown(place, row) if size <= SHOWN_MEMBERS else None


async def _note_change(place: Place, row: ScimGroup) -> None:
    row.updated_at = (await place.session.execute(select(func.clock_timestamp()))).scalar_one()
    _record(place, "directory-group-changed", row)
    await place.session.flush()


def _record(place: Place, action: str, row: ScimGroup) -> None:
    where: dict[str, Any] = {"organization_id": row.organization_id, "target": f"scim-groups:{row.id}"}
    record(place.session, place.principal, action, None, **where, role=row.role)


async def _shown(place: Place, row: ScimGroup) -> Seen:
    await place.session.flush()
    seen = await searching.group(place, row.id)
    if seen is None:
        raise NotFound
    return seen


def _name(resource: Any) -> str:
    name = (resource.display_name or "").strip()
    if not name or len(name) > LONGEST_NAME or "\x00" in name:
        raise Problem(f"A group's displayName has 1 to {LONGEST_NAME} characters.")
    return name


def _members(resource: Any) -> set[UUID]:
    members = resource.members or []
    if len(members) > MOST_MEMBERS:
        raise _too_many()
    try:
        return {UUID(str(member.value)) for member in members}
    except ValueError:
        raise Problem("A member is no user of this directory.") from None


def _too_many() -> Problem:
    return Problem(f"A group has {MOST_MEMBERS} members at most.", code="tooMany")
