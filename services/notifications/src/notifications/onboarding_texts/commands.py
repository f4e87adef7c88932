"""Taking in what the provider reports: only signed, only forwards."""

import hashlib
import hmac
from base64 import b64encode
from typing import Any
from urllib.parse import parse_qsl
from uuid import UUID

from contracts.notifications import DeliveryReported, DeliverySettled
from kernel import Forbidden, Invalid, NotFound, now
from litestar import Request
from messaging import publish
from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncSession

from notifications.channels.sms import E164
from notifications.onboarding_texts.schemas import FORM, StatusAttributes, form_of
from notifications.settings import Settings
from notifications.suppressions.commands import suppress

STATES = {"accepted": 0, "scheduled": 0, "queued": 1, "sending": 2, "sent": 3, "delivered": 4, "read": 5}
FAILED = {"undelivered": 6, "failed": 6, "canceled": 6}
NOBODY_THERE = frozenset({"30005", "30006", "21211", "21610", "21614"})
"""Twilio's codes for a number that is none, takes no texts, or wants none: the next one would not arrive either."""
REPORT = text("""
WITH found AS (SELECT id, status FROM deliveries WHERE id = :id AND channel = 'sms' FOR UPDATE)
UPDATE deliveries d
   SET report = CAST(:report AS text), report_rank = :rank, status = CAST(:status AS text),
       reason = CAST(:reason AS text), settled_at = coalesce(d.settled_at, :now), lease_id = NULL, lease_until = NULL,
       bounce_type = CAST(:bounce AS text), bounce_subtype = CASE WHEN CAST(:bounce AS text) IS NULL THEN NULL ELSE 'General' END
  FROM found f
 WHERE d.id = f.id AND d.report_rank < :rank AND f.status IN ('pending', 'sent')
RETURNING d.message_id, d.user_id, d.organization_id, d.test, f.status AS before
""")  # noqa: E501
EXISTS = text("SELECT 1 FROM deliveries WHERE id = :id AND channel = 'sms'")


async def check_signature(request: Request[Any, Any, Any], settings: Settings) -> None:
    """The request was signed with the provider's secret, as Twilio signs: HMAC-SHA-1 over address and form.

    A JSON body is covered by the parameter `bodySHA256` of the address. Raises Forbidden.
    """
    raw = await request.body()
    query = request.scope["query_string"].decode("latin-1")
    path = request.scope["path"].rstrip("/")
    if request.headers.get("content-type", "").startswith(FORM):
        signed = "".join(f"{name}{value}" for name, value in sorted(form_of(raw)))
        covered = True
    else:
        signed = ""
        covered = dict(parse_qsl(query)).get("bodySHA256", "").lower() == hashlib.sha256(raw).hexdigest()
    given = request.headers.get("x-twilio-signature", "")
    suffix = f"?{query}" if query else ""
    right = [f"{settings.public_url}{path}{slash}{suffix}{signed}" for slash in ("/", "")]
    if not (settings.sms_secret and covered and any(_signs(settings.sms_secret, base, given) for base in right)):
        raise Forbidden("The signature is not the provider's.", code="bad-signature")


async def update_status(session: AsyncSession, delivery_id: UUID, report: StatusAttributes) -> None:
    """Keep a report, unless a later state is known already. Raises NotFound, or Invalid for an unknown state."""
    state = report.message_status.lower()
    rank = {**STATES, **FAILED}.get(state)
    if rank is None:
        raise Invalid("There is no such state.", pointer="/data/attributes/message-status")
    failed = state in FAILED
    reason = f"sms-{report.error_code or state}" if failed else None
    values: dict[str, Any] = {
        "id": delivery_id,
        "report": state,
        "rank": rank,
        "status": "bounced" if failed else "sent",
        "reason": reason,
        "bounce": "Permanent" if failed else None,
        "now": now(),
    }
    row = (await session.execute(REPORT, values)).mappings().first()
    if row is None:
        if (await session.execute(EXISTS, {"id": delivery_id})).first() is None:
            raise NotFound
        return
    whose: dict[str, Any] = {name: row[name] for name in ("message_id", "user_id", "organization_id")}
    if row["before"] == "pending" or failed:
        settled: dict[str, Any] = {"status": values["status"], "reason": reason, "settled_at": values["now"]}
        bounce: dict[str, Any] = {"bounce_type": "Permanent", "bounce_subtype": "General"} if failed else {}
        await publish(session, DeliverySettled(delivery_id=delivery_id, **whose, **settled, **bounce))
        if failed and str(report.error_code) in NOBODY_THERE and report.to and E164.fullmatch(report.to):
            of = {"organization_id": row["organization_id"], "delivery_id": delivery_id}
            await suppress(session, "sms", report.to, "bounce", **of)
    await publish(session, DeliveryReported(delivery_id=delivery_id, **whose, state=state, reported_at=values["now"]))


def _signs(secret: str, base: str, given: str) -> bool:
    made = b64encode(hmac.digest(secret.encode(), base.encode(), "sha1")).decode()
    return hmac.compare_digest(made.encode(), given.encode())
