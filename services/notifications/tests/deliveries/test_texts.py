"""Short messages by the recording provider."""

import email
from email import policy

import msgspec
import pytest
from notifications.templates import platform_texts
from notifications.templates.platform_texts import TYPES


async def test_texts_are_recorded_once(post, capfd):
    message = await post.ask(channel="sms")
    await post.work()
    row = await post.row(message)
    assert row["status"] == "sent"
    (recorded,) = await post.rows("SELECT * FROM recorded_texts WHERE delivery_id = :id", id=row["id"])
    assert recorded["phone"] == "+15550100"
    assert "482913" in recorded["text"].splitlines()
    assert "482913" not in "".join(capfd.readouterr())


async def test_a_bad_number_is_given_up(post):
    message = await post.ask(channel="sms", content={"recipient": {"phone": "0800 call me"}})
    await post.work()
    assert (await post.row(message))["reason"] == "bad-number"


async def test_a_text_can_be_read_in_the_mailbox(post, mailbox):
    runtime = post.runtime
    before = runtime.settings
    runtime.settings = msgspec.structs.replace(before, sms_mail_domain="sms.example")
    try:
        message = await post.ask("confirm-phone-code", channel="sms")
        await post.work()
    finally:
        runtime.settings = before
    assert (await post.row(message))["status"] == "sent"
    (mail,) = mailbox.mails
    assert mail.rcpt_tos == ["+15550100@sms.example"]
    text = email.message_from_bytes(mail.content, policy=policy.default)
    assert text["Subject"] == "Text to +15550100"
    assert "482913" in text.get_content().splitlines()


INVITATIONS = {"onboarding", "onboarding-provider", "registration-invitation"}


@pytest.mark.parametrize("locale", ["en_US", "es_US"])
@pytest.mark.parametrize("kind", TYPES)
def test_every_type_has_its_texts_in_both_languages(kind, locale):
    person = {"first_name": "Ana", "last_name": "Ruiz", "username": "ana"}
    variables = person | {"code": "482913", "organization": "Care", "inviter": "Ben", "reason": "A ticket"}
    mail, text = platform_texts.email(kind, locale, variables), platform_texts.sms(kind, locale, variables)
    for lines in (mail.text.splitlines(), text.text.splitlines()):
        assert ("482913" in lines) is (kind.endswith("-code") or kind in INVITATIONS)
    assert mail.subject != platform_texts.email(kind, "es_US" if locale == "en_US" else "en_US", variables).subject
    assert len(text.text) <= 160
