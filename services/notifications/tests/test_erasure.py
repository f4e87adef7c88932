"""Erasing a person: their mails' traces go, others' stay."""

from uuid import uuid4

from chassis.erasure import Person
from chassis.erasure.carrying_out import carry_out
from notifications.deliveries.models import Delivery, RecordedText
from notifications.email_logs.models import EmailLog
from notifications.erasure import PLAN
from sqlalchemy import func, select
from testkit.erasure import left_of

MARK = "quetzalcoatlus"


def delivery(user_id, channel="email"):
    return Delivery(id=uuid4(), message_id=uuid4(), type="sign-up-code", channel=channel, user_id=user_id)


def mail(sent, destination):
    return EmailLog(
        delivery_id=sent.id,
        user_id=sent.user_id,
        ses_id="x",
        notification_type="Delivery",
        source="no-reply@muster.example",
        destination=destination,
        subject=f"Hello {MARK}" if MARK in destination.lower() else "Hello",
        ses_raw={"reply": destination},
    )


async def test_what_was_sent_to_the_person_is_forgotten(session):
    user, other = uuid4(), uuid4()
    own, before, others, text = delivery(user), delivery(None), delivery(other), delivery(user, "sms")
    session.add_all([own, before, others, text])
    await session.flush()
    session.add_all(
        [
            mail(own, f"{MARK}@old.example"),
            mail(before, f"{MARK.upper()}@mail.example"),
            mail(others, "other@mail.example"),
            RecordedText(delivery_id=text.id, phone="+15550100", text=f"Hello {MARK}"),
        ]
    )
    await session.flush()
    person = Person(user_id=user, addresses=[f"{MARK}@mail.example", "+15550100"])
    counts = await carry_out(session, PLAN, person)
    assert counts == {"email_logs": 2, "recorded_texts": 1, "deliveries": 2}
    assert await left_of(session, MARK) == []
    assert await session.scalar(select(func.count()).select_from(EmailLog)) == 1
    assert await session.scalar(select(func.count()).select_from(Delivery)) == 2
    assert await carry_out(session, PLAN, person) == {}
