"""What orgs knows of an organization code."""

from datetime import datetime
from typing import Any
from urllib.parse import quote
from uuid import UUID

import msgspec
from chassis.clients import get_as_service
from chassis.runtime import Runtime
from kernel import Invalid, NotFound, Unavailable, now

POINTER = "/organization-code"


class Named(msgspec.Struct, rename="kebab"):
    """An organization."""

    id: UUID
    name: str = ""
    display_name: str = ""
    is_active: bool = True


class OrganizationCode(msgspec.Struct, rename="kebab"):
    """The part of a code that a sign-up needs."""

    organization: Named
    enrollment_schema: dict[str, Any] | None = None
    expires_at: datetime | None = None
    auto_confirm: bool = False


async def find(runtime: Runtime, code: str) -> OrganizationCode:
    """The code. Raises Invalid when there is none that counts, Unavailable when orgs cannot be asked."""
    url = f"{runtime.common.orgs_url}/v1/organization-codes/{quote(code.strip(), safe='')}/"
    try:
        if not code.strip():
            raise NotFound
        answer = await get_as_service(runtime, url)
        found = msgspec.convert(answer["data"]["attributes"], OrganizationCode)
    except NotFound:
        raise _unknown() from None
    except (KeyError, TypeError, msgspec.ValidationError) as error:
        raise Unavailable("What the organization code stands for cannot be told now.") from error
    if not found.organization.is_active or (found.expires_at is not None and found.expires_at <= now()):
        raise _unknown()
    return found


def _unknown() -> Invalid:
    return Invalid("There is no such organization code.", pointer=POINTER, code="unknown-organization-code")
