"""`/scim/v2/{organization-id}/Groups`: groups of the directory, whose members have roles of the organization."""

from uuid import UUID

from chassis.arguments import FromPath
from jsonapi import delete, get, patch, post, put
from kernel import NotFound
from litestar import Response

from identity.scim import answers, protocol, searching
from identity.scim.answers import AnyRequest
from identity.scim.groups import commands
from identity.scim.operations import DIRECTORY, OPTIONS, Here
from identity.scim.places import enter
from identity.scim.protocol import Group

PATH = DIRECTORY + "/Groups"
ONE = PATH + "/{group_id:uuid}"


@get(PATH, operation_id="listScimGroups", **OPTIONS)
async def list_(place: Here, request: AnyRequest) -> Response[bytes]:
    """Find groups: `filter`, `sortBy`, `sortOrder`, `startIndex`, `count`, `attributes`, `excludedAttributes`."""
    await enter(request, place)
    asked = answers.asked_of(Group, request)
    return answers.page(Group, await searching.groups(place, asked), asked)


@post(PATH + "/.search", operation_id="searchScimGroups", status=200, reads=True, **OPTIONS)
async def search(place: Here, request: AnyRequest) -> Response[bytes]:
    """Find groups, with what is asked for in the body."""
    await enter(request, place)
    asked = protocol.searching(Group, await answers.body(request))
    return answers.page(Group, await searching.groups(place, asked), asked)


@post(PATH, operation_id="createScimGroup", secret_answer=True, **OPTIONS)
async def create(place: Here, request: AnyRequest) -> Response[bytes]:
    """Make a group. Its members have the organization's role of its name; a second group of that name is 409."""
    await enter(request, place)
    seen = await commands.create(place, await answers.body(request))
    return answers.shown(Group, seen, request, 201)


@get(ONE, operation_id="readScimGroup", **OPTIONS)
async def read(place: Here, request: AnyRequest, group_id: FromPath[UUID]) -> Response[bytes]:
    """Read a group. `If-None-Match` with the present version is 304."""
    await enter(request, place)
    asked = answers.asked_of(Group, request)
    seen = await searching.group(place, group_id, asked)
    if seen is None:
        raise NotFound
    return answers.shown(Group, seen, request)


@put(ONE, operation_id="replaceScimGroup", secret_answer=True, **OPTIONS)
async def replace(place: Here, request: AnyRequest, group_id: FromPath[UUID]) -> Response[bytes]:
    """Replace a group: members that are not named leave it. With `If-Match` only the version that is meant (412)."""
    await enter(request, place)
    what = (group_id, await answers.body(request), protocol.replaced, request.headers.get("if-match"))
    return answers.changed(Group, await commands.change(place, *what), request)


@patch(ONE, operation_id="updateScimGroup", secret_answer=True, **OPTIONS)
async def update(place: Here, request: AnyRequest, group_id: FromPath[UUID]) -> Response[bytes]:
    """Change a group by operations (RFC 7644, section 3.5.2), as Microsoft Entra ID and Okta send them, too.

    204 where members of a large group came or went.
    """
    await enter(request, place)
    what = (group_id, await answers.body(request), protocol.patched, request.headers.get("if-match"))
    return answers.changed(Group, await commands.change(place, *what), request)


@delete(ONE, operation_id="deleteScimGroup", secret_answer=True, **OPTIONS)
async def delete_(place: Here, request: AnyRequest, group_id: FromPath[UUID]) -> None:
    """Remove a group, and take its role from its members."""
    await enter(request, place)
    await commands.delete(place, group_id, request.headers.get("if-match"))


ROUTES = [list_, search, create, read, replace, update, delete_]
