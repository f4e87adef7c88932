"""Persons, whom only identity knows by e-mail."""

import asyncio
from urllib.parse import urlencode
from uuid import UUID

from chassis.clients import get_as_service
from chassis.runtime import Runtime
from kernel import Invalid, NotFound, Unavailable
from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from authz.base_facts.models import User
from authz.roles.schemas import PersonReference

AT_ONCE = 16
UNKNOWN = "There is no such person."


async def resolve(session: AsyncSession, runtime: Runtime, person: PersonReference) -> tuple[UUID, str | None]:
    """The user that is meant, and the e-mail if it is known by now. Raises Invalid, NotFound or Unavailable."""
    if person.user_id is not None:
        known = select(User.id).where(User.id == person.user_id, User.known)
        if await session.scalar(known) is not None:
            return person.user_id, None
        return person.user_id, await _email(runtime, person.user_id)
    if person.email is None:
        raise Invalid("Give a user-id or an email.", pointer="/data/attributes/user-id", code="required")
    wide = {"filter[include-participants]": "true", "filter[email-verified]": "true"}  # anybody may claim an address
    query = urlencode({"filter[email]": person.email, **wide})
    found = await get_as_service(runtime, f"{runtime.common.identity_url}/v1/users/?{query}")
    if not found["data"]:
        raise NotFound(UNKNOWN, pointer="/data/attributes/email")
    return UUID(found["data"][0]["id"]), person.email


async def emails(runtime: Runtime, users: list[UUID]) -> dict[UUID, str | None]:
    """The users' e-mails; None for who is gone, and while identity does not answer."""
    turn = asyncio.Semaphore(AT_ONCE)

    async def one(user: UUID) -> str | None:
        async with turn:
            try:
                return await _email(runtime, user)
            except (NotFound, Unavailable):
                return None

    return dict(zip(users, await asyncio.gather(*map(one, users)), strict=True))


async def _email(runtime: Runtime, user: UUID) -> str | None:
    try:
        found = await get_as_service(runtime, f"{runtime.common.identity_url}/v1/users/{user}/")
    except NotFound:
        raise NotFound(UNKNOWN, pointer="/data/attributes/user-id") from None
    return found["data"]["attributes"].get("email")
