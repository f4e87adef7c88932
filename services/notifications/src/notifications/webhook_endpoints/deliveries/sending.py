"""One try at one delivery: posted, signed, and what came back."""

import time
from datetime import datetime
from email.utils import parsedate_to_datetime

from chassis import outside
from chassis.outside import Answer, Unreached
from chassis.runtime import Runtime
from kernel import Invalid, now

from notifications.webhook_endpoints import secrets
from notifications.webhook_endpoints.deliveries.claiming import Claimed
from notifications.webhook_endpoints.deliveries.settling import Outcome

SECONDS = 15.0
MOST_ANSWER = 1024
"""Bytes of an answer that are read and kept."""
LONGEST_RETRY_AFTER = 86400.0


async def send(runtime: Runtime, claimed: Claimed) -> Outcome:
    """Post the event, signed at this moment, and say what came back."""
    body = claimed.payload.encode()
    headers = signed_headers(runtime.settings.webhook_key, claimed, body)
    attempted_at, began = now(), time.perf_counter()
    answer, reason = None, None
    try:
        answer = await outside.fetch(
            runtime, "POST", claimed.url, headers=headers, body=body, deadline=SECONDS, most=MOST_ANSWER
        )
    except Unreached as error:
        reason = error.reason
    except Invalid:
        reason = "address"
    duration = round((time.perf_counter() - began) * 1000)
    if answer is None:
        return Outcome(attempted_at=attempted_at, duration_ms=duration, reason=reason)
    return Outcome(
        attempted_at=attempted_at,
        duration_ms=duration,
        status=answer.status,
        answer=answer.body.decode(errors="replace").replace("\x00", "\ufffd"),
        retry_after=retry_after(answer, attempted_at),
    )


def signed_headers(webhook_key: str, claimed: Claimed, body: bytes) -> dict[str, str]:
    """The headers of one try: the id is the event's at every try, the time and with it the signature are the try's."""
    timestamp = int(time.time())
    sealed = [one for one in (claimed.secret, claimed.old_secret) if one is not None]
    keys = [secrets.opened(webhook_key, claimed.endpoint_id, one) for one in sealed]
    return {
        "content-type": "application/json",
        "user-agent": "Muster-Webhooks/1",
        "webhook-id": str(claimed.event_id),
        "webhook-timestamp": str(timestamp),
        "webhook-signature": secrets.signature(keys, claimed.event_id, timestamp, body),
    }


def retry_after(answer: Answer, present: datetime) -> float:
    """The seconds that a refusal asks for (RFC 9110, section 10.2.3), at most a day; 0 where it asks for none."""
    text = answer.headers.get("retry-after", "").strip()
    if text.isascii() and text.isdigit():
        return min(float(text), LONGEST_RETRY_AFTER)
    try:
        wait = (parsedate_to_datetime(text) - present).total_seconds()
    except (ValueError, TypeError, OverflowError):
        return 0.0
    return min(max(wait, 0.0), LONGEST_RETRY_AFTER)
