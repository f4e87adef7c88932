"""The SMS provider: what it is sent, and what it reports."""

import asyncio
import hashlib
import hmac
from base64 import b64encode
from urllib.parse import urlencode
from uuid import uuid4

import msgspec
import pytest
from aiohttp import web
from sqlalchemy import text

SECRET = "provider-secret"


class Provider:
    """A small server with Twilio's interface, whose answers a test chooses."""

    def __init__(self):
        self.answers, self.forms = [], []

    async def take(self, request):
        self.forms.append((request.headers["authorization"], dict(await request.post())))
        status, code = self.answers.pop(0) if self.answers else (201, None)
        if status == "slow":
            await asyncio.sleep(1)
        return web.json_response({"sid": "SM1", "code": code}, status=201 if status == "slow" else status)


@pytest.fixture
async def provider(post, monkeypatch):
    made = Provider()
    application = web.Application()
    application.router.add_post("/2010-04-01/Accounts/AC1/Messages.json", made.take)
    runner = web.AppRunner(application)
    await runner.setup()
    site = web.TCPSite(runner, "127.0.0.1", 0)
    await site.start()
    url = f"http://127.0.0.1:{site._server.sockets[0].getsockname()[1]}"
    given = {"sms_provider": "twilio", "sms_url": url, "sms_account": "AC1", "sms_secret": SECRET, "sms_from": "+15550"}
    before = post.runtime.settings
    post.runtime.settings = msgspec.structs.replace(before, **given)
    monkeypatch.setattr("notifications.channels.twilio.SECONDS", 0.3)
    yield made
    post.runtime.settings = before
    await runner.cleanup()


def signature(url, form=None):
    signed = url + "".join(f"{name}{form[name]}" for name in sorted(form or {}))
    return b64encode(hmac.digest(SECRET.encode(), signed.encode(), hashlib.sha1)).decode()


async def report(post, live, delivery_id, **form):
    path = f"/v1/onboarding-texts/{delivery_id}/update-status/"
    headers = {
        "x-twilio-signature": signature(post.runtime.settings.public_url + path, form),
        "content-type": "application/x-www-form-urlencoded",
    }
    return await live.post(path, content=urlencode(form), headers=headers)


async def sent(post):
    message = await post.ask(channel="sms")
    await post.work()
    return message, await post.row(message)


async def test_a_text_goes_out_and_its_fate_comes_back(post, provider, live):
    message, row = await sent(post)
    ((authorization, form),) = provider.forms
    assert authorization.startswith("Basic ")
    assert (form["To"], form["From"]) == ("+15550100", "+15550")
    assert "482913" in form["Body"].splitlines()
    assert form["StatusCallback"].endswith(f"/v1/onboarding-texts/{row['id']}/update-status/")
    for state in ("queued", "delivered", "delivered", "sent"):
        assert (await report(post, live, row["id"], MessageStatus=state)).status_code == 201
    assert (await post.row(message))["report"] == "delivered"
    told = await post.rows(
        "SELECT payload->>'state' AS state FROM outbox WHERE payload->>'message_id' = :id ORDER BY id", id=str(message)
    )
    assert [entry["state"] for entry in told if entry["state"]] == ["queued", "delivered"]
    assert await post.settled(message) == ["sent", None, None]


async def test_a_text_that_did_not_arrive_has_bounced(post, provider, live):
    message, row = await sent(post)
    assert (await report(post, live, row["id"], MessageStatus="undelivered", ErrorCode="30003")).status_code == 201
    after = await post.row(message)
    assert (after["status"], after["reason"]) == ("bounced", "sms-30003")
    assert [status for status in await post.settled(message) if status] == ["sent", "bounced"]


@pytest.mark.parametrize(("code", "suppressed"), [("30006", True), ("21610", True), ("30003", False)])
async def test_a_number_that_takes_no_texts_is_not_sent_to_again(post, provider, live, code, suppressed):
    organization = uuid4()
    message = await post.ask(channel="sms", organization_id=organization)
    await post.work()
    row = await post.row(message)
    given = {"MessageStatus": "failed", "ErrorCode": code, "To": "+15550100"}
    assert (await report(post, live, row["id"], **given)).status_code == 201
    listed = await post.rows("SELECT organization_id, reason, delivery_id FROM suppressions WHERE channel = 'sms'")
    assert [tuple(one.values()) for one in listed] == [(organization, "bounce", row["id"])] * suppressed
    again, _ = await sent(post)
    assert (await post.row(again))["reason"] == ("suppressed" if suppressed else None)


@pytest.mark.parametrize("number", ["", "+1", "ana@example.org", "x" * 300])
async def test_a_report_suppresses_nothing_but_numbers(post, provider, live, number):
    _, row = await sent(post)
    given = {"MessageStatus": "failed", "ErrorCode": "30006", "To": number}
    assert (await report(post, live, row["id"], **given)).status_code == 201
    assert await post.rows("SELECT 1 FROM suppressions") == []


async def test_a_report_before_our_commit_keeps_the_text_from_being_repeated(post, provider, live):
    message = await post.ask(channel="sms")
    row = await post.row(message)
    await report(post, live, row["id"], MessageStatus="sent")
    await post.work()
    assert provider.forms == []
    assert (await post.row(message))["status"] == "sent"


@pytest.mark.parametrize(
    ("answers", "status", "tries"),
    [
        ([(500, None), (201, None)], "sent", 2),
        ([(429, 20429), (200, None)], "sent", 2),
        ([("slow", None), (201, None)], "sent", 2),
        ([(400, 21211)], "bounced", 1),
        ([(400, 21602)], "failed", 1),
    ],
)
async def test_the_providers_answers(post, provider, answers, status, tries):
    provider.answers = answers
    message = await post.ask(channel="sms")
    for _ in range(2):
        await post.work()
        await post.all_due()
    assert ((await post.row(message))["status"], len(provider.forms)) == (status, tries)


async def test_only_the_provider_reports(post, provider, live):
    message, row = await sent(post)
    path = f"/v1/onboarding-texts/{row['id']}/update-status/"
    form = {"MessageStatus": "failed"}
    kind = {"content-type": "application/x-www-form-urlencoded"}
    right = signature(post.runtime.settings.public_url + path, {"MessageStatus": "delivered"})
    for headers in ({}, {"x-twilio-signature": "x"}, {"x-twilio-signature": right}):
        answer = await live.post(path, content=urlencode(form), headers=kind | headers)
        assert answer.status_code == 403
    assert (await post.row(message))["status"] == "sent"
    assert (await report(post, live, uuid4(), MessageStatus="failed")).status_code == 404
    assert (await report(post, live, row["id"], MessageStatus="flying")).status_code == 400


async def test_a_document_is_covered_by_its_digest(post, provider, live):
    message, row = await sent(post)
    body = msgspec.json.encode(
        {"data": {"type": "string", "id": str(row["id"]), "attributes": {"message-status": "delivered"}}}
    )
    path = f"/v1/onboarding-texts/{row['id']}/update-status/?bodySHA256={hashlib.sha256(body).hexdigest()}"
    headers = {"x-twilio-signature": signature(post.runtime.settings.public_url + path)}
    assert (await live.post(path, content=body + b" ", headers=headers)).status_code == 403
    assert (await live.post(path, content=body, headers=headers)).status_code == 201
    assert (await post.row(message))["report"] == "delivered"


async def test_recorded_texts_are_kept_for_a_week(post):
    from notifications.upkeep import sweep

    await sent(post)
    async with post.runtime.sessions.begin() as session:
        await session.execute(text("UPDATE recorded_texts SET created_at = now() - interval '8 days'"))
    _, row = await sent(post)
    await sweep(post.runtime)
    left = await post.rows("SELECT delivery_id FROM recorded_texts")
    assert [entry["delivery_id"] for entry in left] == [row["id"]]
