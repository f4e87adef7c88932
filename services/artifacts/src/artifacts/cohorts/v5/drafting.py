"""Drafts of cohorts as the v5 dialect shows them."""

from collections.abc import Sequence
from typing import Any
from uuid import UUID

import msgspec
from sqlalchemy.ext.asyncio import AsyncSession

from artifacts.actors import Actor
from artifacts.cohorts import drafts, flags
from artifacts.cohorts.drafts import Form
from artifacts.cohorts.resolving import Wanted
from artifacts.cohorts.resolving.items import LISTS
from artifacts.cohorts.v5.draft_schemas import (
    CohortDraftFormState,
    CohortDraftResult,
    CohortDrafts,
    DiscardDraftResult,
    DiscardDraftResults,
    GetCohortDraftResponse,
    PatchCohortDraft,
)
from artifacts.drafts import commands
from artifacts.drafts.models import Draft
from artifacts.v5.schemas import FieldError

UNKNOWN = "There is no such draft."
VALUES = ("simulation_positions", "simulation_availability", "profile_personas")


async def patch(session: AsyncSession, actor: Actor, data: PatchCohortDraft, *, mcp: bool) -> CohortDraftResult:
    """Change or begin a draft and tell what it holds now."""
    version = await drafts.change(
        session, actor, _wanted(data), draft_id=data.input_draft_id, expected=data.expected_version, mcp=mcp
    )
    state = await drafts.state(session, actor, version.form)
    return CohortDraftResult(
        success=True,
        draft_id=version.draft_id,
        new_version=version.number,
        message="The draft was kept." if version.number > 1 else "The draft was begun.",
        form_state=msgspec.convert(state, CohortDraftFormState),
    )


async def list_(session: AsyncSession, actor: Actor) -> CohortDrafts:
    """The actor's drafts."""
    return CohortDrafts([_entry(draft) for draft in await commands.listed(session, actor, drafts.KIND)])


async def discard(session: AsyncSession, actor: Actor, identifiers: Sequence[UUID]) -> DiscardDraftResults:
    """Remove drafts, with a result an item."""
    gone = await commands.discard(session, actor, drafts.KIND, identifiers)
    return DiscardDraftResults(
        [
            DiscardDraftResult(
                success=one in gone,
                draft_id=one,
                message="The draft was discarded." if one in gone else "The draft was not discarded.",
                errors=[] if one in gone else [FieldError("draft_ids", UNKNOWN)],
            )
            for one in identifiers
        ]
    )


def _wanted(data: PatchCohortDraft) -> Wanted:
    shared = set(Wanted.__struct_fields__) & set(PatchCohortDraft.__struct_fields__) - set(VALUES)
    given: dict[str, Any] = {name: getattr(data, name) for name in shared}
    for name in VALUES:
        values = getattr(data, name)
        given[name] = None if values is None else [msgspec.structs.astuple(value) for value in values]
    return Wanted(**given)


def _entry(draft: Draft) -> GetCohortDraftResponse:
    form = drafts.form_of(draft)
    chosen = _chosen(form)
    pending = set(form.pending)
    waiting = {f"pending_{name}": [one for one in ids if one in pending] for name, ids in chosen.items()}
    return GetCohortDraftResponse(
        id=draft.id,
        created_at=draft.created_at,
        updated_at=draft.updated_at,
        version=draft.version,
        generated=draft.generated,
        mcp=draft.mcp,
        active=draft.is_active,
        session_id=draft.session_id,
        **chosen,
        **waiting,
    )


def _chosen(form: Form) -> dict[str, list[UUID]]:
    lists = {name: getattr(form, name) for name in (*LISTS, "profile_ids")}
    return lists | {
        "name_ids": [form.name_id] if form.name_id else [],
        "description_ids": [form.description_id] if form.description_id else [],
        "flag_ids": [flags.option(is_active=form.is_active).id],
    }
