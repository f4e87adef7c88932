"""`/scim/v2/{organization-id}/Users`: the organization's staff, as its directory keeps them."""

from uuid import UUID

from chassis.arguments import FromPath
from jsonapi import delete, get, patch, post, put
from kernel import NotFound
from litestar import Response

from identity.scim import answers, protocol, searching
from identity.scim.answers import AnyRequest
from identity.scim.operations import DIRECTORY, OPTIONS, Here
from identity.scim.places import enter
from identity.scim.protocol import Person
from identity.scim.users import changing, commands

PATH = DIRECTORY + "/Users"
ONE = PATH + "/{user_id:uuid}"


@get(PATH, operation_id="listScimUsers", **OPTIONS)
async def list_(place: Here, request: AnyRequest) -> Response[bytes]:
    """Find users: `filter`, `sortBy`, `sortOrder`, `startIndex`, `count`, `attributes`, `excludedAttributes`."""
    await enter(request, place)
    asked = answers.asked_of(Person, request)
    return answers.page(Person, await searching.users(place, asked), asked)


@post(PATH + "/.search", operation_id="searchScimUsers", status=200, reads=True, **OPTIONS)
async def search(place: Here, request: AnyRequest) -> Response[bytes]:
    """Find users, with what is asked for in the body."""
    await enter(request, place)
    asked = protocol.searching(Person, await answers.body(request))
    return answers.page(Person, await searching.users(place, asked), asked)


@post(PATH, operation_id="createScimUser", secret_answer=True, **OPTIONS)
async def create(place: Here, request: AnyRequest) -> Response[bytes]:
    """Make a login that belongs to the organization. A username that is in use anywhere is 409 `uniqueness`.

    Without a password the person signs in through the organization's identity provider, or by a passkey.
    """
    await enter(request, place)
    seen = await commands.create(place, await answers.body(request))
    return answers.shown(Person, seen, request, 201)


@get(ONE, operation_id="readScimUser", **OPTIONS)
async def read(place: Here, request: AnyRequest, user_id: FromPath[UUID]) -> Response[bytes]:
    """Read a user. `If-None-Match` with the present version is 304."""
    await enter(request, place)
    seen = await searching.user(place, user_id)
    if seen is None:
        raise NotFound
    return answers.shown(Person, seen, request)


@put(ONE, operation_id="replaceScimUser", secret_answer=True, **OPTIONS)
async def replace(place: Here, request: AnyRequest, user_id: FromPath[UUID]) -> Response[bytes]:
    """Replace a user: what is not named is gone. With `If-Match` only the version that is meant (412)."""
    await enter(request, place)
    seen = await changing.change(place, request, user_id, protocol.replaced)
    return answers.shown(Person, seen, request)


@patch(ONE, operation_id="updateScimUser", secret_answer=True, **OPTIONS)
async def update(place: Here, request: AnyRequest, user_id: FromPath[UUID]) -> Response[bytes]:
    """Change a user by operations (RFC 7644, section 3.5.2), as Microsoft Entra ID and Okta send them, too.

    `active: false` ends the person's sessions; who belongs to other organizations only leaves this one.
    """
    await enter(request, place)
    seen = await changing.change(place, request, user_id, protocol.patched)
    return answers.shown(Person, seen, request)


@delete(ONE, operation_id="deleteScimUser", secret_answer=True, **OPTIONS)
async def delete_(place: Here, request: AnyRequest, user_id: FromPath[UUID]) -> None:
    """Take a user out of the organization. A login that belongs nowhere else may sign in no more; nobody is erased."""
    await enter(request, place)
    await commands.delete(place, user_id, request.headers.get("if-match"))


ROUTES = [list_, search, create, read, replace, update, delete_]
