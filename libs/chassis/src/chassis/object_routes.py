"""`/v1/objects/SERVICE/KEY`: where signed links to objects in a folder lead. The signature is the credential."""

from collections.abc import AsyncIterator
from typing import Annotated, Any

import msgspec
from contracts.permissions import PUBLIC
from jsonapi.query import Query, reader
from kernel import Forbidden, Invalid, NotFound
from litestar import Request, Response
from litestar import get as litestar_get
from litestar import put as litestar_put
from litestar.params import FromPath
from litestar.response import Stream

from chassis.objects import Objects, Terms, disposition, too_large
from chassis.runtime import runtime_of

PATH = "/v1/objects"
HEARD_OUT = 32 * 1024 * 1024
"""Bytes of a refused upload that are taken and dropped before the refusal."""
AnyRequest = Request[Any, Any, Any]
OPTIONS: dict[str, Any] = {"opt": {"permission": PUBLIC}, "include_in_schema": False}


class Signed(Query, kw_only=True):
    """What a link carries beside its key."""

    expires: Annotated[int, msgspec.Meta(ge=0)]
    type: Annotated[str, msgspec.Meta(max_length=255)]
    signature: Annotated[str, msgspec.Meta(max_length=64)]
    most: Annotated[int, msgspec.Meta(ge=0)] = 0
    name: Annotated[str, msgspec.Meta(max_length=255)] = ""


read_signed = reader(Signed)


def object_routes(service: str) -> list[Any]:
    """The two routes of a service whose objects may stand in a folder."""

    @litestar_put(f"{PATH}/{service}/{{key:path}}", request_max_body_size=None, status_code=201, **OPTIONS)
    async def receive(request: AnyRequest, key: FromPath[str]) -> None:
        """Take an object, as large as the link allows."""
        objects, terms = _allowed(request, key)
        if request.headers.get("content-type", "") != terms.content_type:
            raise Invalid(f"The link is for {terms.content_type}.", parameter="Content-Type")
        if int(request.headers.get("content-length") or 0) > terms.most:
            await _hear_out(request)
            raise too_large(terms.most)
        await objects.put(terms.key, _limited(request, terms.most), content_type=terms.content_type)

    @litestar_get(f"{PATH}/{service}/{{key:path}}", **OPTIONS)
    async def send(request: AnyRequest, key: FromPath[str]) -> Response[Any]:
        """Give an object. It may hold anything, so a browser only saves it."""
        objects, terms = _allowed(request, key)
        headers = {
            "cache-control": "private, no-store",
            "content-disposition": disposition(terms.filename),
            "content-security-policy": "sandbox",
            "x-content-type-options": "nosniff",
        }
        return Stream(await objects.stream(terms.key), media_type=terms.content_type, headers=headers)

    return [receive, send]


def _allowed(request: AnyRequest, key: str) -> tuple[Objects, Terms]:
    """The terms of the link that was followed. Raises NotFound where links lead elsewhere, else Forbidden."""
    objects: Objects = runtime_of(request).objects
    if not objects.is_folder:
        raise NotFound
    signed: Signed = read_signed(request)
    method = "PUT" if request.method == "PUT" else "GET"
    terms = Terms(method, key.removeprefix("/"), signed.expires, signed.type, signed.most, signed.name)
    if not objects.accepts(terms, signed.signature):
        raise Forbidden("The link has expired, or is not what was given out.", code="link-refused")
    return objects, terms


async def _hear_out(request: AnyRequest) -> None:
    """Let a client finish, within limits: one that still sends may never see the answer of a closed connection."""
    heard = 0
    async for piece in request.stream():
        heard += len(piece)
        if heard > HEARD_OUT:
            return


async def _limited(request: AnyRequest, most: int) -> AsyncIterator[bytes]:
    taken = 0
    async for piece in request.stream():
        taken += len(piece)
        if taken > most:
            raise too_large(most)
        yield piece
