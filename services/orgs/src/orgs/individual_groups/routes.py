"""HTTP of groups, first version."""

from uuid import UUID

from chassis.arguments import Caller, FromPath, JSONBody, Parameters, Process, Session
from contracts.permissions import GROUP_READ, GROUP_WRITE
from jsonapi import collection, document, get, patch, post
from jsonapi import delete as delete_route

from orgs.individual_groups import commands, eligible, preview, queries
from orgs.individual_groups.schemas import (
    KIND,
    ChangeGroupDocument,
    EligiblePeople,
    EligibleQuery,
    Embedding,
    IndividualsToAdd,
    IndividualsToRemove,
    Move,
    MovePreviewAnswer,
    NewGroupDocument,
    PeopledGroupCollection,
    PeopledGroupDocument,
    PeopledGroupListQuery,
    ReadQuery,
    StaffToAdd,
    StaffToRemove,
    StartedTask,
    TaskAnswer,
)

TAGS = ["Individual groups"]
PATH = "/v1/individual-groups"
GROUP = f"{PATH}/{{group_id:uuid}}"


@get(
    PATH,
    operation_id="listIndividualGroups",
    permission=GROUP_READ,
    scope="group:read",
    query=PeopledGroupListQuery,
    tags=TAGS,
    deprecated=True,
)
async def list_(
    runtime: Process, principal: Caller, parameters: Parameters[PeopledGroupListQuery]
) -> PeopledGroupCollection:
    """List the groups that the caller may read. The second version answers without people, and sooner."""
    return collection(KIND, await queries.list_peopled(runtime, principal, parameters), lambda row: row)


@post(PATH, operation_id="createIndividualGroup", permission=GROUP_WRITE, scope="group:write", tags=TAGS)
async def create(session: Session, principal: Caller, data: JSONBody[NewGroupDocument]) -> PeopledGroupDocument:
    """Make a group, at the root or below another, with its first leaders and individuals."""
    group_id = await commands.create(session, principal, data.data.attributes)
    asked = Embedding(with_individuals=True)
    return document(KIND, group_id, await queries.after_change(session, principal, group_id, asked))


@get(GROUP, operation_id="readIndividualGroup", permission=GROUP_READ, scope="group:read", query=ReadQuery, tags=TAGS)
async def read(
    session: Session, principal: Caller, group_id: FromPath[UUID], parameters: Parameters[ReadQuery]
) -> PeopledGroupDocument:
    """Read a group with its leaders, and with individuals and members where asked for (the first 1,000 of each)."""
    people = {"with_individuals": parameters.with_individuals, "with_members": parameters.with_members}
    return document(KIND, group_id, await queries.read_peopled(session, principal, group_id, **people))


@patch(GROUP, operation_id="updateIndividualGroup", permission=GROUP_WRITE, scope="group:write", tags=TAGS)
async def update(
    session: Session, principal: Caller, group_id: FromPath[UUID], data: JSONBody[ChangeGroupDocument]
) -> PeopledGroupDocument:
    """Change a group's name, kind, tags or standing, or replace its leaders."""
    await commands.update(session, principal, group_id, data.attributes_for(group_id))
    return document(KIND, group_id, await queries.after_change(session, principal, group_id, Embedding()))


@delete_route(GROUP, operation_id="deleteIndividualGroup", permission=GROUP_WRITE, scope="group:write", tags=TAGS)
async def delete(session: Session, principal: Caller, group_id: FromPath[UUID]) -> None:
    """Remove a group that has no groups below it; its people leave it first."""
    await commands.delete(session, principal, group_id)


@post(
    f"{GROUP}/add-individuals",
    operation_id="addIndividualGroupIndividuals",
    permission=GROUP_WRITE,
    scope="group:write",
    tags=TAGS,
)
async def add_individuals(
    session: Session, principal: Caller, group_id: FromPath[UUID], data: JSONBody[IndividualsToAdd]
) -> PeopledGroupDocument:
    """Put individuals into a group, and out of another one where it is named. Twice changes nothing."""
    await commands.add_individuals(session, principal, group_id, data)
    return document(KIND, group_id, await queries.after_change(session, principal, group_id, data))


@post(
    f"{GROUP}/remove-individuals",
    operation_id="removeIndividualGroupIndividuals",
    permission=GROUP_WRITE,
    scope="group:write",
    tags=TAGS,
)
async def remove_individuals(
    session: Session, principal: Caller, group_id: FromPath[UUID], data: JSONBody[IndividualsToRemove]
) -> PeopledGroupDocument:
    """Take individuals out of a group."""
    await commands.remove_individuals(session, principal, group_id, data)
    return document(KIND, group_id, await queries.after_change(session, principal, group_id, data))


@post(
    f"{GROUP}/add-leaders",
    operation_id="addIndividualGroupLeaders",
    permission=GROUP_WRITE,
    scope="group:write",
    tags=TAGS,
)
async def add_leaders(
    session: Session, principal: Caller, runtime: Process, group_id: FromPath[UUID], data: JSONBody[StaffToAdd]
) -> PeopledGroupDocument:
    """Make staff leaders of a group. Leaders reach all groups below it."""
    await commands.add_staff(session, principal, runtime, group_id, "leader", data)
    return document(KIND, group_id, await queries.after_change(session, principal, group_id, data))


@post(
    f"{GROUP}/remove-leaders",
    operation_id="removeIndividualGroupLeaders",
    permission=GROUP_WRITE,
    scope="group:write",
    tags=TAGS,
)
async def remove_leaders(
    session: Session, principal: Caller, runtime: Process, group_id: FromPath[UUID], data: JSONBody[StaffToRemove]
) -> PeopledGroupDocument:
    """Take leaders out of a group."""
    await commands.remove_staff(session, principal, runtime, group_id, "leader", data)
    return document(KIND, group_id, await queries.after_change(session, principal, group_id, data))


@post(
    f"{GROUP}/add-members",
    operation_id="addIndividualGroupMembers",
    permission=GROUP_WRITE,
    scope="group:write",
    tags=TAGS,
)
async def add_members(
    session: Session, principal: Caller, runtime: Process, group_id: FromPath[UUID], data: JSONBody[StaffToAdd]
) -> PeopledGroupDocument:
    """Make staff members of a group. Members reach this group only."""
    await commands.add_staff(session, principal, runtime, group_id, "member", data)
    return document(KIND, group_id, await queries.after_change(session, principal, group_id, data))


@post(
    f"{GROUP}/remove-members",
    operation_id="removeIndividualGroupMembers",
    permission=GROUP_WRITE,
    scope="group:write",
    tags=TAGS,
)
async def remove_members(
    session: Session, principal: Caller, runtime: Process, group_id: FromPath[UUID], data: JSONBody[StaffToRemove]
) -> PeopledGroupDocument:
    """Take members out of a group."""
    await commands.remove_staff(session, principal, runtime, group_id, "member", data)
    return document(KIND, group_id, await queries.after_change(session, principal, group_id, data))


@get(
    f"{GROUP}/eligible-members",
    operation_id="listEligibleMembers",
    permission=GROUP_WRITE,
    scope="group:write",
    query=EligibleQuery,
    tags=TAGS,
)
async def eligible_members(
    runtime: Process, principal: Caller, group_id: FromPath[UUID], parameters: Parameters[EligibleQuery]
) -> EligiblePeople:
    """List who could be added to a group as a leader, a member or an individual."""
    return await eligible.eligible_members(runtime, principal, group_id, parameters)


@post(f"{GROUP}/move-group", operation_id="moveIndividualGroup", permission=GROUP_WRITE, scope="group:write", tags=TAGS)
async def move_group(session: Session, principal: Caller, group_id: FromPath[UUID], data: JSONBody[Move]) -> TaskAnswer:
    """Move a group and all below it under another group, or to the root. The task is finished when this answers."""
    return TaskAnswer(StartedTask(await commands.move_group(session, principal, group_id, data.to_parent_group_id)))


@post(
    f"{GROUP}/preview-move",
    operation_id="previewMoveIndividualGroup",
    permission=GROUP_WRITE,
    scope="group:write",
    tags=TAGS,
)
async def preview_move(
    session: Session, principal: Caller, runtime: Process, group_id: FromPath[UUID], data: JSONBody[Move]
) -> MovePreviewAnswer:
    """Say who would gain and who would lose access if a group were moved, and refuse what the move would refuse."""
    return MovePreviewAnswer(await preview.preview_move(session, principal, runtime, group_id, data.to_parent_group_id))


ROUTES = [
    list_,
    create,
    read,
    update,
    delete,
    add_individuals,
    remove_individuals,
    add_leaders,
    remove_leaders,
    add_members,
    remove_members,
    eligible_members,
    move_group,
    preview_move,
]
