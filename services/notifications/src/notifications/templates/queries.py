"""Finding templates: for who manages them, and for a message that goes out."""

from collections.abc import Mapping
from typing import Any
from uuid import UUID

import msgspec
from chassis.principal import Principal
from chassis.runtime import Runtime
from database import page_of
from kernel import Forbidden, NotFound, Page, Slice
from sqlalchemy import select, text
from sqlalchemy.ext.asyncio import AsyncSession

from notifications import access
from notifications.organizations.models import Organization
from notifications.templates.models import MessageTemplate, TemplateVersion
from notifications.templates.types import Channel, Written

CHOOSE = text("""
SELECT t.id, t.version, t.type, t.locale, t.format, t.subject, t.support_email, t.support_email_title, t.template,
       t.theme_id IS NOT NULL AS of_theme, o.display_name
  FROM (SELECT CAST(:organization AS uuid) AS id) asked
  LEFT JOIN organizations o ON o.id = asked.id
  LEFT JOIN message_templates t ON t.owner_id IN (asked.id, o.theme_id) AND t.channel = :channel AND t.type = :type
        AND t.locale IN (:locale, 'en_US')
""")


class Chosen(msgspec.Struct, frozen=True, kw_only=True):
    """What an organization has for a message: HTML, plain text, or neither, and how it calls itself."""

    html: Written | None = None
    txt: Written | None = None
    organization: str = ""


async def list_(
    session: AsyncSession,
    runtime: Runtime,
    principal: Principal,
    channel: Channel,
    *,
    organization_id: UUID | None,
    theme_id: UUID | None,
    equal: Mapping[str, str | None],
    page: Page,
) -> Slice[MessageTemplate]:
    """A page of the templates that the caller may see, oldest first. Raises Forbidden or NotFound."""
    seen = await access.readable(runtime, principal, organization_id)
    rows = select(MessageTemplate).where(MessageTemplate.channel == channel)
    if theme_id is not None:
        if not principal.is_support and await theme_of(session, seen) != theme_id:
            raise NotFound
        rows = rows.where(MessageTemplate.theme_id == theme_id)
    if seen is not None and (theme_id is None or organization_id is not None):
        rows = rows.where(MessageTemplate.organization_id == seen)
    for name, value in equal.items():
        if value is not None:
            rows = rows.where(getattr(MessageTemplate, name) == value)
    return await page_of(session, rows.order_by(MessageTemplate.created_at, MessageTemplate.id), page)


async def read(
    session: AsyncSession,
    runtime: Runtime,
    principal: Principal,
    channel: Channel,
    template_id: UUID,
    *,
    locked: bool = False,
) -> MessageTemplate:
    """A template that the caller may see, or with `locked` change. Raises NotFound or Forbidden."""
    rows = select(MessageTemplate).where(MessageTemplate.id == template_id, MessageTemplate.channel == channel)
    row = await session.scalar(rows.with_for_update() if locked else rows)
    if row is None:
        raise NotFound
    if row.theme_id is not None:
        await _check_theme(session, runtime, principal, row.theme_id, locked=locked)
    elif locked:
        await access.check_write(runtime, principal, row.organization_id)
    else:
        await access.check_read(runtime, principal, row.organization_id)
    return row


async def versions(session: AsyncSession, template_id: UUID, page: Page) -> Slice[TemplateVersion]:
    """A page of a template's versions, newest first."""
    rows = select(TemplateVersion).where(TemplateVersion.template_id == template_id)
    return await page_of(session, rows.order_by(TemplateVersion.version.desc()), page)


async def theme_of(session: AsyncSession, organization_id: UUID | None) -> UUID | None:
    """The theme that an organization has, as far as it was announced."""
    return await session.scalar(select(Organization.theme_id).where(Organization.id == organization_id))


async def choose(session: AsyncSession, organization_id: UUID, channel: str, kind: str, locale: str) -> Chosen:
    """What the organization, else its theme, has for a type of message, in the locale, else in English.

    The first that has either format decides both: a mail's two parts never come from different hands.
    """
    values = {"organization": organization_id, "channel": channel, "type": kind, "locale": locale}
    rows = list((await session.execute(CHOOSE, values)).mappings())
    name = (rows[0]["display_name"] if rows else None) or ""
    found: dict[tuple[bool, bool], dict[str, Written]] = {}
    for row in rows:
        if row["id"] is not None:
            found.setdefault((row["of_theme"], row["locale"] != locale), {})[row["format"]] = written(row)
    best = found[min(found)] if found else {}
    return Chosen(html=best.get("html"), txt=best.get("txt"), organization=name)


def written(row: Any) -> Written:
    """A row's content."""
    return Written(**{name: row[name] for name in Written.__struct_fields__})


def content(row: MessageTemplate | TemplateVersion) -> Written:
    """What a template says."""
    return Written(**{name: getattr(row, name) for name in Written.__struct_fields__})


async def _check_theme(
    session: AsyncSession, runtime: Runtime, principal: Principal, theme_id: UUID, *, locked: bool
) -> None:
    """A theme's templates are the operator's; administrators of organizations with the theme see them."""
    if principal.is_operator or (principal.is_support and not locked):
        return
    own = principal.organization_id
    if principal.is_support:
        raise Forbidden("A theme's templates are changed by the operator.")
    if await theme_of(session, own) != theme_id or not await access.administers(runtime, principal, own):
        raise NotFound
    if locked:
        raise Forbidden("A theme's templates are changed by the operator.")
