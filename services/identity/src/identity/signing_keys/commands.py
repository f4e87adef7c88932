"""Staged rotation: a key is published as next, signs as current, and verifies as previous until its tokens are gone."""

from datetime import timedelta
from typing import Any

from chassis.runtime import Runtime
from chassis.tokens import FetchKeys
from kernel import Conflict
from sqlalchemy import delete, func, select, text, update
from sqlalchemy.ext.asyncio import AsyncSession

from identity.parts import parts_of
from identity.signing_keys.keyring import generated
from identity.signing_keys.models import SigningKey
from identity.vault import Vault

LOCK = text("SELECT pg_advisory_xact_lock(7263011)")
PUBLISHED_FOR = timedelta(minutes=10)
KEPT_FOR = timedelta(hours=2)


async def ensure_keys(runtime: Runtime) -> None:
    """Make the first keys, and load what there is."""
    parts = parts_of(runtime)
    async with runtime.sessions.begin() as session:
        await session.execute(LOCK)
        stages = set((await session.scalars(select(SigningKey.stage))).all())
        session.add_all(generated(parts.vault, stage) for stage in ("current", "next") if stage not in stages)
    await load_keys(runtime)


async def load_keys(runtime: Runtime) -> None:
    """Take in keys that another process may have rotated."""
    async with runtime.reads() as session:
        await parts_of(runtime).keys.load(session)


async def rotate(session: AsyncSession, vault: Vault, *, at_once: bool = False) -> str:
    """Let the next key sign, and publish another one. Answers the id of the key that signs now.

    Raises Conflict while the next key was published so recently that a verifier may not know it, unless `at_once`.
    """
    await session.execute(LOCK)
    following = (await session.scalars(select(SigningKey).where(SigningKey.stage == "next"))).one()
    age = (
        await session.execute(
            select(func.clock_timestamp() - SigningKey.created_at).where(SigningKey.id == following.id)
        )
    ).scalar_one()
    if age < PUBLISHED_FOR and not at_once:
        raise Conflict(f"The next key was published {int(age.total_seconds())} s ago; wait 10 minutes or force it.")
    await session.execute(
        update(SigningKey)
        .where(SigningKey.stage == "current")
        .values(stage="previous", previous_since=func.clock_timestamp())
    )
    await session.execute(
        update(SigningKey)
        .where(SigningKey.id == following.id)
        .values(stage="current", current_since=func.clock_timestamp())
    )
    session.add(generated(vault, "next"))
    await session.flush()
    return following.id


async def rotate_when_due(runtime: Runtime) -> None:
    """Rotate a key that has signed for long enough, and drop those whose last token has expired."""
    parts = parts_of(runtime)
    async with runtime.sessions.begin() as session:
        await session.execute(LOCK)
        await session.execute(
            delete(SigningKey)
            .where(SigningKey.stage == "previous")
            .where(SigningKey.previous_since < func.clock_timestamp() - KEPT_FOR)
        )
        since = func.coalesce(SigningKey.current_since, SigningKey.created_at)
        limit = func.clock_timestamp() - timedelta(days=parts.settings.signing_key_days)
        due = await session.scalar(select(SigningKey.id).where(SigningKey.stage == "current").where(since < limit))
        if due is not None:
            await rotate(session, parts.vault)


def published_keys(runtime: Runtime) -> FetchKeys:
    """How identity's own verifier gets the keys: from the rows."""

    async def fetch() -> dict[str, Any]:
        await load_keys(runtime)
        return parts_of(runtime).keys.published

    return fetch
