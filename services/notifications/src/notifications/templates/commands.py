"""Writing templates: each change is a new version, and none is kept that cannot be rendered."""

from typing import Any
from uuid import UUID

import msgspec
from chassis.principal import Principal
from chassis.runtime import Runtime
from contracts.notifications import TemplateChanged
from kernel import Conflict, Invalid, TooManyRequests, uuid7
from messaging import publish
from msgspec import UNSET
from prometheus_client import Counter
from sqlalchemy import delete as sql_delete
from sqlalchemy import func, insert, select
from sqlalchemy import update as sql_update
from sqlalchemy.dialects.postgresql import insert as insert_or
from sqlalchemy.ext.asyncio import AsyncSession

from notifications import access
from notifications.deliveries import commands as deliveries
from notifications.templates import queries, rendering
from notifications.templates.models import MessageTemplate, TemplateVersion
from notifications.templates.platform_texts import Rendered
from notifications.templates.restricted import TemplateProblem
from notifications.templates.types import Channel, Written

MOST_TEMPLATES = 500
TESTS_AN_HOUR = 20

templates_saved = Counter("muster_notifications_templates_saved_total", "Versions of templates saved", ["channel"])


async def create(
    session: AsyncSession,
    runtime: Runtime,
    principal: Principal,
    channel: Channel,
    written: Written,
    *,
    organization_id: UUID | None,
    theme_id: UUID | None,
) -> MessageTemplate:
    """Keep a new template. Raises Invalid for a bad one, Conflict where the owner has one for the same place."""
    owner_id = organization_id or theme_id
    if owner_id is None or (organization_id and theme_id):
        raise Invalid("Give an organization or a theme.", pointer="/data/attributes/organization-id", code="required")
    await access.check_write(runtime, principal, organization_id)
    rendering.check(written, channel)
    held = select(func.count()).select_from(MessageTemplate).where(MessageTemplate.owner_id == owner_id)
    if (await session.execute(held)).scalar_one() >= MOST_TEMPLATES:
        raise Conflict(f"There are at most {MOST_TEMPLATES} templates of one owner.", code="too-many")
    values: dict[str, Any] = {
        **msgspec.structs.asdict(written),
        "id": uuid7(),
        "owner_id": owner_id,
        "organization_id": organization_id,
        "theme_id": theme_id,
        "channel": channel,
        "version": 1,
    }
    made = insert_or(MessageTemplate).values(values).on_conflict_do_nothing().returning(MessageTemplate)
    row = await session.scalar(made)
    if row is None:
        raise _taken()
    return await _kept(session, principal, row)


async def update(
    session: AsyncSession,
    runtime: Runtime,
    principal: Principal,
    channel: Channel,
    template_id: UUID,
    changes: msgspec.Struct,
) -> MessageTemplate:
    """Write a new version. What was sent with older ones stays explained by them. Raises as `create`, or NotFound."""
    row = await queries.read(session, runtime, principal, channel, template_id, locked=True)
    given = {name: value for name, value in msgspec.structs.asdict(changes).items() if value is not UNSET}
    before = queries.content(row)
    written = msgspec.structs.replace(before, **given)
    if written == before:
        return row
    rendering.check(written, channel)
    place = ("type", "locale", "format")
    if any(getattr(written, name) != getattr(before, name) for name in place):
        same = [getattr(MessageTemplate, name) == getattr(written, name) for name in place]
        others = select(MessageTemplate.id).where(
            MessageTemplate.owner_id == row.owner_id, MessageTemplate.channel == channel, *same
        )
        if await session.scalar(others) is not None:
            raise _taken()
    values = {**msgspec.structs.asdict(written), "version": row.version + 1, "updated_at": func.clock_timestamp()}
    changed = sql_update(MessageTemplate).where(MessageTemplate.id == row.id).values(values)
    await session.execute(changed)
    await session.refresh(row)
    return await _kept(session, principal, row)


async def delete(
    session: AsyncSession, runtime: Runtime, principal: Principal, channel: Channel, template_id: UUID
) -> None:
    """Remove a template and its versions: messages fall back. Raises NotFound or Forbidden."""
    row = await queries.read(session, runtime, principal, channel, template_id, locked=True)
    await session.execute(sql_delete(MessageTemplate).where(MessageTemplate.id == row.id))
    await publish(session, _event(row, removed=True))


async def preview(runtime: Runtime, principal: Principal, channel: Channel, written: Written, given: Any) -> Rendered:
    """The texts with sample data and what was given instead of it; nothing is kept. Raises Invalid."""
    if not principal.is_support:
        await access.check_write(runtime, principal, principal.organization_id)
    rendering.check(written, channel)
    unknown = sorted(set(given) - set(rendering.sample(written)))
    if unknown:
        raise Invalid("There is no such variable.", pointer=f"/data/attributes/variables/{unknown[0]}")
    try:
        return rendering.render(written, channel, rendering.sample(written, given))
    except TemplateProblem as problem:
        raise rendering.refusal(problem, "template") from None


async def send_test(
    session: AsyncSession, runtime: Runtime, principal: Principal, channel: Channel, template_id: UUID
) -> UUID:
    """Send the template with sample data to the caller's own address; the delivery's id.

    Raises NotFound, Forbidden, or TooManyRequests beyond `TESTS_AN_HOUR`.
    """
    row = await queries.read(session, runtime, principal, channel, template_id, locked=True)
    if principal.user_id is None:
        raise Invalid("Only a person can be sent a test.")
    if await deliveries.tests_lately(session, principal.user_id) >= TESTS_AN_HOUR:
        raise TooManyRequests(f"At most {TESTS_AN_HOUR} tests an hour.", retry_after=600)
    return await deliveries.record_test(session, principal.user_id, row)


async def _kept(session: AsyncSession, principal: Principal, row: MessageTemplate) -> MessageTemplate:
    """Keep the row's present version for good and announce it."""
    values: dict[str, Any] = {
        **msgspec.structs.asdict(queries.content(row)),
        "template_id": row.id,
        "version": row.version,
        "created_by": principal.user_id,
    }
    await session.execute(insert(TemplateVersion).values(values))
    await publish(session, _event(row))
    templates_saved.labels(row.channel).inc()
    return row


def _event(row: MessageTemplate, *, removed: bool = False) -> TemplateChanged:
    return TemplateChanged(
        template_id=row.id,
        organization_id=row.organization_id,
        theme_id=row.theme_id,
        channel=row.channel,  # pyright: ignore[reportArgumentType]
        type=row.type,
        locale=row.locale,
        version=row.version,
        removed=removed,
    )


def _taken() -> Conflict:
    return Conflict("There is a template of this type, locale and format already.", code="template-exists")
