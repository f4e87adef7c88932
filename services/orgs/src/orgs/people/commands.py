"""Keeping the copy of identity's users."""

from datetime import date
from typing import Any
from uuid import UUID

from chassis.erasure.orders import is_erased
from chassis.runtime import Runtime
from kernel import NotFound
from sqlalchemy import delete, func, select
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncSession

from orgs.people.identity import User, fetch_user, find_user
from orgs.people.models import Person

UNKNOWN = "There is no such person."


async def refresh(session: AsyncSession, runtime: Runtime, user_id: UUID) -> User | None:
    """Read a user from identity again; None, and no copy any longer, where identity has none."""
    user = await fetch_user(runtime, user_id)
    if user is None:
        await session.execute(delete(Person).where(Person.user_id == user_id))
        return None
    await keep(session, user)
    return user


async def keep(session: AsyncSession, user: User) -> None:
    """Store what identity said of a user, unless they are being erased meanwhile."""
    if await is_erased(session, user.id):
        return
    values = columns(user)
    statement = insert(Person).values(user_id=user.id, **values)
    changed = {**values, "updated_at": func.clock_timestamp()}
    await session.execute(statement.on_conflict_do_update(index_elements=[Person.user_id], set_=changed))


async def known(session: AsyncSession, runtime: Runtime, user_id: UUID, pointer: str) -> UUID:
    """The id, if there is such a user. Raises NotFound naming `pointer`."""
    if await session.scalar(select(Person.user_id).where(Person.user_id == user_id)) is None:
        user = await fetch_user(runtime, user_id)
        if user is None:
            raise NotFound(UNKNOWN, pointer=pointer)
        await keep(session, user)
    return user_id


async def by_email(session: AsyncSession, runtime: Runtime, email: str, pointer: str) -> UUID:
    """The id of the user with an e-mail. Raises NotFound naming `pointer`."""
    user = await find_user(runtime, email)
    if user is None:
        raise NotFound(UNKNOWN, pointer=pointer)
    await keep(session, user)
    return user.id


def columns(user: User) -> dict[str, Any]:
    """The columns of a user's row."""
    account = user.account
    return {
        "username": account.get("username"),
        "email": account.get("email"),
        "first_name": account.get("first-name"),
        "last_name": account.get("last-name"),
        "state": account.get("state"),
        "enabled": bool(account.get("enabled", True)),
        "email_verified": bool(account.get("email-verified")),
        "phone_verified": bool(account.get("phone-verified")),
        "registration_invite": account.get("registration-invite") or "none",
        "account": account,
    }


def birth_date(account: dict[str, Any]) -> date | None:
    """The birth date of an account, which JSON writes as text."""
    return date.fromisoformat(account["birth-date"]) if account.get("birth-date") else None
