"""How the organization of an application shows itself: its name from our own copy, logo and support address from orgs.

What orgs says is kept for five minutes; when it does not answer in time the page comes without it, and orgs is asked
again after ten seconds. Nobody is kept from signing in because orgs is away.
"""

import asyncio
from collections import OrderedDict
from time import monotonic
from typing import Any
from uuid import UUID

import msgspec
import structlog
from chassis.clients import get_as_service
from chassis.runtime import Runtime
from kernel import DomainError
from sqlalchemy.ext.asyncio import AsyncSession

from identity.organizations.models import Organization

DEADLINE = 0.5
KEPT, KEPT_SECONDS, AGAIN_SECONDS = 2_000, 300.0, 10.0

log = structlog.get_logger("identity.pages")


class Look(msgspec.Struct, frozen=True):
    """A name, the address of a logo on this site, and whom to write to for help."""

    name: str = ""
    logo: str | None = None
    support_email: str | None = None
    support_name: str | None = None


PLAIN = Look()
_kept: OrderedDict[tuple[str, UUID], tuple[float, Look]] = OrderedDict()


async def look_of(runtime: Runtime, session: AsyncSession, organization_id: UUID) -> Look:
    """How an organization shows itself. Raises nothing that orgs does."""
    organization = await session.get(Organization, organization_id)
    name = organization.display_name if organization is not None else ""
    return msgspec.structs.replace(await _of_orgs(runtime, organization_id), name=name)


async def _of_orgs(runtime: Runtime, organization_id: UUID) -> Look:
    key = (runtime.common.orgs_url, organization_id)
    if (kept := _kept.get(key)) is not None and kept[0] > monotonic():
        return kept[1]
    try:
        async with asyncio.timeout(DEADLINE):
            look, seconds = await _asked(runtime, organization_id), KEPT_SECONDS
    except (DomainError, TimeoutError, KeyError, TypeError) as error:
        log.warning("a page without the organization's look", error=type(error).__name__)
        look, seconds = kept[1] if kept is not None else PLAIN, AGAIN_SECONDS
    _kept[key] = (monotonic() + seconds, look)
    _kept.move_to_end(key)
    if len(_kept) > KEPT:
        _kept.popitem(last=False)
    return look


async def _asked(runtime: Runtime, organization_id: UUID) -> Look:
    base = f"{runtime.common.orgs_url}/v1"
    shown = await _attributes(runtime, f"{base}/organizations/{organization_id}/")
    logo = (shown["logo-urls"] or {}).get("small")
    if shown["theme-id"] is None:
        return Look(logo=_own(runtime, logo))
    theme = await _attributes(runtime, f"{base}/organization-themes/{shown['theme-id']}/")
    return Look("", _own(runtime, logo), theme["support-email"], theme["support-email-name"])


async def _attributes(runtime: Runtime, url: str) -> dict[str, Any]:
    return (await get_as_service(runtime, url))["data"]["attributes"]


def _own(runtime: Runtime, address: str | None) -> str | None:
    """A picture's address, if it is on this site: the pages' policy allows no other."""
    return address if address is not None and address.startswith(f"{runtime.common.public_url}/") else None
