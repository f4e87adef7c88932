"""`/v1/users/`."""

from uuid import UUID

from chassis.arguments import Caller, FromPath, JSONBody, Parameters, Process, Session
from contracts.permissions import AUTHENTICATED, OPERATOR, SUPPORT
from jsonapi import collection, document, get, patch, post
from litestar import Response

from identity.contact_changes import commands as contact_changes
from identity.contact_changes import confirming
from identity.contact_changes.schemas import ChangeEmail, ConfirmEmail, ConfirmPhone
from identity.parts import parts_of
from identity.service_documents import agreements
from identity.sessions.schemas import SignedIn
from identity.throttling.callers import AnyRequest
from identity.users import changes, commands, passwords, presentation, queries
from identity.users.parameters import UserQuery, UsersQuery
from identity.users.schemas import (
    ChangedUser,
    ChangePassword,
    NewUser,
    Nothing,
    SwitchOrganization,
    UserCollection,
    UserDocument,
)


@get("/v1/users", operation_id="listUsers", permission=AUTHENTICATED, query=UsersQuery)
async def list_(
    session: Session, runtime: Process, principal: Caller, parameters: Parameters[UsersQuery]
) -> UserCollection:
    """List users: oneself and, for staff, those of their organizations; verified and active staff unless widened."""
    found = await queries.list_(session, principal, parameters)
    around = await presentation.surroundings(session, found.rows, None if principal.service else runtime)
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
    session: Session,
    runtime: Process,
    principal: Caller,
    user_id: FromPath[UUID],
    parameters: Parameters[UserQuery],
) -> UserDocument:
    """Read a user, on demand with roles and with the sign-ups by which they came.

    The names of `additional-individuals` are orgs'; they are empty for services, and while orgs does not answer.
    """
    user = await queries.read(session, principal, user_id)
    shown = await presentation.one(
        session,
        user,
        parameters.organization_id,
        runtime=None if principal.service else runtime,
        roles=parameters.with_roles,
        sign_ups=parameters.with_signups,
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
    in_person=True,
    secret_answer=True,
)
async def switch_organization(
    session: Session, runtime: Process, principal: Caller, user_id: FromPath[UUID], data: JSONBody[SwitchOrganization]
) -> Response[SignedIn]:
    """Work for another organization of one's own: new tokens that name it and the roles there."""
    answer = await commands.switch_organization(session, parts_of(runtime), principal, user_id, data)
    return Response(answer, headers={"cache-control": "no-store"})


@post(
    "/v1/users/{user_id:uuid}/change-password",
    operation_id="changePassword",
    permission=AUTHENTICATED,
    in_person=True,
)
async def change_password(
    session: Session, runtime: Process, principal: Caller, user_id: FromPath[UUID], data: JSONBody[ChangePassword]
) -> None:
    """Set another password. Every other session ends unless `maintain-active-sessions`; the person is told.

    The operator's staff set one for somebody else without the old password by giving the `context`; it is audited.
    The access token that was used is outdated then, too, and its session goes on: refresh it.
    """
    await passwords.change_password(runtime, session, principal, user_id, data)


@post(
    "/v1/users/{user_id:uuid}/change-email",
    operation_id="changeEmail",
    permission=AUTHENTICATED,
    in_person=True,
)
async def change_email(
    session: Session,
    runtime: Process,
    request: AnyRequest,
    principal: Caller,
    user_id: FromPath[UUID],
    data: JSONBody[ChangeEmail],
) -> None:
    """Ask for another e-mail address. A code goes to it and a notice to the old one; `confirm-email` takes the code.

    Where the address is another person's the answer is the same, and its owner is told.
    """
    await contact_changes.change_email(runtime, session, request, principal, user_id, data.email)


@post("/v1/users/{user_id:uuid}/confirm-email", operation_id="confirmEmail", permission=AUTHENTICATED)
async def confirm_email(
    session: Session,
    runtime: Process,
    request: AnyRequest,
    principal: Caller,
    user_id: FromPath[UUID],
    data: JSONBody[ConfirmEmail],
) -> None:
    """Confirm a new e-mail address with the code that came to it: it is the user's from now on.

    A username that was the old address becomes the new one.
    """
    await confirming.confirm_email(runtime, session, request, principal, user_id, data.confirmation_code)


@post(
    "/v1/users/{user_id:uuid}/confirm-phone",
    operation_id="confirmPhone",
    permission=AUTHENTICATED,
    in_person=True,
)
async def confirm_phone(
    session: Session,
    runtime: Process,
    request: AnyRequest,
    principal: Caller,
    user_id: FromPath[UUID],
    data: JSONBody[ConfirmPhone],
) -> None:
    """Confirm a phone number: without a code one is sent by SMS, with it the number is the user's from now on."""
    number = contact_changes.number_of(data.phone_number)
    if data.confirmation_code is None:
        await contact_changes.ask_phone(runtime, session, request, principal, user_id, number)
        return
    await confirming.confirm_phone(runtime, session, request, principal, user_id, number, data.confirmation_code)


@post(
    "/v1/users/{user_id:uuid}/delete-service-document-agreements",
    operation_id="deleteServiceDocumentAgreements",
    permission=SUPPORT,
)
async def delete_service_document_agreements(
    session: Session,
    principal: Caller,
    user_id: FromPath[UUID],
    data: JSONBody[Nothing | None] = None,  # noqa: ARG001 decoded to refuse other members
) -> None:
    """Take away all that a user has agreed to, so that the next sign-in asks for it again. Audited."""
    await agreements.delete(session, principal, user_id)


ROUTES = [
    list_,
    create,
    read,
    update,
    enable,
    disable,
    switch_organization,
    change_password,
    change_email,
    confirm_email,
    confirm_phone,
    delete_service_document_agreements,
]
