"""`/api/v5/artifacts/cohorts/…`."""

from typing import Any

from chassis.arguments import Caller, JSONBody, Process, Session
from contracts.permissions import AUTHENTICATED, COHORT_READ, COHORT_WRITE
from jsonapi import patch, post
from litestar import Request

from artifacts import actors
from artifacts.cohorts import commands, exporting, refreshing
from artifacts.cohorts.v5 import docs as documentation
from artifacts.cohorts.v5 import drafting, forms, searching
from artifacts.cohorts.v5.draft_schemas import (
    CohortDraftResult,
    CohortDrafts,
    DiscardCohortDrafts,
    DiscardDraftResults,
    PatchCohortDraft,
)
from artifacts.cohorts.v5.form_schemas import CohortForm, GetCohort
from artifacts.cohorts.v5.results import deleted, result, wanted
from artifacts.cohorts.v5.schemas import (
    CohortList,
    CohortResult,
    CohortResults,
    CreateCohorts,
    DeleteCohortResults,
    DeleteCohorts,
    ExportCohorts,
    OneCohort,
    SearchCohorts,
    UpdateCohorts,
)
from artifacts.headers import Mcp, is_mcp
from artifacts.v5.caching import cache_of
from artifacts.v5.docs_schemas import Docs, GetDocs
from artifacts.v5.schemas import ExportResult, RefreshResult

PATH = "/api/v5/artifacts/cohorts"
READ: dict[str, Any] = {
    "permission": COHORT_READ,
    "scope": "cohort:read",
    "status": 200,
    "tags": ["Cohorts (v5)"],
}
WRITE: dict[str, Any] = {**READ, "permission": COHORT_WRITE, "scope": "cohort:write"}
CHANGE: dict[str, Any] = {name: value for name, value in WRITE.items() if name != "status"}
ANYBODY: dict[str, Any] = {**WRITE, "permission": AUTHENTICATED}


@post(f"{PATH}/search", operation_id="searchCohorts", **READ, reads=True)
async def search(session: Session, principal: Caller, runtime: Process, data: JSONBody[SearchCohorts]) -> CohortList:
    """Search cohorts; each filter's choices are counted under the other filters."""
    return await searching.search(runtime.row, await actors.staff(session, principal), data)


@post(f"{PATH}/get", operation_id="getCohort", **READ, reads=True)
async def get(session: Session, principal: Caller, runtime: Process, data: JSONBody[GetCohort]) -> CohortForm:
    """Get a cohort as a form, a draft of one, or an empty form."""
    return await forms.get(session, runtime.row, await actors.staff(session, principal), data)


@post(f"{PATH}/create", operation_id="createCohorts", **WRITE)
async def create(
    session: Session, principal: Caller, data: JSONBody[CreateCohorts], x_mcp: Mcp = None
) -> CohortResults:
    """Make cohorts, with a result an item; an item with errors leaves nothing behind.

    An item whose `id` is a draft of the caller's ends the draft.
    """
    actor = await actors.actor(session, principal)
    outcomes = await commands.create(session, actor, [wanted(item) for item in data.cohorts], mcp=is_mcp(x_mcp))
    return CohortResults([result(outcome, "created") for outcome in outcomes])


@post(f"{PATH}/update", operation_id="updateCohorts", **WRITE)
async def update(
    session: Session, principal: Caller, data: JSONBody[UpdateCohorts], x_mcp: Mcp = None
) -> CohortResults:
    """Change cohorts, with a result an item; an item with errors changes nothing. What is absent or null stays."""
    actor = await actors.actor(session, principal)
    outcomes = await commands.update(session, actor, [wanted(item) for item in data.cohorts], mcp=is_mcp(x_mcp))
    return CohortResults([result(outcome, "updated") for outcome in outcomes])


@post(f"{PATH}/delete", operation_id="deleteCohorts", **WRITE)
async def delete(
    session: Session, principal: Caller, data: JSONBody[DeleteCohorts], x_mcp: Mcp = None
) -> DeleteCohortResults:
    """Delete cohorts, with a result an item. Other dialects still read them by id."""
    actor = await actors.actor(session, principal)
    outcomes = await commands.delete(session, actor, data.cohort_ids, mcp=is_mcp(x_mcp))
    return DeleteCohortResults([deleted(outcome) for outcome in outcomes])


@post(f"{PATH}/duplicate", operation_id="duplicateCohort", **WRITE)
async def duplicate(session: Session, principal: Caller, data: JSONBody[OneCohort], x_mcp: Mcp = None) -> CohortResult:
    """Make another cohort with the same choices and members; ` (copy)` is added to its name."""
    actor = await actors.actor(session, principal)
    made = await commands.duplicate(session, actor, data.cohort_id, mcp=is_mcp(x_mcp))
    return CohortResult(success=True, cohort_id=made, message="The cohort was duplicated.")


@post(f"{PATH}/leave", operation_id="leaveCohort", **ANYBODY)
async def leave(session: Session, principal: Caller, data: JSONBody[OneCohort], x_mcp: Mcp = None) -> CohortResult:
    """Leave a cohort; whoever is in one may, unless its members follow a filter."""
    actor = await actors.actor(session, principal)
    await commands.leave(session, actor, data.cohort_id, mcp=is_mcp(x_mcp))
    return CohortResult(success=True, cohort_id=data.cohort_id, message="You left the cohort.")


@patch(f"{PATH}/draft", operation_id="patchCohortDraft", **CHANGE)
async def draft(
    session: Session, principal: Caller, data: JSONBody[PatchCohortDraft], x_mcp: Mcp = None
) -> CohortDraftResult:
    """Change a draft of the caller's, or begin one without `input_draft_id`. What is absent or null stays.

    Names, descriptions, positions, windows and parts that are given by value are found or made at once, so the ids in
    `form_state` can be given to `create`. Another `expected_version` than the present one answers 409 with the present
    version and form.
    """
    actor = await actors.actor(session, principal)
    return await drafting.patch(session, actor, data, mcp=is_mcp(x_mcp))


@post(f"{PATH}/drafts", operation_id="listCohortDrafts", **WRITE, reads=True)
async def drafts(session: Session, principal: Caller) -> CohortDrafts:
    """List the caller's drafts, the newest first."""
    return await drafting.list_(session, await actors.staff(session, principal))


@post(f"{PATH}/drafts/delete", operation_id="discardCohortDrafts", **WRITE)
async def discard(session: Session, principal: Caller, data: JSONBody[DiscardCohortDrafts]) -> DiscardDraftResults:
    """Discard drafts of the caller's, with a result an item."""
    return await drafting.discard(session, await actors.staff(session, principal), data.draft_ids)


@post(f"{PATH}/export", operation_id="exportCohorts", **READ)
async def export(
    session: Session, principal: Caller, runtime: Process, data: JSONBody[ExportCohorts], x_mcp: Mcp = None
) -> ExportResult:
    """Write one cohort or all of them into a CSV file, a row a member, to be downloaded at `/api/v5/uploads/{id}`.

    Texts that a spreadsheet would compute begin with an apostrophe.
    """
    actor = await actors.staff(session, principal)
    made = await exporting.export(session, runtime, actor, data.cohort_id, mcp=is_mcp(x_mcp))
    return ExportResult(upload_id=made.id, file_name=made.file_name, row_count=made.row_count)


@post(f"{PATH}/docs", operation_id="getCohortDocs", **READ, reads=True)
async def docs(
    session: Session, principal: Caller, runtime: Process, request: Request[Any, Any, Any], data: JSONBody[GetDocs]
) -> Docs:
    """Describe cohorts from the code that runs; with `entity_id`, say what the caller may do with that one."""
    actor = await actors.staff(session, principal)
    return await documentation.compose(session, runtime, request.app, actor, data.entity_id)


@post(f"{PATH}/refresh", operation_id="refreshCohorts", **WRITE)
async def refresh(session: Session, principal: Caller, runtime: Process) -> RefreshResult:
    """Compute the organization's read models again and drop what the process keeps of them; say which."""
    views = await refreshing.refresh(session, await actors.actor(session, principal))
    tags = cache_of(runtime).drop(documentation.TAGS)
    return RefreshResult(success=True, refreshed_views=views, invalidated_tags=tags)


ROUTES = [
    search,
    get,
    create,
    update,
    delete,
    duplicate,
    leave,
    draft,
    drafts,
    discard,
    export,
    docs,
    refresh,
]
