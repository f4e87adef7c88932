"""Sending invitations, and taking in what became of them."""

from collections.abc import Sequence
from typing import Any

from contracts.identity import OnboardingRequestChanged
from contracts.notifications import DeliverySettled
from kernel import Invalid, uuid7
from messaging import Consumers, Meta, publish
from prometheus_client import Counter
from sqlalchemy import select, text
from sqlalchemy.ext.asyncio import AsyncSession

from identity.message_contents.commands import send as send_message
from identity.message_contents.content import Content
from identity.onboarding_requests.models import OnboardingInvite, OnboardingRequest
from identity.organizations.models import Organization
from identity.parts import Parts
from identity.referrals import codes
from identity.users.models import User
from identity.zones import DEFAULT_LOCALE

invitations_total = Counter("muster_identity_invitations_total", "Invitations asked to be sent", ["type", "way"])

SETTLE = text("""
    UPDATE onboarding_invites
       SET status = CAST(:status AS text), error = :error, bounce_type = :bounce_type, bounce_subtype = :bounce_subtype,
           responded_at = :settled_at
     WHERE message_id = :message_id AND (status = 'created' OR (status = 'sent' AND CAST(:status AS text) <> 'sent'))
    RETURNING request_id
""")
FAIL = text("""
    UPDATE onboarding_requests r SET status = 'failed'
     WHERE r.id = :id AND r.status = 'invited' AND NOT EXISTS (
           SELECT FROM (SELECT DISTINCT ON (type) status FROM onboarding_invites
                         WHERE request_id = :id ORDER BY type, id DESC) last
            WHERE last.status IN ('created', 'sent'))
    RETURNING organization_id
""")


def addresses(row: OnboardingRequest) -> dict[str, str]:
    """Where the invitation can go, by way."""
    known = {"email": row.email, "sms": row.phone}
    return {way: address for way, address in known.items() if address}


def check_ways(row: OnboardingRequest, ways: Sequence[str], pointer: str) -> None:
    """Raise Invalid for a way to which there is no address."""
    for index, way in enumerate(ways):
        if way not in addresses(row):
            raise Invalid("There is no address for this.", pointer=f"{pointer}/{index}", code="no-address")


async def invite(session: AsyncSession, parts: Parts, row: OnboardingRequest, ways: Sequence[str]) -> None:
    """Send the invitation's code by each way."""
    if not ways:
        return
    kind = "onboarding" if row.onboard_type == "patient" else "onboarding-provider"
    content = await _variables(session, parts, row)
    for way in dict.fromkeys(ways):
        address = addresses(row)[way]
        message = Content(recipient=address, locale=DEFAULT_LOCALE, variables=content)
        channel: Any = way
        whose: dict[str, Any] = {"user_id": row.user_id, "organization_id": row.organization_id}
        invitations_total.labels(row.onboard_type, way).inc()
        message_id = await send_message(session, parts, kind, channel, message, **whose)
        session.add(OnboardingInvite(id=uuid7(), request_id=row.id, message_id=message_id, type=way, address=address))
    if row.status in {"created", "failed"}:
        await change(session, row, "invited")


async def change(session: AsyncSession, row: OnboardingRequest, status: Any) -> None:
    """Put the invitation into another state and announce it."""
    row.status = status
    await session.flush()  # the state is written before it is announced
    changed = OnboardingRequestChanged(onboarding_request_id=row.id, organization_id=row.organization_id, status=status)
    await publish(session, changed)


async def on_delivery_settled(session: AsyncSession, event: DeliverySettled, _: Meta) -> None:
    """Keep what became of a message. An invitation of which none arrived has failed."""
    values = {
        "message_id": event.message_id,
        "status": event.status,
        "error": event.reason if event.status != "sent" else None,
        "bounce_type": event.bounce_type,
        "bounce_subtype": event.bounce_subtype,
        "settled_at": event.settled_at,
    }
    request_id = await session.scalar(SETTLE, values)
    if request_id is None or event.status == "sent":
        return
    organization_id = await session.scalar(FAIL, {"id": request_id})
    if organization_id is not None:
        failed = OnboardingRequestChanged(
            onboarding_request_id=request_id, organization_id=organization_id, status="failed"
        )
        await publish(session, failed)


async def _variables(session: AsyncSession, parts: Parts, row: OnboardingRequest) -> dict[str, str]:
    organization = await session.get(Organization, row.organization_id)
    username = await session.scalar(select(User.username).where(User.id == row.user_id)) if row.user_id else None
    return {
        "code": codes.unseal(parts.vault, row.sealed, row.id),
        "organization": organization.display_name if organization else "",
        "first_name": row.first_name or "",
        "username": username or "",
    }


table: Consumers = {DeliverySettled: on_delivery_settled}
