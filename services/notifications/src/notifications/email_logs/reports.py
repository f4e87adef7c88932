"""What Amazon SES reports of mails: into the log, onto the suppression list, and out as events."""

import re
from typing import Any
from uuid import UUID

import msgspec
from contracts.notifications import DeliveryReported, DeliverySettled
from kernel import Invalid, now
from messaging import publish
from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncSession

from notifications.email_logs.models import EmailLog
from notifications.suppressions.commands import suppress

OURS = re.compile(r"<?([0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12})@")
MOST_RECIPIENTS = 50
LONGEST_ADDRESS = 254
FIND = text("SELECT id, message_id, user_id, organization_id, status FROM deliveries WHERE message_id = :id FOR UPDATE")
BOUNCE = text("""
UPDATE deliveries SET status = 'bounced', reason = 'ses-bounce', bounce_type = :type, bounce_subtype = :subtype
 WHERE id = :id AND status = 'sent' RETURNING id
""")


class Recipient(msgspec.Struct, rename="camel"):
    """One address of a report."""

    email_address: str


class Bounce(msgspec.Struct, rename="camel"):
    """A mail came back."""

    bounce_type: str = "Undetermined"
    bounce_sub_type: str = "Undetermined"
    bounced_recipients: list[Recipient] = msgspec.field(default_factory=list[Recipient])


class Complaint(msgspec.Struct, rename="camel"):
    """A recipient called a mail spam."""

    complained_recipients: list[Recipient] = msgspec.field(default_factory=list[Recipient])
    complaint_feedback_type: str | None = None


class Taken(msgspec.Struct, rename="camel"):
    """The receiving server took a mail."""

    recipients: list[str] = msgspec.field(default_factory=list[str])


class Headers(msgspec.Struct, rename="camel"):
    """Headers of the mail as we gave it to SES."""

    message_id: str = ""
    subject: str = ""


class Mail(msgspec.Struct, rename="camel"):
    """The mail that a report is about."""

    source: str = ""
    common_headers: Headers = msgspec.field(default_factory=Headers)


class Report(msgspec.Struct, rename="camel"):
    """What SES says, with either of its two names for the kind."""

    mail: Mail
    notification_type: str = ""
    event_type: str = ""
    bounce: Bounce | None = None
    complaint: Complaint | None = None
    delivery: Taken | None = None

    @property
    def addresses(self) -> list[str]:
        """Whom it is about."""
        if self.bounce is not None:
            found = [entry.email_address for entry in self.bounce.bounced_recipients]
        elif self.complaint is not None:
            found = [entry.email_address for entry in self.complaint.complained_recipients]
        else:
            found = self.delivery.recipients if self.delivery else []
        return [address[:LONGEST_ADDRESS] for address in found[:MOST_RECIPIENTS]]


async def take_in(session: AsyncSession, raw: str) -> None:
    """Keep a report about a mail of ours; others, and kinds that we do not ask for, are passed over. Raises Invalid."""
    try:
        report = msgspec.json.decode(raw, type=Report)
    except msgspec.MsgspecError:
        raise Invalid("The message is not a report of SES.", code="malformed-message") from None
    kind = report.notification_type or report.event_type
    ours = OURS.match(report.mail.common_headers.message_id)
    if kind not in {"Bounce", "Complaint", "Delivery"} or ours is None:
        return
    row = (await session.execute(FIND, {"id": UUID(ours[1])})).mappings().first()
    if row is None:
        return
    session.add_all([_entry(row, report, kind, address) for address in report.addresses])
    if kind == "Bounce":
        await _bounced(session, row, report)
    elif kind == "Complaint":
        await _suppress(session, row, report, "complaint")
    await publish(
        session,
        DeliveryReported(
            delivery_id=row["id"],
            message_id=row["message_id"],
            state=kind.lower(),
            reported_at=now(),
            user_id=row["user_id"],
            organization_id=row["organization_id"],
        ),
    )


async def _bounced(session: AsyncSession, row: Any, report: Report) -> None:
    """A mail that came back for good did not arrive; one that may yet arrive stays as it is."""
    bounce = report.bounce or Bounce()
    if bounce.bounce_type != "Permanent":
        return
    await _suppress(session, row, report, "bounce")
    values = {"id": row["id"], "type": bounce.bounce_type, "subtype": bounce.bounce_sub_type[:40]}
    if (await session.execute(BOUNCE, values)).first() is None:
        return
    settled = DeliverySettled(
        delivery_id=row["id"],
        message_id=row["message_id"],
        status="bounced",
        settled_at=now(),
        reason="ses-bounce",
        bounce_type=values["type"],
        bounce_subtype=values["subtype"],
        user_id=row["user_id"],
        organization_id=row["organization_id"],
    )
    await publish(session, settled)


async def _suppress(session: AsyncSession, row: Any, report: Report, reason: str) -> None:
    for address in report.addresses:
        whose: dict[str, Any] = {"organization_id": row["organization_id"], "delivery_id": row["id"]}
        await suppress(session, "email", address, reason, **whose)


def _entry(row: Any, report: Report, kind: str, address: str) -> EmailLog:
    bounce = report.bounce if kind == "Bounce" else None
    feedback = report.complaint.complaint_feedback_type if report.complaint else None
    return EmailLog(
        delivery_id=row["id"],
        organization_id=row["organization_id"],
        user_id=row["user_id"],
        ses_id=report.mail.common_headers.message_id[:200],
        notification_type=kind,
        bounce_type=bounce.bounce_type[:40] if bounce else None,
        bounce_subtype=bounce.bounce_sub_type[:40] if bounce else None,
        source=report.mail.source[:LONGEST_ADDRESS],
        destination=address,
        subject=report.mail.common_headers.subject[:200],
        ses_raw={"notificationType": kind, "complaintFeedbackType": feedback},
    )
