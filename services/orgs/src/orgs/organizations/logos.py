"""Uploading logos: a signed link, then the check and the sizes, then a public address.

Objects: `logos/ORGANIZATION/LOGO/upload` and, once processed, `small`, `medium` and `large` beside it.
"""

import asyncio
from datetime import timedelta
from typing import Any
from uuid import UUID

from chassis.objects import Link
from chassis.principal import Principal
from chassis.runtime import Runtime
from kernel import Conflict, Invalid, NotFound, TooManyRequests, uuid7
from messaging import publish
from sqlalchemy import insert, text
from sqlalchemy.ext.asyncio import AsyncSession

from orgs.access.queries import require_organization
from orgs.organizations import pictures
from orgs.organizations.events import updated
from orgs.organizations.models import LogoUpload
from orgs.organizations.schemas import LogoUploadAttributes, NewLogo

MOST_AN_HOUR = 30
KEPT = timedelta(days=1)
SWEEP_EVERY = 3600.0
SWEPT = 200

HOLD = text("SELECT id FROM organizations WHERE id = :id FOR NO KEY UPDATE")
RECENT = text("""
SELECT count(*) FROM logo_uploads WHERE organization_id = :id AND created_at > now() - interval '1 hour'
""")
NEWEST = text("SELECT id FROM logo_uploads WHERE organization_id = :id ORDER BY id DESC LIMIT 1")
USE = text("UPDATE organizations SET logo_id = :logo_id, updated_at = clock_timestamp() WHERE id = :id")
LOGO = "SELECT logo_id FROM organizations WHERE id = $1"
UNUSED = text("""
SELECT u.id, u.organization_id FROM logo_uploads u JOIN organizations o ON o.id = u.organization_id
WHERE u.created_at < now() - CAST(:kept AS interval) AND o.logo_id IS DISTINCT FROM u.id ORDER BY u.id LIMIT :most
""")
FORGET = text("DELETE FROM logo_uploads WHERE id = ANY(:ids)")


async def upload_logo(
    session: AsyncSession, principal: Principal, runtime: Runtime, organization_id: UUID, new: NewLogo
) -> LogoUploadAttributes:
    """A signed link by which a picture may be uploaded within a quarter of an hour. Raises TooManyRequests."""
    await require_organization(session, principal, organization_id, "write")
    if new.content_type not in pictures.FORMATS:
        raise Invalid(f"A logo is one of {', '.join(pictures.FORMATS)}.", pointer="/content-type")
    await session.execute(HOLD, {"id": organization_id})
    if (await session.execute(RECENT, {"id": organization_id})).scalar_one() >= MOST_AN_HOUR:
        raise TooManyRequests("Too many uploads were asked for within an hour.", retry_after=3600)
    logo_id = uuid7()
    place = {"id": logo_id, "organization_id": organization_id, "created_by": principal.user_id}
    await session.execute(insert(LogoUpload).values(place))
    key = key_of(organization_id, logo_id, "upload")
    link: Link = await runtime.objects.upload_link(key, content_type=new.content_type, most=pictures.MOST_BYTES)
    data: dict[str, Any] = {"method": link.method, "headers": link.headers, "maximum-bytes": pictures.MOST_BYTES}
    return LogoUploadAttributes(logo_id, link.url, data, int(link.expires_at.timestamp()))


async def process_logo_upload(
    session: AsyncSession, principal: Principal, runtime: Runtime, organization_id: UUID
) -> None:
    """Make the logo of what was uploaded last. Raises Conflict where nothing was, and Invalid where it is no picture.

    What was uploaded is removed: it may tell where and when a photograph was taken.
    """
    await require_organization(session, principal, organization_id, "write")
    await session.execute(HOLD, {"id": organization_id})
    logo_id = (await session.execute(NEWEST, {"id": organization_id})).scalar()
    source = key_of(organization_id, logo_id, "upload")
    try:
        raw = await runtime.objects.get(source, most=pictures.MOST_BYTES)
    except NotFound:
        raise Conflict("Nothing was uploaded: ask for an upload URL first.", code="nothing-uploaded") from None
    for size, content in (await pictures.resized(raw)).items():
        await runtime.objects.put(key_of(organization_id, logo_id, size), content, content_type="image/png")
    await session.execute(USE, {"id": organization_id, "logo_id": logo_id})
    await publish(session, await updated(session, organization_id))
    await runtime.objects.delete(source)


async def read_logo(runtime: Runtime, organization_id: UUID, size: str) -> tuple[str, bytes]:
    """A logo's entity tag and its PNG file. Raises NotFound."""
    row = await runtime.row(LOGO, organization_id)
    if row is None or row[0] is None:
        raise NotFound
    content = await runtime.objects.get(key_of(organization_id, row[0], size), most=4 * pictures.MOST_BYTES)
    return f'"{row[0]}-{size}"', content


def key_of(organization_id: UUID, logo_id: UUID | None, size: str) -> str:
    """Where a logo stands in the object store."""
    return f"logos/{organization_id}/{logo_id}/{size}"


async def sweep_logos(runtime: Runtime) -> None:
    """Remove, hour by hour, what was uploaded and never used, and logos that others have taken the place of."""
    while True:
        while await _sweep(runtime) == SWEPT:
            continue
        await asyncio.sleep(SWEEP_EVERY)


async def _sweep(runtime: Runtime) -> int:
    async with runtime.sessions.begin() as session:
        found = (await session.execute(UNUSED, {"kept": KEPT, "most": SWEPT})).all()
        for logo_id, organization_id in found:
            names = ("upload", *pictures.SIZES)
            await runtime.objects.delete(*(key_of(organization_id, logo_id, name) for name in names))
        await session.execute(FORGET, {"ids": [row.id for row in found]})
    return len(found)
