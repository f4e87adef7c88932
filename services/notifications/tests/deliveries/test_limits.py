"""What is over a limit waits for its place: in its order, without a failed try, and not before somebody's code."""

from datetime import timedelta
from uuid import uuid4

import msgspec
import pytest
from kernel import now
from sqlalchemy import text


@pytest.fixture
def limited(post):
    before = post.runtime.settings

    def set_to(**limits):
        post.runtime.settings = msgspec.structs.replace(post.runtime.settings, **limits)

    yield set_to
    post.runtime.settings = before


async def rows_of(post, messages):
    return [await post.row(one) for one in messages]


def waits(rows):
    return [round((row["next_attempt_at"] - now()).total_seconds()) for row in rows if row["status"] == "pending"]


def to(name):
    return {"recipient": {"email": f"{name}@example.org"}}


async def test_an_organizations_bulk_waits_in_its_order_and_a_code_goes(post, mailbox, limited):
    limited(organization_per_minute=3)
    organization, other = uuid4(), uuid4()
    invited = [await post.ask("messaging-patient", organization_id=organization, content=to(f"p{n}")) for n in range(6)]
    theirs = await post.ask("messaging-patient", organization_id=other, content=to("q"))
    code = await post.ask(organization_id=organization, content=to("r"))
    await post.work()
    rows = await rows_of(post, invited)
    assert [row["status"] for row in rows] == ["sent"] * 3 + ["pending"] * 3
    assert [(row["attempts"], row["reason"], row["lease_id"]) for row in rows[3:]] == [
        (0, "limit-organization", None)
    ] * 3
    assert [abs(found - wanted) <= 2 for found, wanted in zip(waits(rows), (20, 40, 60), strict=True)] == [True] * 3
    assert [(await post.row(one))["status"] for one in (theirs, code)] == ["sent", "sent"]
    ours = [mail.rcpt_tos[0] for mail in mailbox.mails if mail.rcpt_tos[0] != "ana@example.org"]
    assert ours[0] == "r@example.org", "what is about an account comes first"
    await post.all_due()
    await post.work()  # who has waited for its place is not counted again
    assert [(row["status"], row["attempts"]) for row in await rows_of(post, invited)] == [("sent", 1)] * 6
    assert [mail.rcpt_tos[0] for mail in mailbox.mails if mail.rcpt_tos[0].startswith("p")] == [
        f"p{n}@example.org" for n in range(6)
    ]


async def test_a_recipient_gets_so_many_an_hour(post, mailbox, limited):
    limited(recipient_per_hour=2)
    flood = [await post.ask() for _ in range(3)]
    invited = await post.ask("messaging-patient")
    await post.ask(content=to("Somebody.Else"))
    await post.work()
    rows = await rows_of(post, flood)
    assert [row["reason"] for row in rows] == [None, None, "limit-recipient"]
    assert abs(waits(rows)[0] - 1800) <= 3
    assert (await post.row(invited))["status"] == "sent"
    assert len(mailbox.mails) == 4


async def test_a_provider_is_given_so_many_a_minute_by_its_channel(post, limited):
    limited(email_per_minute=60)
    mails = [await post.ask(content=to(f"s{n}")) for n in range(3)]
    words = await post.ask(channel="sms")
    await post.work()
    assert [row["reason"] for row in await rows_of(post, mails)].count("limit-provider") in (1, 2)
    assert (await post.row(words))["status"] == "sent"


async def test_what_ends_before_its_place_comes_is_given_up_then(post, limited):
    limited(recipient_per_hour=1)
    end = now() + timedelta(seconds=30)
    messages = [await post.ask(expires_at=end) for _ in range(2)]
    await post.work()
    waiting = await post.row(messages[1])
    assert waiting["next_attempt_at"] == end
    (row,) = await post.rows("SELECT max(full_at) AS furthest FROM delivery_budgets")
    assert row["furthest"] < now() + timedelta(hours=2), "nobody takes places for what nobody waits for"
    async with post.runtime.sessions.begin() as session:
        past = {"id": messages[1]}
        await session.execute(
            text("UPDATE deliveries SET next_attempt_at = now(), expires_at = now() WHERE message_id = :id"), past
        )
    await post.work()
    assert (await post.row(messages[1]))["reason"] == "expired"


async def test_a_try_again_takes_no_second_place(post, mailbox, limited):
    limited(recipient_per_hour=1)
    mailbox.at_rcpt = ["451 later"]
    message = await post.ask()
    await post.work()
    await post.all_due()
    await post.work()
    assert (await post.row(message))["status"] == "sent"


async def test_what_is_not_sent_anyway_takes_no_place(post, mailbox, limited):
    limited(recipient_per_hour=1)
    mailbox.at_rcpt = ["550 nobody"]
    await post.ask(content=to("gone"))
    await post.work()
    async with post.runtime.sessions.begin() as session:
        await session.execute(text("DELETE FROM delivery_budgets"))
    again = await post.ask(content=to("gone"))
    await post.work()
    assert (await post.row(again))["reason"] == "suppressed"
    assert await post.rows("SELECT 1 FROM delivery_budgets") == []


async def test_budgets_name_nobody(post):
    await post.ask(organization_id=(organization := uuid4()))
    await post.work()
    dump = str(await post.rows("SELECT b::text AS row FROM delivery_budgets b"))
    assert "ana" not in dump
    assert str(organization) not in dump
