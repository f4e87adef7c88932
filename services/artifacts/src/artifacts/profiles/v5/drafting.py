"""Drafts of profiles as the v5 dialect shows them."""

from collections.abc import Sequence
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from artifacts.actors import Actor
from artifacts.drafts import commands
from artifacts.drafts.models import Draft
from artifacts.profiles import drafts
from artifacts.profiles.resolving import Wanted
from artifacts.profiles.v5.draft_schemas import (
    DiscardProfileDraftResult,
    DiscardProfileDraftResults,
    GetProfileDraftResponse,
    PatchProfileDraft,
    ProfileDraftFormState,
    ProfileDraftResult,
    ProfileDrafts,
)
from artifacts.v5.schemas import FieldError

UNKNOWN = "There is no such draft."


async def patch(session: AsyncSession, actor: Actor, data: PatchProfileDraft, *, mcp: bool) -> ProfileDraftResult:
    """Change or begin a draft and tell what it holds now."""
    wanted = Wanted(
        name=data.name,
        name_id=data.name_id,
        emails=None if data.email is None else [data.email],
        email_ids=data.email_ids,
        request_limit=data.request_limit,
        request_limit_id=next(iter(data.request_limit_ids or ()), None),
        flag_id=data.flag_id,
        department_ids=data.department_ids,
        role_ids=data.role_ids,
    )
    version = await drafts.change(
        session,
        actor,
        wanted,
        draft_id=data.input_draft_id,
        expected=data.expected_version,
        unlimited=data.request_limit_ids == [],
        mcp=mcp,
    )
    return ProfileDraftResult(
        success=True,
        draft_id=version.draft_id,
        new_version=version.number,
        message="The draft was kept." if version.number > 1 else "The draft was begun.",
        form_state=ProfileDraftFormState(**drafts.state(version.form)),
    )


async def list_(session: AsyncSession, actor: Actor) -> ProfileDrafts:
    """The actor's drafts."""
    return ProfileDrafts([_entry(draft) for draft in await commands.listed(session, actor, drafts.KIND)])


async def discard(session: AsyncSession, actor: Actor, identifiers: Sequence[UUID]) -> DiscardProfileDraftResults:
    """Remove drafts, with a result an item."""
    gone = await commands.discard(session, actor, drafts.KIND, identifiers)
    return DiscardProfileDraftResults(
        [
            DiscardProfileDraftResult(
                success=one in gone,
                draft_id=one,
                message="The draft was discarded." if one in gone else "The draft was not discarded.",
                errors=[] if one in gone else [FieldError("draft_ids", UNKNOWN)],
            )
            for one in identifiers
        ]
    )


def _entry(draft: Draft) -> GetProfileDraftResponse:
    form = drafts.form_of(draft)
    names = [form.name_id] if form.name_id else []
    return GetProfileDraftResponse(
        id=draft.id,
        created_at=draft.created_at,
        updated_at=draft.updated_at,
        version=draft.version,
        generated=draft.generated,
        mcp=draft.mcp,
        active=draft.is_active,
        session_id=draft.session_id,
        name_ids=names,
        flag_ids=[form.flag_id],
        department_ids=form.department_ids,
        email_ids=form.email_ids,
        role_ids=form.role_ids,
        request_limit_ids=form.request_limit_ids,
        pending_name_ids=[one for one in names if one in form.pending],
        pending_email_ids=[one for one in form.email_ids if one in form.pending],
    )
