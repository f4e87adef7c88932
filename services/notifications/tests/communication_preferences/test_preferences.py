"""What people want is obeyed; what their account's safety needs always goes out."""

import email
from base64 import b64encode
from email import policy
from hashlib import sha256
from uuid import uuid4

import msgspec
import pytest

PATH = "/v1/communication-preferences/"


@pytest.fixture
def secret(post):
    before = post.runtime.settings
    post.runtime.settings = msgspec.structs.replace(before, service_secret="s" * 32)
    yield
    post.runtime.settings = before


def choice(**attributes):
    given = {"type": "messaging-patient", "channel": "email", "enabled": False} | attributes
    return {"data": {"type": "communication-preferences", "attributes": given}}


async def told(post, user, kind="messaging-patient", **event):
    message = await post.ask(kind, user_id=user, **event)
    await post.work()
    row = await post.row(message)
    return row["status"], row["reason"]


async def test_a_choice_is_obeyed_until_it_is_forgotten(post, live):
    user = uuid4()
    person = live.as_(user_id=user)
    assert await told(post, user) == ("sent", None)
    first = await person.post(PATH, json=choice(enabled=True))
    made = await person.post(PATH, json=choice())
    assert made.status_code == 201, made.text
    assert (made.json()["data"]["id"], made.json()["data"]["attributes"]["enabled"]) == (
        first.json()["data"]["id"],
        False,
    )
    assert await told(post, user) == ("failed", "unsubscribed")
    assert await told(post, user, channel="sms") == ("sent", None)
    assert await told(post, user, "sign-up-code") == ("sent", None)
    assert await told(post, uuid4()) == ("sent", None)
    assert len((await person.get(PATH)).json()["data"]) == 1
    one = f"{PATH}{made.json()['data']['id']}/"
    assert (await live.as_(user_id=uuid4()).delete(one)).status_code == 404
    assert (await person.delete(one)).status_code == 204
    assert await told(post, user) == ("sent", None)


async def test_one_click_ends_one_type_of_mail(post, live, mailbox, secret):
    user = uuid4()
    await told(post, user)
    await told(post, user, "password-changed")
    mails = [email.message_from_bytes(envelope.content, policy=policy.default) for envelope in mailbox.mails]
    assert [mail["List-Unsubscribe-Post"] for mail in mails] == ["List-Unsubscribe=One-Click", None]
    link = "".join(mails[0]["List-Unsubscribe"].split()).strip("<>").removeprefix(post.runtime.settings.public_url)
    kind = {"content-type": "application/x-www-form-urlencoded"}
    assert (await live.post(f"{link}x", content="List-Unsubscribe=One-Click", headers=kind)).status_code == 404
    for _ in range(2):
        assert (await live.post(link, content="List-Unsubscribe=One-Click", headers=kind)).status_code == 200
    assert await told(post, user) == ("failed", "unsubscribed")
    assert await told(post, user, "password-changed") == ("sent", None)


async def test_a_person_may_open_the_link_and_is_asked(post, live, mailbox, secret):
    user = uuid4()
    await told(post, user)
    mail = email.message_from_bytes(mailbox.mails[0].content, policy=policy.default)
    link = "".join(mail["List-Unsubscribe"].split()).strip("<>").removeprefix(post.runtime.settings.public_url)
    browser = {"accept": "text/html,application/xhtml+xml", "accept-language": "es-MX,es;q=0.9,en;q=0.8"}
    page = await live.get(link, headers=browser)
    assert (page.status_code, page.headers["content-type"]) == (200, "text/html; charset=utf-8")
    assert '<html lang="es">' in page.text
    assert page.text.count("<button") == 1
    assert "<script" not in page.text
    said = page.headers["content-security-policy"]
    assert said.startswith("default-src 'none'; style-src 'sha256-")
    style = page.text.partition("<style>")[2].partition("</style>")[0]
    assert b64encode(sha256(style.encode()).digest()).decode() in said
    assert await told(post, user) == ("sent", None), "opening it changes nothing"
    done = await live.post(link, data={"List-Unsubscribe": "One-Click"}, headers=browser)
    assert (done.status_code, "Suscripción cancelada" in done.text, "<button" in done.text) == (200, True, False)
    assert await told(post, user) == ("failed", "unsubscribed")
    english = await live.get(link, headers={"accept-language": "de, en"})
    assert "Stop these messages?" in english.text
    assert (await live.get(f"{link}x", headers=browser)).status_code == 404
    one_click = await live.post(link, content="List-Unsubscribe=One-Click")
    assert (one_click.status_code, one_click.json()) == (200, {})


@pytest.mark.parametrize("bad", [{"type": "sign-up-code"}, {"channel": "pigeon"}, {"enabled": "no"}, {"quiet": True}])
async def test_bad_choices_are_named(client, bad):
    answer = await client.as_().post(PATH, json=choice(**bad))
    assert answer.status_code == 400
    assert answer.json()["errors"][0]["source"]["pointer"] == f"/data/attributes/{next(iter(bad))}"


async def test_another_persons_are_theirs(client):
    assert (await client.as_().get(PATH, params={"user-id": str(uuid4())})).status_code == 403
    support = client.as_(roles=("system.support",))
    assert (await support.get(PATH, params={"user-id": str(uuid4())})).json()["data"] == []
