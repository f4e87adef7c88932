"""Identity's users, read over HTTP in this service's own name."""

from typing import Any
from urllib.parse import urlencode
from uuid import UUID

import msgspec
from chassis.clients import get_as_service
from chassis.copies import note_copy
from chassis.runtime import Runtime
from kernel import NotFound

Account = dict[str, Any]
"""A user's attributes as identity gives them, with their names."""

KEPT = frozenset(
    {
        "auto-confirm",
        "auto-sign-up",
        "birth-date",
        "classification",
        "communication-preferences",
        "date-created",
        "date-last-modified",
        "default-organization-id",
        "email",
        "email-verified",
        "enabled",
        "first-name",
        "last-login-time",
        "last-modified-time",
        "last-name",
        "locale",
        "locale-explicit",
        "organization-id",
        "organization-ids",
        "organization-logo-url",
        "phone",
        "phone-type",
        "phone-verified",
        "primary-individual-id",
        "registered",
        "registration-completed-time",
        "registration-invite",
        "state",
        "status",
        "tz",
        "tz-explicit",
        "username",
        "created-by-id",
    }
)


class User(msgspec.Struct, frozen=True):
    """A user of identity."""

    id: UUID
    account: Account


async def fetch_user(runtime: Runtime, user_id: UUID) -> User | None:
    """A user by id, who is kept here from now on, or None. Raises Unavailable when identity does not answer."""
    try:
        answer = await get_as_service(runtime, f"{runtime.common.identity_url}/v1/users/{user_id}/")
    except NotFound:
        return None
    await note_copy(runtime, user_id)
    return _user(answer["data"])


async def find_user(runtime: Runtime, email: str) -> User | None:
    """The user who has shown that an e-mail address is theirs (anybody may claim one), or None.

    Raises Unavailable when identity does not answer.
    """
    wide = {"filter[include-participants]": "true", "filter[email-verified]": "true"}
    query = urlencode({"filter[email]": email, **wide})
    found = (await get_as_service(runtime, f"{runtime.common.identity_url}/v1/users/?{query}"))["data"]
    if not found:
        return None
    await note_copy(runtime, UUID(found[0]["id"]))
    return _user(found[0])


def _user(resource: dict[str, Any]) -> User:
    account = {name: value for name, value in resource["attributes"].items() if name in KEPT}
    return User(UUID(resource["id"]), account)
