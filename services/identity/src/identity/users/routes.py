"""`/v1/users/`."""

from uuid import UUID

from chassis.arguments import Caller, FromPath, JSONBody, Parameters, Process, Session
from contracts.permissions import AUTHENTICATED, OPERATOR
from jsonapi import collection, document, get, patch, post
from litestar import Response

from identity.parts import parts_of
from identity.sessions.schemas import SignedIn
from identity.users import changes, commands, presentation, queries
from identity.users.parameters import UserQuery, UsersQuery
from identity.users.schemas import (
    ChangedUser,
    NewUser,
    Nothing,
    SwitchOrganization,
    UserCollection,
    UserDocument,
)


@get("/v1/users", operation_id="listUsers", permission=AUTHENTICATED, query=UsersQuery)
async def list_(session: Session, principal: Caller, parameters: Parameters[UsersQuery]) -> UserCollection:
    """List users: oneself and, for staff, those of their organizations; verified and active staff unless widened."""
    found = await queries.list_(session, principal, parameters)
    around = await presentation.surroundings(session, found.rows)
    at = parameters.organization_id
    return collection(
        "users", found, lambda user: (user.id, presentation.attributes(user, around, at, with_roles=True))
    )


@post("/v1/users", operation_id="createUser", permission=OPERATOR)
async def create(session: Session, runtime: Process, principal: Caller, data: JSONBody[NewUser]) -> UserDocument:
    """Make a confirmed staff account. It belongs to no organization until one adds it."""
    user = await commands.create(runtime, session, principal, data.data.attributes)
    return document("users", user.id, await presentation.one(session, user))


@get("/v1/users/{user_id:uuid}", operation_id="readUser", permission=AUTHENTICATED, query=UserQuery)
async def read(
    session: Session, principal: Caller, user_id: FromPath[UUID], parameters: Parameters[UserQuery]
) -> UserDocument:
    """Read a user, on demand with roles and with the sign-ups by which they came."""
    user = await queries.read(session, principal, user_id)
    shown = await presentation.one(
        session, user, parameters.organization_id, roles=parameters.with_roles, sign_ups=parameters.with_signups
    )
    return document("users", user.id, shown)


@patch("/v1/users/{user_id:uuid}", operation_id="updateUser", permission=AUTHENTICATED)
async def update(
    session: Session, principal: Caller, user_id: FromPath[UUID], data: JSONBody[ChangedUser]
) -> UserDocument:
    """Change a user. E-mail address and classification are the operator's to change."""
    user = await changes.update(session, principal, user_id, data.attributes_for(user_id))
    return document("users", user.id, await presentation.one(session, user))


@post("/v1/users/{user_id:uuid}/enable", operation_id="enableUser", permission=AUTHENTICATED)
async def enable(
    session: Session,
    principal: Caller,
    user_id: FromPath[UUID],
    data: JSONBody[Nothing | None] = None,  # noqa: ARG001 decoded to refuse other members
) -> UserDocument:
    """Let a disabled user sign in again."""
    user = await commands.enable(session, principal, user_id)
    return document("users", user.id, await presentation.one(session, user))


@post("/v1/users/{user_id:uuid}/disable", operation_id="disableUser", permission=AUTHENTICATED)
async def disable(
    session: Session,
    runtime: Process,
    principal: Caller,
    user_id: FromPath[UUID],
    data: JSONBody[Nothing | None] = None,  # noqa: ARG001 decoded to refuse other members
) -> UserDocument:
    """Let a user sign in no more. All their sessions end at once."""
    user = await commands.disable(session, parts_of(runtime), principal, user_id)
    return document("users", user.id, await presentation.one(session, user))


@post(
    "/v1/users/{user_id:uuid}/switch-organization",
    operation_id="switchOrganization",
    permission=AUTHENTICATED,
    secret_answer=True,
)
async def switch_organization(
    session: Session, runtime: Process, principal: Caller, user_id: FromPath[UUID], data: JSONBody[SwitchOrganization]
) -> Response[SignedIn]:
    """Work for another organization of one's own: new tokens that name it and the roles there."""
    answer = await commands.switch_organization(session, parts_of(runtime), principal, user_id, data)
    return Response(answer, headers={"cache-control": "no-store"})


ROUTES = [list_, create, read, update, enable, disable, switch_organization]
