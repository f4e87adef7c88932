"""Deliveries that may not go yet: their recipients sleep, or a limit is reached. That is no failed try."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from uuid import UUID

import msgspec
import structlog
from chassis.runtime import Runtime
from kernel import now
from sqlalchemy import select, text
from sqlalchemy.ext.asyncio import AsyncSession

from notifications.deliveries import budgets, figures, quiet_hours
from notifications.deliveries.commands import Claimed
from notifications.deliveries.contents import Content
from notifications.organizations.models import Organization
from notifications.settings import Settings
from notifications.templates.types import OPTIONAL

QUIET = "quiet-hours"
DISTURBING = frozenset({"email", "sms"})
"""Channels that may wake somebody; what stands within an application waits there by itself."""

PUT_OFF = text("""
UPDATE deliveries d SET lease_id = NULL, lease_until = NULL, attempts = d.attempts - 1, reason = v.reason,
       slot_at = CASE WHEN v.reason = :quiet THEN NULL ELSE v.until END, next_attempt_at = v.until
  FROM unnest(CAST(:ids AS uuid[]), CAST(:leases AS uuid[]), CAST(:untils AS timestamptz[]), CAST(:reasons AS text[]))
       AS v (id, lease_id, until, reason)
 WHERE d.id = v.id AND d.lease_id = v.lease_id AND d.status = 'pending'
""")

log = structlog.get_logger("notifications.deliveries")


class Later(msgspec.Struct, frozen=True):
    """Until when a delivery is held back, and why."""

    until: datetime
    reason: str


Ready = Sequence[tuple[Claimed, Content, str]]
"""Deliveries with their contents and the addresses that they go to."""


async def held_back(session: AsyncSession, settings: Settings, ready: Ready) -> dict[UUID, Later]:
    """Which may not go yet. What is held back for the night takes no place before the morning."""
    asleep = await _asleep(session, settings, ready)
    awake = [(one, address) for one, _, address in ready if one.id not in asleep]
    found = await budgets.places(session, settings, awake)
    ends = {one.id: one.ends_at for one, _, _ in ready}
    later = asleep | {delivery_id: Later(place.at, place.reason) for delivery_id, place in found.items()}
    return {delivery_id: Later(min(one.until, ends[delivery_id]), one.reason) for delivery_id, one in later.items()}


async def put_off(runtime: Runtime, batch: Sequence[Claimed], later: Mapping[UUID, Later]) -> list[Claimed]:
    """Let go of those that are held back, and give the others. A message that ends meanwhile is given up then."""
    held = [(one, later[one.id]) for one in batch if one.id in later]
    if not held:
        return list(batch)
    values = {
        "ids": [one.id for one, _ in held],
        "leases": [one.lease_id for one, _ in held],
        "untils": [why.until for _, why in held],
        "reasons": [why.reason for _, why in held],
    }
    async with runtime.sessions.begin() as session:
        await session.execute(PUT_OFF, {"quiet": QUIET, **values})
    for one, why in held:
        figures.count(one.channel, one.type, "held")
        log.debug("delivery held back", delivery_id=str(one.id), reason=why.reason)
    return [one for one in batch if one.id not in later]


async def _asleep(session: AsyncSession, settings: Settings, ready: Ready) -> dict[UUID, Later]:
    quiet = quiet_hours.window(settings.quiet_hours)
    if quiet is None:
        return {}
    optional = [(one, content) for one, content, _ in ready if one.type in OPTIONAL and not one.test]
    optional = [(one, content) for one, content in optional if one.channel in DISTURBING]
    zones = await _zones(session, {one.organization_id for one, content in optional if not content.tz} - {None})
    moment = now()
    found: dict[UUID, Later] = {}
    for one, content in optional:
        where = quiet_hours.zone(content.tz, zones.get(one.organization_id))
        if until := quiet_hours.over_at(quiet, where, moment):
            found[one.id] = Later(until, QUIET)
    return found


async def _zones(session: AsyncSession, organization_ids: set[UUID | None]) -> dict[UUID | None, str]:
    if not organization_ids:
        return {}
    wanted = Organization.id.in_(organization_ids)
    rows = await session.execute(select(Organization.id, Organization.timezone).where(wanted))
    return {row.id: row.timezone for row in rows}
