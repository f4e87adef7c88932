"""Making, changing and removing users by the word of an organization's directory."""

import re
from typing import Any
from uuid import UUID

from contracts.identity import UserConfirmed, UserCreated, UserUpdated
from kernel import NotFound, now, uuid7
from messaging import publish
from scim2_models import Context
from sqlalchemy import func, select
from sqlalchemy.ext.asyncio import AsyncSession

from identity.audit_events.commands import record
from identity.parts import parts_of
from identity.scim import accounts, protocol, searching
from identity.scim.groups import memberships
from identity.scim.models import ScimUser
from identity.scim.places import Place
from identity.scim.protocol import Person, Problem
from identity.scim.searching import Seen
from identity.usernames import comparable
from identity.users.models import User

ELSEWHERE = ("schemas", "id", "meta", "groups", "userName", "externalId", "active", "password")
"""What of a resource is not kept among its attributes: the login or the database has it."""

PASSWORD = re.compile("password", re.IGNORECASE)


async def create(place: Place, body: Any) -> Seen:
    """Make a login of the organization's, or bring back one that the directory had deleted. Raises Problem."""
    asked = protocol.resource(Person, body, Context.RESOURCE_CREATION_REQUEST)
    parts, told = parts_of(place.runtime), accounts.told(asked)
    session, organization_id = place.session, place.organization_id
    password_hash = await accounts.hashed(parts, asked)
    user = await accounts.holder(session, told.username)
    row = None if user is None else await session.get(ScimUser, (organization_id, user.id))
    if user is None:
        user, row = await _made(session, organization_id, told, password_hash)
    elif row is None or row.deleted_at is None or not row.managed:
        raise accounts.taken()
    else:
        row.deleted_at = None
        await accounts.write(session, row, user, None, told)
        await accounts.activate(session, row, user)
        if password_hash:
            await accounts.set_password(session, parts, row, user, password_hash)
    await _keep(session, row, asked)
    if not told.active:
        await accounts.deactivate(session, row, user)
    record(session, place.principal, "user-provisioned", user.id, organization_id=organization_id)
    return await _shown(place, row)


async def change(
    place: Place, user_id: UUID, body: Any, make: Any, expected: str | None, *, password_hash: str | None = None
) -> Seen:
    """Replace or patch a user: `make` gives the resource that comes of the present one and the body.

    Raises NotFound, Problem; 412 where the version is not the expected one.
    """
    session = place.session
    row, user, seen = await _locked(place, user_id)
    check_version(seen, expected)
    present = protocol.kept(Person, seen[0])
    after = make(Person, present, body)
    was, told = accounts.told(present), accounts.told(after)
    await accounts.write(session, row, user, was, told)
    if password_hash:
        await accounts.set_password(session, parts_of(place.runtime), row, user, password_hash)
    await _keep(session, row, after)
    if was.active and not told.active:
        await accounts.deactivate(session, row, user)
    elif told.active and not was.active:
        await accounts.activate(session, row, user)
    if make is protocol.patched and after.active is None:
        row.active = None  # no word of it is as good as a yes
    shown = await _shown(place, row)
    if shown[1] != seen[1]:
        record(session, place.principal, "user-changed-by-directory", user_id, organization_id=place.organization_id)
        await publish(session, UserUpdated(user_id=user_id))
    return shown


async def hash_in(place: Place, user_id: UUID, body: Any, make: Any) -> str | None:
    """The hash of the password that a change brings along, if it does. Raises NotFound, Problem."""
    if not PASSWORD.search(str(body)):
        return None
    before = await searching.user(place, user_id)
    if before is None:
        raise NotFound
    return await accounts.hashed(parts_of(place.runtime), make(Person, protocol.kept(Person, before[0]), body))


async def delete(place: Place, user_id: UUID, expected: str | None) -> None:
    """Take a user out of the organization; a login that belongs nowhere else may sign in no more.

    What the directory had told of them is forgotten. Raises NotFound, Problem (412).
    """
    session, organization_id = place.session, place.organization_id
    row, user, seen = await _locked(place, user_id)
    check_version(seen, expected)
    await memberships.leave_all(session, organization_id, user_id)
    if await accounts.alone_in(session, user_id, organization_id):
        await accounts.deactivate(session, row, user)
    await accounts.leave(session, row)
    row.deleted_at, row.attributes, row.external_id, row.active = now(), {}, None, False
    record(session, place.principal, "user-deprovisioned", user_id, organization_id=organization_id)
    await session.flush()


def check_version(seen: Seen, expected: str | None) -> None:
    """Raise Problem (412) unless the version is one that `If-Match` names."""
    wanted = {tag.strip() for tag in (expected or "*").split(",")}
    if "*" not in wanted and seen[1] not in wanted:
        raise Problem("The resource has changed meanwhile.", status=412, code="precondition-failed")


async def _made(
    session: AsyncSession, organization_id: UUID, told: accounts.Told, password_hash: str | None
) -> tuple[User, ScimUser]:
    user = User(
        id=uuid7(),
        username=told.username,
        username_key=comparable(told.username),
        password_hash=password_hash,
        state="confirmed",
        account_type="provider",
        default_organization_id=organization_id,
        confirmed_at=now(),
    )
    row = ScimUser(organization_id=organization_id, user_id=user.id, attributes={}, active=True, managed=True)
    await accounts.write(session, row, user, None, told)
    session.add(user)
    await session.flush()
    session.add(row)
    kind = user.classification
    await publish(session, UserCreated(user_id=user.id, account_type="provider", classification=kind))
    await publish(session, UserConfirmed(user_id=user.id, account_type="provider"))
    await accounts.join(session, user.id, organization_id)
    return user, row


async def _keep(session: AsyncSession, row: ScimUser, resource: Any) -> None:
    """Keep what the directory told."""
    document = protocol.plain(resource)
    row.external_id = resource.external_id
    row.attributes = {name: value for name, value in document.items() if name not in ELSEWHERE}
    row.updated_at = (await session.execute(select(func.clock_timestamp()))).scalar_one()
    await session.flush()


async def _shown(place: Place, row: ScimUser) -> Seen:
    await place.session.flush()
    seen = await searching.user(place, row.user_id)
    if seen is None:
        raise NotFound
    return seen


async def _locked(place: Place, user_id: UUID) -> tuple[ScimUser, User, Seen]:
    """The directory's row of a user whom it sees, made where there was none, and the login, locked."""
    session, organization_id = place.session, place.organization_id
    user = (await session.scalars(select(User).where(User.id == user_id).with_for_update())).first()
    seen = await searching.user(place, user_id)
    if user is None or seen is None:
        raise NotFound
    row = await session.get(ScimUser, (organization_id, user_id))
    if row is None:
        row = ScimUser(organization_id=organization_id, user_id=user_id, attributes={}, active=True, managed=False)
        session.add(row)
        await session.flush()
    return row, user, seen
