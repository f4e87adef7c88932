"""Changes of users as requests bring them: a password is hashed before the request holds a connection."""

from typing import Any
from uuid import UUID

from chassis.principal import Principal
from chassis.runtime import Runtime
from sqlalchemy.ext.asyncio import AsyncSession

from identity.scim import answers
from identity.scim.answers import AnyRequest
from identity.scim.users import commands
from identity.scim.users.commands import Seen


async def change(
    runtime: Runtime,
    session: AsyncSession,
    principal: Principal,
    request: AnyRequest,
    organization_id: UUID,
    user_id: UUID,
    make: Any,
) -> Seen:
    """Replace or patch a user by the request's body. Raises NotFound, Problem."""
    body = await answers.body(request)
    async with runtime.reads() as reading:
        password_hash = await commands.hash_in(runtime, reading, organization_id, user_id, body, make)
    what = (organization_id, user_id, body, make, request.headers.get("if-match"))
    return await commands.change(runtime, session, principal, *what, password_hash=password_hash)
