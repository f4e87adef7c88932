"""Writes of drafts."""

from collections.abc import Sequence
from typing import Any
from uuid import UUID

from kernel import Conflict, NotFound
from sqlalchemy import ColumnElement, delete, func, select
from sqlalchemy.ext.asyncio import AsyncSession

from artifacts.actors import Actor
from artifacts.drafts.models import Draft, DraftVersion
from artifacts.matching import among

MOST = 200
KEPT_VERSIONS = 100


def owned(actor: Actor, kind: str) -> tuple[ColumnElement[bool], ...]:
    """What makes a draft the actor's own."""
    return Draft.organization_id == actor.organization_id, Draft.owner == actor.subject, Draft.kind == kind


async def locked(session: AsyncSession, actor: Actor, kind: str, draft_id: UUID) -> Draft:
    """A draft of the actor's, held until the transaction ends. Raises NotFound, Conflict for one that is done."""
    statement = select(Draft).where(Draft.id == draft_id, *owned(actor, kind)).with_for_update()
    found = (await session.scalars(statement.execution_options(populate_existing=True))).one_or_none()
    if found is None:
        raise NotFound("There is no such draft.")
    if not found.is_active:
        raise Conflict("The draft became a record already.", code="draft-done")
    return found


async def begun(session: AsyncSession, actor: Actor, kind: str, *, mcp: bool) -> Draft:
    """A draft that nothing was written of yet. Raises Conflict for more than `MOST`."""
    counted = select(func.count()).select_from(Draft).where(*owned(actor, kind), Draft.is_active)
    if (await session.execute(counted)).scalar_one() >= MOST:
        raise Conflict(f"You have {MOST} drafts; discard some.", code="too-many-drafts")
    return Draft(
        organization_id=actor.organization_id,
        kind=kind,
        owner=actor.subject,
        user_id=actor.user_id,
        session_id=actor.session_id,
        version=0,
        form={},
        mcp=mcp,
        generated=False,
    )


async def opened(session: AsyncSession, actor: Actor, kind: str, draft_id: UUID | None, *, mcp: bool) -> Draft:
    """The actor's draft, held, or a new one. Raises NotFound, Conflict."""
    if draft_id is None:
        return await begun(session, actor, kind, mcp=mcp)
    return await locked(session, actor, kind, draft_id)


def expect(draft: Draft, version: int | None, state: dict[str, Any]) -> None:
    """Raises Conflict, which tells the present version and form, where another version was expected."""
    if version is not None and version != draft.version:
        raise Conflict(
            f"The draft is at version {draft.version}, not {version}.",
            code="draft-moved-on",
            meta={"current_version": draft.version, "form_state": state},
        )


async def keep(session: AsyncSession, draft: Draft, form: dict[str, Any]) -> int:
    """Write the next version, and forget those that are `KEPT_VERSIONS` older. Returns the version."""
    draft.form, draft.version = form, draft.version + 1
    session.add(draft)
    await session.flush()  # the version refers to the draft
    session.add(DraftVersion(draft_id=draft.id, version=draft.version, form=form))
    await session.flush()
    if draft.version > KEPT_VERSIONS:
        old = DraftVersion.version <= draft.version - KEPT_VERSIONS
        await session.execute(delete(DraftVersion).where(DraftVersion.draft_id == draft.id, old))
    return draft.version


async def discard(session: AsyncSession, actor: Actor, kind: str, identifiers: Sequence[UUID]) -> set[UUID]:
    """Remove drafts of the actor's. Returns which were there."""
    gone = delete(Draft).where(*owned(actor, kind), among(Draft.id, identifiers)).returning(Draft.id)
    return set(await session.scalars(gone))


async def listed(session: AsyncSession, actor: Actor, kind: str) -> list[Draft]:
    """The actor's drafts, the newest first; those that became records, too, until they are swept."""
    statement = select(Draft).where(*owned(actor, kind)).order_by(Draft.created_at.desc(), Draft.id.desc())
    return list(await session.scalars(statement.limit(MOST)))


async def one(session: AsyncSession, actor: Actor, kind: str, draft_id: UUID) -> Draft:
    """A draft of the actor's. Raises NotFound."""
    found = (await session.scalars(select(Draft).where(Draft.id == draft_id, *owned(actor, kind)))).one_or_none()
    if found is None:
        raise NotFound("There is no such draft.")
    return found
