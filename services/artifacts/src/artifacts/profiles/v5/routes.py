"""`/api/v5/artifacts/profiles/…`."""

from datetime import timedelta
from typing import Any

from chassis.arguments import Caller, JSONBody, Process, Session
from contracts.permissions import AUTHENTICATED, PROFILE_READ, PROFILE_WRITE
from jsonapi import patch, post
from litestar import Request

from artifacts import actors
from artifacts.emulations import commands as emulations
from artifacts.headers import Mcp, is_mcp
from artifacts.profiles import exporting, refreshing
from artifacts.profiles.commands import create as creating
from artifacts.profiles.commands import delete as deleting
from artifacts.profiles.commands import update as updating
from artifacts.profiles.v5 import context as contexts
from artifacts.profiles.v5 import docs as documentation
from artifacts.profiles.v5 import drafting, forms, searching
from artifacts.profiles.v5.draft_schemas import (
    DiscardProfileDraftResults,
    DiscardProfileDrafts,
    PatchProfileDraft,
    ProfileDraftResult,
    ProfileDrafts,
)
from artifacts.profiles.v5.form_schemas import GetProfile, ProfileForm
from artifacts.profiles.v5.results import deleted, granted, result, wanted
from artifacts.profiles.v5.schemas import (
    CreateProfiles,
    DeleteProfileResults,
    DeleteProfiles,
    EmulateProfile,
    EmulationResult,
    ExportProfiles,
    GetProfileContext,
    OneProfile,
    ProfileContext,
    ProfileList,
    ProfileResult,
    ProfileResults,
    SearchProfiles,
    UnemulationResult,
    UpdateProfiles,
)
from artifacts.v5.caching import cache_of
from artifacts.v5.docs_schemas import Docs, GetDocs
from artifacts.v5.schemas import ExportResult, RefreshResult

PATH = "/api/v5/artifacts/profiles"
READ: dict[str, Any] = {
    "permission": PROFILE_READ,
    "scope": "person:read",
    "status": 200,
    "tags": ["Profiles (v5)"],
}
ANYBODY: dict[str, Any] = {**READ, "permission": AUTHENTICATED}
WRITE: dict[str, Any] = {**READ, "permission": PROFILE_WRITE, "scope": "person:write"}
CHANGE: dict[str, Any] = {name: value for name, value in WRITE.items() if name != "status"}
IN_PERSON: dict[str, Any] = {**ANYBODY, "scope": None, "in_person": True}
USUAL_MINUTES = 120


@post(f"{PATH}/search", operation_id="searchProfiles", **READ, reads=True)
async def search(session: Session, principal: Caller, data: JSONBody[SearchProfiles]) -> ProfileList:
    """Search profiles; a participant finds nobody but themselves."""
    return await searching.search(session, await actors.actor(session, principal), data)


@post(f"{PATH}/context", operation_id="getProfileContext", **ANYBODY, reads=True)
async def context(session: Session, principal: Caller, data: JSONBody[GetProfileContext]) -> ProfileContext:
    """Say who the caller is, or acts as, what they may see and which theme applies."""
    return await contexts.context(session, await actors.actor(session, principal), data.department_id)


@post(f"{PATH}/get", operation_id="getProfile", **READ)
async def get(session: Session, principal: Caller, data: JSONBody[GetProfile]) -> ProfileForm:
    """Get a profile as a form, a draft of one, or an empty form; a participant gets none but their own."""
    return await forms.get(session, await actors.actor(session, principal), data)


@post(f"{PATH}/create", operation_id="createProfiles", **WRITE)
async def create(
    session: Session, principal: Caller, data: JSONBody[CreateProfiles], x_mcp: Mcp = None
) -> ProfileResults:
    """Make profiles of people without a login, with a result an item; an item with errors leaves nothing behind.

    Whoever comes into the organization with a login whose address is shown to be theirs takes over the profile that
    has it, where only one does. An item whose `id` is a draft of the caller's ends the draft.
    """
    actor = await actors.actor(session, principal)
    items = [wanted(item) for item in data.profiles]
    outcomes = await creating.create(session, actor, items, mcp=is_mcp(x_mcp))
    return ProfileResults([result(outcome, "created") for outcome in outcomes])


@post(f"{PATH}/update", operation_id="updateProfiles", **WRITE)
async def update(
    session: Session, principal: Caller, data: JSONBody[UpdateProfiles], x_mcp: Mcp = None
) -> ProfileResults:
    """Change profiles, with a result an item; an item with errors changes nothing. What is absent or null stays.

    What orgs and identity say of a person with a login (their own address, the departments of their groups, the roles
    of the organization) is not taken away here; names, addresses, departments and a higher role are added.
    """
    actor = await actors.actor(session, principal)
    items = [wanted(item) for item in data.profiles]
    outcomes = await updating.update(session, actor, items, mcp=is_mcp(x_mcp))
    return ProfileResults([result(outcome, "updated") for outcome in outcomes])


@post(f"{PATH}/delete", operation_id="deleteProfiles", **WRITE)
async def delete(
    session: Session, principal: Caller, data: JSONBody[DeleteProfiles], x_mcp: Mcp = None
) -> DeleteProfileResults:
    """Delete profiles, with a result an item; they leave their cohorts. The person's login and belonging stay."""
    actor = await actors.actor(session, principal)
    outcomes = await deleting.delete(session, actor, data.profile_ids, mcp=is_mcp(x_mcp))
    return DeleteProfileResults([deleted(outcome) for outcome in outcomes])


@post(f"{PATH}/duplicate", operation_id="duplicateProfile", **WRITE)
async def duplicate(
    session: Session, principal: Caller, data: JSONBody[OneProfile], x_mcp: Mcp = None
) -> ProfileResult:
    """Make a profile with the same role, departments and limit, without addresses; ` (copy)` is added to its name."""
    actor = await actors.actor(session, principal)
    made = await deleting.duplicate(session, actor, data.target_profile_id, mcp=is_mcp(x_mcp))
    return ProfileResult(success=True, profile_id=made, message="The profile was duplicated.")


@patch(f"{PATH}/draft", operation_id="patchProfileDraft", **CHANGE)
async def draft(
    session: Session, principal: Caller, data: JSONBody[PatchProfileDraft], x_mcp: Mcp = None
) -> ProfileDraftResult:
    """Change a draft of the caller's, or begin one without `input_draft_id`. What is absent or null stays.

    A name or address that is given by value is found or made at once, so the ids in `form_state` can be given to
    `create`. Another `expected_version` than the present one answers 409 with the present version and form.
    """
    actor = await actors.actor(session, principal)
    return await drafting.patch(session, actor, data, mcp=is_mcp(x_mcp))


@post(f"{PATH}/drafts", operation_id="listProfileDrafts", **WRITE, reads=True)
async def drafts(session: Session, principal: Caller) -> ProfileDrafts:
    """List the caller's drafts, the newest first."""
    return await drafting.list_(session, await actors.staff(session, principal))


@post(f"{PATH}/drafts/delete", operation_id="discardProfileDrafts", **WRITE)
async def discard(
    session: Session, principal: Caller, data: JSONBody[DiscardProfileDrafts]
) -> DiscardProfileDraftResults:
    """Discard drafts of the caller's, with a result an item."""
    return await drafting.discard(session, await actors.staff(session, principal), data.draft_ids)


@post(f"{PATH}/emulate", operation_id="emulateProfile", **IN_PERSON)
async def emulate(
    session: Session, principal: Caller, data: JSONBody[EmulateProfile], x_mcp: Mcp = None
) -> EmulationResult:
    """Let this session's next requests in the organization resolve to another profile; `allowed` says whether.

    Instructors and up, towards roles below their own: administrators in the whole organization, instructors in their
    departments. At most three deep; an inner grant ends with the outer one. Never by an API key or in another person's
    name.
    """
    lives = timedelta(minutes=data.ttl_minutes or USUAL_MINUTES)
    return granted(await emulations.emulate(session, principal, data.target_profile_id, lives, mcp=is_mcp(x_mcp)))


@post(f"{PATH}/unemulate", operation_id="unemulateProfile", **IN_PERSON)
async def unemulate(session: Session, principal: Caller, x_mcp: Mcp = None) -> UnemulationResult:
    """Give the innermost grant of this session back; the next request resolves one layer less."""
    reason = await emulations.unemulate(session, principal, mcp=is_mcp(x_mcp))
    return UnemulationResult(ok=reason is None, reason=reason)


@post(f"{PATH}/export", operation_id="exportProfiles", **READ)
async def export(
    session: Session, principal: Caller, runtime: Process, data: JSONBody[ExportProfiles], x_mcp: Mcp = None
) -> ExportResult:
    """Write one profile or all of them into a CSV file, to be downloaded at `/api/v5/uploads/{id}`.

    Texts that a spreadsheet would compute begin with an apostrophe.
    """
    actor = await actors.staff(session, principal)
    made = await exporting.export(session, runtime, actor, data.profile_export_id, mcp=is_mcp(x_mcp))
    return ExportResult(upload_id=made.id, file_name=made.file_name, row_count=made.row_count)


@post(f"{PATH}/docs", operation_id="getProfileDocs", **READ, reads=True)
async def docs(
    session: Session, principal: Caller, runtime: Process, request: Request[Any, Any, Any], data: JSONBody[GetDocs]
) -> Docs:
    """Describe profiles from the code that runs; with `entity_id`, say what the caller may do with that one."""
    actor = await actors.staff(session, principal)
    return await documentation.compose(session, runtime, request.app, actor, data.entity_id)


@post(f"{PATH}/refresh", operation_id="refreshProfiles", **WRITE)
async def refresh(session: Session, principal: Caller, runtime: Process) -> RefreshResult:
    """Compute the organization's read models of profiles again and drop what the process keeps of them; say which."""
    views = await refreshing.refresh(session, await actors.actor(session, principal))
    tags = cache_of(runtime).drop(documentation.TAGS)
    return RefreshResult(success=True, refreshed_views=views, invalidated_tags=tags)


ROUTES = [
    search,
    context,
    get,
    create,
    update,
    delete,
    duplicate,
    draft,
    drafts,
    discard,
    emulate,
    unemulate,
    export,
    docs,
    refresh,
]
