"""Keeping the copy of individuals' attributes: what is to be read again, what was read, what is forgotten."""

from collections.abc import Collection, Mapping, Sequence
from datetime import date, datetime
from typing import NamedTuple
from uuid import UUID

from contracts.authz import AttributesStored
from kernel import uuid7
from messaging import publish
from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncSession

AT_ONCE = 200

WANT = text("""
INSERT INTO individual_attributes (individual_id, wanted_at)
SELECT id, clock_timestamp() FROM unnest(CAST(:ids AS uuid[])) AS new (id) ORDER BY id
ON CONFLICT (individual_id) DO UPDATE SET wanted_at = excluded.wanted_at
""")
WANT_OF_USERS = text("""
INSERT INTO individual_attributes (individual_id, wanted_at)
SELECT id, clock_timestamp() FROM individuals WHERE user_id = ANY(CAST(:ids AS uuid[])) ORDER BY id
ON CONFLICT (individual_id) DO UPDATE SET wanted_at = excluded.wanted_at
""")
ALONE = text("SELECT pg_try_advisory_xact_lock(7263018)")
WANTED = text("""
SELECT individual_id, wanted_at FROM individual_attributes WHERE wanted_at IS NOT NULL ORDER BY wanted_at LIMIT :limit
""")
STORE = text("""
UPDATE individual_attributes AS known
SET wanted_at = nullif(known.wanted_at, new.wanted_at), first_name = new.first_name, last_name = new.last_name,
    birth_date = new.birth_date, email = new.email, phone = new.phone, email_verified = new.email_verified,
    phone_verified = new.phone_verified, registered = new.registered, provider = new.provider
FROM unnest(CAST(:individual_id AS uuid[]), CAST(:first_name AS text[]), CAST(:last_name AS text[]),
    CAST(:birth_date AS date[]), CAST(:email AS text[]), CAST(:phone AS text[]), CAST(:email_verified AS bool[]),
    CAST(:phone_verified AS bool[]), CAST(:registered AS bool[]), CAST(:provider AS bool[]),
    CAST(:wanted_at AS timestamptz[]))
    AS new (individual_id, first_name, last_name, birth_date, email, phone, email_verified, phone_verified, registered,
    provider, wanted_at)
WHERE known.individual_id = new.individual_id
""")
FORGET = text("DELETE FROM individual_attributes WHERE individual_id = ANY(CAST(:ids AS uuid[]))")


class Attributes(NamedTuple):
    """One individual's attributes as orgs tells them, texts in lower case."""

    individual_id: UUID
    first_name: str | None
    last_name: str | None
    birth_date: date | None
    email: str | None
    phone: str | None
    email_verified: bool
    phone_verified: bool
    registered: bool
    provider: bool


async def want(session: AsyncSession, individuals: Collection[UUID], users: Collection[UUID] = ()) -> None:
    """Have the attributes of these, and of the individuals whose login these users are, read again."""
    if individuals:
        await session.execute(WANT, {"ids": sorted(individuals)})
    if users:
        await session.execute(WANT_OF_USERS, {"ids": sorted(users)})


async def wanted(session: AsyncSession) -> dict[UUID, datetime]:
    """Some that are to be read again, and since when; none while another transaction is at it."""
    if not await session.scalar(ALONE):
        return {}
    return {row.individual_id: row.wanted_at for row in await session.execute(WANTED, {"limit": AT_ONCE})}


async def store(session: AsyncSession, asked: Mapping[UUID, datetime], found: Sequence[Attributes]) -> None:
    """Keep what orgs answered, forget those whom it does not know, and let every index know.

    `asked` says since when each is wanted: one that was marked again since stays wanted.
    """
    if found:
        ordered = sorted(found, key=lambda one: one.individual_id)
        columns = dict(zip(Attributes._fields, map(list, zip(*ordered, strict=True)), strict=True))
        await session.execute(STORE, columns | {"wanted_at": [asked[one.individual_id] for one in ordered]})
    await _forget(session, set(asked) - {one.individual_id for one in found})
    await publish(session, AttributesStored(batch_id=uuid7(), individual_ids=tuple(sorted(asked))))


async def forget(session: AsyncSession, individuals: Collection[UUID]) -> None:
    """Delete what is known of these, and let every index know."""
    if individuals:
        await _forget(session, individuals)
        await publish(session, AttributesStored(batch_id=uuid7(), individual_ids=tuple(sorted(individuals))))


async def _forget(session: AsyncSession, individuals: Collection[UUID]) -> None:
    if individuals:
        await session.execute(FORGET, {"ids": sorted(individuals)})
