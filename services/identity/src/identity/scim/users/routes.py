"""`/scim/v2/{organization-id}/Users`: the organization's staff, as its directory keeps them."""

from typing import Any
from uuid import UUID

from chassis.arguments import Caller, FromPath, Process, Session
from contracts.permissions import AUTHENTICATED
from jsonapi import delete, get, patch, post, put
from kernel import NotFound
from litestar import Response

from identity.scim import answers, protocol, searching
from identity.scim.answers import AnyRequest
from identity.scim.places import SCOPE, enter
from identity.scim.protocol import Person
from identity.scim.users import changing, commands
from identity.scim_requests.recording import recorded

PATH = "/scim/v2/{organization_id:uuid}/Users"
ONE = PATH + "/{user_id:uuid}"
OPTIONS: dict[str, Any] = {"permission": AUTHENTICATED, "scope": SCOPE, "in_person": True, "middleware": [recorded]}


@get(PATH, operation_id="listScimUsers", **OPTIONS)
async def list_(
    session: Session, runtime: Process, principal: Caller, request: AnyRequest, organization_id: FromPath[UUID]
) -> Response[bytes]:
    """Find users: `filter`, `sortBy`, `sortOrder`, `startIndex`, `count`, `attributes`, `excludedAttributes`."""
    await enter(request, principal, organization_id)
    asked = answers.asked_of(Person, request)
    return answers.page(Person, await searching.users(session, runtime, organization_id, asked), asked)


@post(PATH + "/.search", operation_id="searchScimUsers", status=200, reads=True, **OPTIONS)
async def search(
    session: Session, runtime: Process, principal: Caller, request: AnyRequest, organization_id: FromPath[UUID]
) -> Response[bytes]:
    """Find users, with what is asked for in the body."""
    await enter(request, principal, organization_id)
    asked = protocol.searching(Person, await answers.body(request))
    return answers.page(Person, await searching.users(session, runtime, organization_id, asked), asked)


@post(PATH, operation_id="createScimUser", secret_answer=True, **OPTIONS)
async def create(
    session: Session, runtime: Process, principal: Caller, request: AnyRequest, organization_id: FromPath[UUID]
) -> Response[bytes]:
    """Make a login that belongs to the organization. A username that is in use anywhere is 409 `uniqueness`.

    Without a password the person signs in through the organization's identity provider, or by a passkey.
    """
    await enter(request, principal, organization_id)
    body = await answers.body(request)
    seen = await commands.create(runtime, session, principal, organization_id, body)
    return answers.shown(Person, seen, request, 201)


@get(ONE, operation_id="readScimUser", **OPTIONS)
async def read(
    session: Session,
    runtime: Process,
    principal: Caller,
    request: AnyRequest,
    organization_id: FromPath[UUID],
    user_id: FromPath[UUID],
) -> Response[bytes]:
    """Read a user. `If-None-Match` with the present version is 304."""
    await enter(request, principal, organization_id)
    seen = await searching.user(session, runtime, organization_id, user_id)
    if seen is None:
        raise NotFound
    return answers.shown(Person, seen, request)


@put(ONE, operation_id="replaceScimUser", secret_answer=True, **OPTIONS)
async def replace(
    session: Session,
    runtime: Process,
    principal: Caller,
    request: AnyRequest,
    organization_id: FromPath[UUID],
    user_id: FromPath[UUID],
) -> Response[bytes]:
    """Replace a user: what is not named is gone. With `If-Match` only the version that is meant (412)."""
    await enter(request, principal, organization_id)
    seen = await changing.change(runtime, session, principal, request, organization_id, user_id, protocol.replaced)
    return answers.shown(Person, seen, request)


@patch(ONE, operation_id="updateScimUser", secret_answer=True, **OPTIONS)
async def update(
    session: Session,
    runtime: Process,
    principal: Caller,
    request: AnyRequest,
    organization_id: FromPath[UUID],
    user_id: FromPath[UUID],
) -> Response[bytes]:
    """Change a user by operations (RFC 7644, section 3.5.2), as Microsoft Entra ID and Okta send them, too.

    `active: false` ends the person's sessions; who belongs to other organizations only leaves this one.
    """
    await enter(request, principal, organization_id)
    seen = await changing.change(runtime, session, principal, request, organization_id, user_id, protocol.patched)
    return answers.shown(Person, seen, request)


@delete(ONE, operation_id="deleteScimUser", secret_answer=True, **OPTIONS)
async def delete_(
    session: Session,
    runtime: Process,
    principal: Caller,
    request: AnyRequest,
    organization_id: FromPath[UUID],
    user_id: FromPath[UUID],
) -> None:
    """Take a user out of the organization. A login that belongs nowhere else may sign in no more; nobody is erased."""
    await enter(request, principal, organization_id)
    await commands.delete(runtime, session, principal, organization_id, user_id, request.headers.get("if-match"))


ROUTES = [list_, search, create, read, replace, update, delete_]
