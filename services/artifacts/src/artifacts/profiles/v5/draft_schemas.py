"""Drafts of profiles in the v5 dialect."""

from datetime import datetime
from typing import Annotated
from uuid import UUID

import msgspec

from artifacts.profiles.v5.schemas import Email, EmailIds, Limit, RoleIds
from artifacts.v5.schemas import MOST_ITEMS, Ids, ItemResult, Text


class PatchProfileDraft(msgspec.Struct, forbid_unknown_fields=True, kw_only=True):
    """What changes in the form. What is absent or null stays; an empty text or list empties. `email` adds one."""

    input_draft_id: UUID | None = None
    expected_version: Annotated[int, msgspec.Meta(ge=0)] | None = None
    name: Text | None = None
    name_id: UUID | None = None
    email: Email | None = None
    request_limit: Limit | None = None
    flag_id: UUID | None = None
    department_ids: Ids | None = None
    email_ids: EmailIds | None = None
    role_ids: RoleIds | None = None
    request_limit_ids: Annotated[list[UUID], msgspec.Meta(max_length=1)] | None = None


class ProfileDraftFormState(msgspec.Struct, kw_only=True):
    """The form as it is kept."""

    name_id: UUID | None
    flag_id: UUID | None
    department_ids: list[UUID]
    email_ids: list[UUID]
    role_ids: list[UUID]
    request_limit_ids: list[UUID]


class ProfileDraftResult(msgspec.Struct, kw_only=True):
    """What became of the draft."""

    success: bool
    draft_id: UUID
    new_version: int
    message: str
    form_state: ProfileDraftFormState | None


class GetProfileDraftResponse(msgspec.Struct, kw_only=True):
    """A draft in a list. `pending_…` are those that this draft had made; `active` is false for one that is done."""

    id: UUID
    created_at: datetime
    updated_at: datetime
    version: int
    generated: bool
    mcp: bool
    active: bool
    session_id: UUID | None
    name_ids: list[UUID]
    flag_ids: list[UUID]
    department_ids: list[UUID]
    email_ids: list[UUID]
    role_ids: list[UUID]
    request_limit_ids: list[UUID]
    pending_name_ids: list[UUID]
    pending_email_ids: list[UUID]


class ProfileDrafts(msgspec.Struct):
    """The caller's drafts, the newest first."""

    entries: list[GetProfileDraftResponse] | None


class DiscardProfileDrafts(msgspec.Struct, forbid_unknown_fields=True):
    """Drafts to be removed."""

    draft_ids: Annotated[list[UUID], msgspec.Meta(max_length=MOST_ITEMS)]


class DiscardProfileDraftResult(ItemResult, kw_only=True):
    """What became of a draft."""

    draft_id: UUID


class DiscardProfileDraftResults(msgspec.Struct):
    """A result an item, in the items' order."""

    results: list[DiscardProfileDraftResult]
