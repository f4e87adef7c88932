"""Many people at once, by id and by e-mail."""

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from typing import TypeVar
from uuid import UUID

from chassis.runtime import Runtime
from kernel import DomainError, NotFound, Problems
from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncSession

from orgs.people.commands import UNKNOWN, keep
from orgs.people.identity import User, fetch_user, find_user

Asked = TypeVar("Asked")
TOGETHER = 8
KNOWN = text("SELECT user_id FROM people WHERE user_id = ANY(:ids)")


async def resolve(session: AsyncSession, runtime: Runtime, ids: Sequence[UUID], emails: Sequence[str]) -> list[UUID]:
    """The ids of people, each once, in order. Identity is asked for those of whom there is no copy, and by e-mail.

    Raises Problems naming each who is unknown (`/user-ids/3`, `/user-emails/0`), or Unavailable.
    """
    known = set(await session.scalars(KNOWN, {"ids": list(ids)}))
    missing = [identifier for identifier in dict.fromkeys(ids) if identifier not in known]
    fetched = await _ask(missing, lambda identifier: fetch_user(runtime, identifier))
    found = await _ask(list(dict.fromkeys(emails)), lambda email: find_user(runtime, email))
    users = {user.id: user for user in (*fetched.values(), *found.values()) if user is not None}
    for identifier in sorted(users):
        await keep(session, users[identifier])
    known |= users.keys()
    problems: list[DomainError] = [
        NotFound(UNKNOWN, pointer=f"/user-ids/{index}") for index, one in enumerate(ids) if one not in known
    ]
    problems += [
        NotFound(UNKNOWN, pointer=f"/user-emails/{index}") for index, one in enumerate(emails) if not found[one]
    ]
    if problems:
        raise Problems(problems)
    return sorted({*ids, *(user.id for user in found.values() if user is not None)})


async def _ask(asked: list[Asked], ask: Callable[[Asked], Awaitable[User | None]]) -> dict[Asked, User | None]:
    room = asyncio.Semaphore(TOGETHER)

    async def one(value: Asked) -> User | None:
        async with room:
            return await ask(value)

    return dict(zip(asked, await asyncio.gather(*map(one, asked)), strict=True))
