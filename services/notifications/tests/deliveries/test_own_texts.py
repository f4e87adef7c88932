"""Deliveries speak with the organization's own texts, else its theme's, else the platform's."""

import email
from email import policy
from uuid import uuid4

import pytest
from contracts.orgs import OrganizationCreated, OrganizationUpdated
from notifications.organizations.commands import on_organization
from sqlalchemy import text
from templates_world import PATHS, Author


def parsed(envelope):
    return email.message_from_bytes(envelope.content, policy=policy.default)


@pytest.fixture
async def author(post, live, neighbours):
    made = Author(live, neighbours)
    made.theme = uuid4()
    made.operator = live.as_operator()
    facts = {"organization_id": made.organization, "name": "care", "display_name": "Care"}
    async with post.runtime.sessions.begin() as session:
        await on_organization(session, OrganizationCreated(number=1, **facts), None)
        await on_organization(session, OrganizationUpdated(is_active=True, theme_id=made.theme, **facts), None)
    yield made
    async with post.runtime.sessions.begin() as session:
        await session.execute(text("DELETE FROM message_templates"))


async def test_organization_then_theme_then_platform(post, mailbox, author):
    send = lambda locale="es_US": post.ask(organization_id=author.organization, content={"locale": locale})  # noqa: E731

    async def subject(locale="es_US"):
        mailbox.mails.clear()
        await send(locale)
        await post.work()
        return parsed(mailbox.mails[0])["Subject"]

    assert await subject() == "Su código de confirmación"
    body = author.body(subject="Theme", theme_id=str(author.theme), organization_id=None)
    made = await author.operator.post(PATHS["email"], json=body)
    assert made.status_code == 201, made.text
    assert await subject() == "Theme"
    await author.write(subject="Ours")
    assert await subject() == "Ours"
    await author.write(subject="Nuestro", locale="es_US", format="txt", template="{{ code }}")
    assert await subject() == "Nuestro"
    assert await subject("en_US") == "Ours"


async def test_a_mail_of_the_organization(post, mailbox, author):
    await author.write(
        subject="Welcome to {{ organization }}",
        template="<style>.x { color: red }</style><p class='x'>Hi {{ first_name }}, {{ support_email }}</p>"
        "<p>{{ code }}</p>",
        support_email="help@care.example",
    )
    await post.ask(organization_id=author.organization)
    await post.work()
    mail = parsed(mailbox.mails[0])
    assert (mail["Subject"], mail["Reply-To"]) == ("Welcome to Care", "help@care.example")
    assert 'color: red;">Hi Ana' in mail.get_body(("html",)).get_content()
    assert "482913" in mail.get_body(("plain",)).get_content().splitlines()
    assert "Hi Ana, help@care.example" in mail.get_body(("plain",)).get_content()


async def test_a_name_cannot_break_out(post, mailbox, author):
    await author.write(subject="Hello {{ first_name }}")
    name = {"first-name": "Eve\r\nBcc: all@example.org", "last-name": ""}
    await post.ask(organization_id=author.organization, content={"recipient": {"email": "e@example.org", **name}})
    await post.work()
    assert parsed(mailbox.mails[0])["Bcc"] is None


async def test_texts_of_the_organization(post, author):
    await author.write("sms", template="Care: {{ code }}")
    message = await post.ask(channel="sms", organization_id=author.organization)
    await post.work()
    row = await post.row(message)
    (recorded,) = await post.rows("SELECT text FROM recorded_texts WHERE delivery_id = :id", id=row["id"])
    assert recorded["text"] == "Care: 482913\n\n482913\n"


async def test_a_test_goes_to_who_asks_for_it(post, mailbox, author, neighbours):
    neighbours.users[str(author.user)] = {"email": "me@care.example", "phone": None, "first-name": "Me"}
    made = await author.write()
    path = f"{PATHS['email']}{made['id']}/send-test/"
    assert (await author.client.post(path)).status_code == 201
    await post.work()
    mail = parsed(mailbox.mails[0])
    assert mailbox.mails[0].rcpt_tos == ["me@care.example"]
    assert "482913" in mail.get_body(("plain",)).get_content()
    for _ in range(19):
        await author.client.post(path)
    refused = await author.client.post(path)
    assert (refused.status_code, int(refused.headers["retry-after"])) == (429, 600)
    await post.work()
