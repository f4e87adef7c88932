"""Changing a user's own data: what may be changed depends on who asks."""

from collections.abc import Callable
from typing import Any
from uuid import UUID

import msgspec
from chassis.principal import Principal
from contracts.identity import UserUpdated
from kernel import Conflict, Forbidden, Invalid
from messaging import publish
from msgspec import UNSET
from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from identity.audit_events.commands import record
from identity.usernames import checked_email, checked_name, checked_phone, comparable, storable
from identity.users import queries
from identity.users.models import User, UserOrganization
from identity.users.schemas import UserChange
from identity.users.visibility import administers
from identity.zones import checked_locale, checked_zone

AT = "/data/attributes"
LONGEST_PREFERENCES = 16 * 1024

HELD_IN_TRUST = frozenset({"first_name", "last_name", "locale", "tz", "communication_preferences"})
"""What an administrator may change of a person of their organization: nothing that signs anybody in."""
OWN = HELD_IN_TRUST | {"phone", "default_organization_id", "username"}


async def update(session: AsyncSession, principal: Principal, user_id: UUID, asked: UserChange) -> User:
    """Change what was given. Raises NotFound, Forbidden naming the member, Invalid or Conflict."""
    user = await queries.read(session, principal, user_id, lock=True)
    given = {name: value for name, value in msgspec.structs.asdict(asked).items() if value is not UNSET}
    await _check_allowed(session, principal, user, given)
    before = {name: getattr(user, name) for name in COLUMNS}
    for name, value in given.items():
        await APPLY[name](session, user, value)
    changed = sorted(name for name, value in before.items() if getattr(user, name) != value)
    if changed:
        record(session, principal, "user-updated", user.id, members=changed)
        await session.flush()  # the change is written before it is announced
        await publish(session, UserUpdated(user_id=user.id))
    return user


async def _check_allowed(session: AsyncSession, principal: Principal, user: User, given: dict[str, Any]) -> None:
    if principal.is_operator:
        return
    allowed: frozenset[str] = frozenset()
    if user.id == principal.user_id:
        allowed = OWN if principal.impersonator is None else HELD_IN_TRUST
    elif await administers(session, principal, user.id):
        allowed = HELD_IN_TRUST
    if not allowed:
        raise Forbidden("Only the person, an administrator of theirs or the operator may change this user.")
    for name in given:
        if name not in allowed:
            raise Forbidden("You may not change this.", pointer=f"{AT}/{name.replace('_', '-')}")


async def _set_name(user: User, name: str, value: str) -> None:
    setattr(user, name, checked_name(value, f"{AT}/{name.replace('_', '-')}"))


async def _first_name(_: AsyncSession, user: User, value: str) -> None:
    await _set_name(user, "first_name", value)


async def _last_name(_: AsyncSession, user: User, value: str) -> None:
    await _set_name(user, "last_name", value)


async def _locale(_: AsyncSession, user: User, value: str | None) -> None:
    user.locale = None if value is None else checked_locale(value, f"{AT}/locale")


async def _tz(_: AsyncSession, user: User, value: str | None) -> None:
    user.tz = None if value is None else checked_zone(value, f"{AT}/tz")


async def _phone(_: AsyncSession, user: User, value: str | None) -> None:
    number = None if value is None else checked_phone(value, f"{AT}/phone")
    user.phone_verified = user.phone_verified and number == user.phone
    user.phone = number


async def _preferences(_: AsyncSession, user: User, value: Any) -> None:
    kept = msgspec.to_builtins(value)
    if not storable(kept) or len(msgspec.json.encode(kept)) > LONGEST_PREFERENCES:
        raise Invalid(
            "These preferences are too long, nested too deep, or hold NUL characters.",
            pointer=f"{AT}/communication-preferences",
        )
    user.communication_preferences = {**(user.communication_preferences or {}), **kept}


async def _default_organization(session: AsyncSession, user: User, value: UUID | None) -> None:
    if value is not None and await session.get(UserOrganization, (user.id, value)) is None:
        raise Invalid("The user does not belong there.", pointer=f"{AT}/default-organization-id")
    user.default_organization_id = value


async def _username(session: AsyncSession, user: User, value: str) -> None:
    chosen, verified = (user.email, user.email_verified) if value == "email" else (user.phone, user.phone_verified)
    if chosen is None or not verified:
        raise Invalid("Only a verified address can be the username.", pointer=f"{AT}/username")
    await _check_free(session, user, User.username_key == comparable(chosen), "username")
    user.username, user.username_key = chosen, comparable(chosen)


async def _email(session: AsyncSession, user: User, value: str) -> None:
    email = checked_email(value, f"{AT}/email")
    key = comparable(email)
    await _check_free(session, user, (User.email_key == key) & User.email_verified, "email")
    user.email_verified = user.email_verified and key == user.email_key
    user.email, user.email_key = email, key


async def _classification(_: AsyncSession, user: User, value: str) -> None:
    user.classification = value


async def _check_free(session: AsyncSession, user: User, condition: Any, name: str) -> None:
    if (await session.scalars(select(User.id).where(condition, User.id != user.id))).first() is not None:
        raise Conflict(f"This {name} is in use.", pointer=f"{AT}/{name}", code="taken")


APPLY: dict[str, Callable[[AsyncSession, User, Any], Any]] = {
    "first_name": _first_name,
    "last_name": _last_name,
    "locale": _locale,
    "tz": _tz,
    "phone": _phone,
    "communication_preferences": _preferences,
    "default_organization_id": _default_organization,
    "username": _username,
    "email": _email,
    "classification": _classification,
}
COLUMNS = tuple(APPLY)
