"""Who a user is, read from identity."""

from uuid import UUID

import msgspec
from chassis.clients import get_as_service
from chassis.copies import note_copy
from chassis.runtime import Runtime
from kernel import NotFound, Unavailable


class Person(msgspec.Struct, rename="kebab", frozen=True):
    """A user's names, address and time zone, and whether the login may be used."""

    first_name: str | None = None
    last_name: str | None = None
    email: str | None = None
    username: str | None = None
    enabled: bool = True
    email_verified: bool = False
    tz: str | None = None
    tz_explicit: bool = False

    @property
    def name(self) -> str:
        """Both names, or what else there is to call them by."""
        both = " ".join(part for part in (self.first_name, self.last_name) if part)
        return both or self.username or self.email or ""


async def read(runtime: Runtime, user_id: UUID) -> Person | None:
    """The user, kept here from now on; None when identity knows none. Raises Unavailable while it does not answer."""
    try:
        answer = await get_as_service(runtime, f"{runtime.common.identity_url}/v1/users/{user_id}/")
    except NotFound:
        return None
    await note_copy(runtime, user_id)
    try:
        return msgspec.convert(answer["data"]["attributes"], Person)
    except (msgspec.ValidationError, KeyError, TypeError) as error:
        raise Unavailable("identity's answer about a user cannot be read.") from error
