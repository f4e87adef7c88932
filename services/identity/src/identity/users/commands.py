"""Making users, and changing their standing."""

from uuid import UUID

from chassis.principal import Principal
from chassis.runtime import Runtime
from contracts.identity import UserConfirmed, UserCreated, UserDisabled, UserEnabled, UserUpdated
from kernel import Conflict, Forbidden, now, uuid7
from messaging import publish
from sqlalchemy import func, or_, select
from sqlalchemy.ext.asyncio import AsyncSession

from identity.audit_events.commands import record
from identity.parts import Parts, parts_of
from identity.passwords import policy
from identity.sessions import commands as sessions
from identity.sessions.schemas import SignedIn
from identity.usernames import checked_email, checked_name, checked_phone, checked_username, comparable
from identity.users import queries
from identity.users.credentials import tell
from identity.users.models import User
from identity.users.schemas import NewUserAttributes, SwitchOrganization
from identity.users.visibility import administers
from identity.zones import checked_locale, checked_zone

AT = "/data/attributes"
DISABLES = {
    "confirmed": "disabled",
    "force_reset_password": "disabled",
    "init": "registered_disabled",
    "registered": "registered_disabled",
}


async def create(runtime: Runtime, session: AsyncSession, principal: Principal, asked: NewUserAttributes) -> User:
    """Make a confirmed staff account. Raises Invalid, or Conflict when the username or address is in use."""
    parts = parts_of(runtime)
    email = checked_email(asked.email, f"{AT}/email")
    username = checked_username(asked.username, f"{AT}/username") if asked.username else email
    password_hash = await _hashed(parts, asked, username)
    user = User(
        id=uuid7(),
        username=username,
        username_key=comparable(username),
        email=email,
        email_key=comparable(email),
        email_verified=True,
        phone=checked_phone(asked.phone, f"{AT}/phone") if asked.phone else None,
        **_names(asked),
        locale=checked_locale(asked.locale, f"{AT}/locale") if asked.locale else None,
        tz=checked_zone(asked.tz, f"{AT}/tz") if asked.tz else None,
        classification=asked.classification,
        password_hash=password_hash,
        state="confirmed" if password_hash else "force_reset_password",
        account_type="provider",
        confirmed_at=now(),
    )
    await _check_free(session, user)
    await add(session, user)
    record(session, principal, "user-created", user.id)
    return user


async def add(session: AsyncSession, user: User, *, operator: bool = False) -> None:
    """Write a confirmed account down and announce it."""
    session.add(user)
    await session.flush()  # the user is there before the events are
    kind = user.classification
    await publish(
        session, UserCreated(user_id=user.id, account_type="provider", classification=kind, operator=operator)
    )
    await publish(session, UserConfirmed(user_id=user.id, account_type="provider"))


async def disable(session: AsyncSession, parts: Parts, principal: Principal, user_id: UUID) -> User:
    """Let a user sign in no more and end their sessions by one epoch. Disabling twice changes nothing."""
    user = await _administered(session, principal, user_id)
    if user.id == principal.user_id:
        raise Conflict("Nobody disables their own account.")
    if user.state in queries.INACTIVE:
        return user
    moment = (await session.execute(select(func.clock_timestamp()))).scalar_one()
    user.state_before, user.state = user.state, DISABLES[user.state]
    user.sessions_ended_at = user.tokens_outdated_at = moment
    record(session, principal, "user-disabled", user.id)
    await session.flush()  # the epoch is written before it is announced
    await publish(session, UserDisabled(user_id=user.id, ended_at=moment))
    await tell(session, parts, user, "account-disabled")
    return user


async def enable(session: AsyncSession, principal: Principal, user_id: UUID) -> User:
    """Bring back the state that disabling took away. Enabling twice changes nothing."""
    user = await _administered(session, principal, user_id)
    if user.state == "archived":
        raise Conflict("An archived account stays archived.")
    if user.state not in queries.INACTIVE:
        return user
    fallback = "confirmed" if user.state == "disabled" else "registered"
    user.state, user.state_before = user.state_before or fallback, None
    record(session, principal, "user-enabled", user.id)
    await session.flush()  # the state is written before it is announced
    await publish(session, UserEnabled(user_id=user.id))
    return user


async def switch_organization(
    session: AsyncSession, parts: Parts, principal: Principal, user_id: UUID, asked: SwitchOrganization
) -> SignedIn:
    """New tokens for another organization of one's own. Raises NotFound for others' users and organizations."""
    user = await queries.read(session, principal, user_id)
    if user.id != principal.user_id:
        raise Forbidden("Only the person themselves may switch.")
    answer = await sessions.move(session, parts, principal, asked.organization_id)
    if asked.set_default and user.default_organization_id != asked.organization_id:
        user.default_organization_id = asked.organization_id
        await session.flush()  # the change is written before it is announced
        await publish(session, UserUpdated(user_id=user.id))
    return answer


async def _administered(session: AsyncSession, principal: Principal, user_id: UUID) -> User:
    user = await queries.read(session, principal, user_id, lock=True)
    if not await administers(session, principal, user_id):
        raise Forbidden("This takes the operator, or an administrator of all of the user's organizations.")
    return user


def _names(asked: NewUserAttributes) -> dict[str, str | None]:
    given = {name: getattr(asked, name) for name in ("first_name", "last_name", "preferred_name")}
    return {
        name: None if text is None else checked_name(text, f"{AT}/{name.replace('_', '-')}")
        for name, text in given.items()
    }


async def _hashed(parts: Parts, asked: NewUserAttributes, username: str) -> str | None:
    if asked.password is None:
        return None
    minimum = parts.settings.minimum_password_strength
    await policy.check(asked.password, minimum, f"{AT}/password", username, asked.first_name, asked.last_name)
    return await parts.hasher.hashed(asked.password)


async def _check_free(session: AsyncSession, user: User) -> None:
    taken = or_(User.username_key == user.username_key, (User.email_key == user.email_key) & User.email_verified)
    found = (await session.scalars(select(User.username_key).where(taken))).first()
    if found is not None:
        name = "username" if found == user.username_key else "email"
        raise Conflict(f"This {name} is in use.", pointer=f"{AT}/{name}", code="taken")
