"""Changes of users as requests bring them: a password is hashed before the request holds a connection."""

from typing import Any
from uuid import UUID

import msgspec

from identity.scim import answers
from identity.scim.answers import AnyRequest
from identity.scim.places import Place
from identity.scim.searching import Seen
from identity.scim.users import commands


async def change(place: Place, request: AnyRequest, user_id: UUID, make: Any) -> Seen:
    """Replace or patch a user by the request's body. Raises NotFound, Problem."""
    body = await answers.body(request)
    async with place.runtime.reads() as reading:
        before = msgspec.structs.replace(place, session=reading)
        password_hash = await commands.hash_in(before, user_id, body, make)
    expected = request.headers.get("if-match")
    return await commands.change(place, user_id, body, make, expected, password_hash=password_hash)
