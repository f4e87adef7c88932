"""Bounces and complaints, from SMTP answers and from signed reports, and the list that they fill."""

import json
from base64 import b64encode
from datetime import timedelta
from uuid import uuid4

import msgspec
import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import padding, rsa
from cryptography.x509.oid import NameOID
from kernel import Forbidden, now
from notifications.email_logs.sns import NOTIFICATION, check_address

PATH = "/v1/email-logs/reports/"
TOPIC = "arn:aws:sns:eu-west-1:1:mail"
KEY = rsa.generate_private_key(public_exponent=65537, key_size=2048)


def certificate():
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "sns.amazonaws.com")])
    built = x509.CertificateBuilder().subject_name(name).issuer_name(name).public_key(KEY.public_key())
    built = (
        built.serial_number(1).not_valid_before(now() - timedelta(days=1)).not_valid_after(now() + timedelta(days=1))
    )
    return built.sign(KEY, hashes.SHA256()).public_bytes(serialization.Encoding.PEM).decode()


@pytest.fixture
def sns(post):
    before = post.runtime.settings
    post.runtime.settings = msgspec.structs.replace(before, sns_topics=TOPIC, sns_certificate=certificate())
    yield
    post.runtime.settings = before


def signed(report, **changes):
    message = {
        "Type": "Notification",
        "MessageId": str(uuid4()),
        "TopicArn": TOPIC,
        "Message": json.dumps(report),
        "Timestamp": now().isoformat().replace("+00:00", "Z"),
        "SignatureVersion": "2",
        "SigningCertURL": "https://sns.eu-west-1.amazonaws.com/cert.pem",
    } | changes
    text = "".join(f"{name}\n{message[name]}\n" for name in NOTIFICATION if name in message)
    return message | {"Signature": b64encode(KEY.sign(text.encode(), padding.PKCS1v15(), hashes.SHA256())).decode()}


def report_of(message_id, kind="Bounce", address="ana@example.org", bounce_type="Permanent"):
    mail = {"source": "no-reply@muster.localhost", "commonHeaders": {"messageId": f"<{message_id}@muster.localhost>"}}
    people = [{"emailAddress": address}]
    bodies = {
        "Bounce": {"bounceType": bounce_type, "bounceSubType": "General", "bouncedRecipients": people},
        "Complaint": {"complainedRecipients": people, "complaintFeedbackType": "abuse"},
        "Delivery": {"recipients": [address]},
    }
    return {"notificationType": kind, "mail": mail, kind.lower(): bodies[kind]}


async def sent(post, kind="sign-up-code", **event):
    message = await post.ask(kind, **event)
    await post.work()
    return message


async def logged(post, message):
    row = await post.row(message)
    rows = await post.rows("SELECT notification_type FROM email_logs WHERE delivery_id = :id ORDER BY id", id=row["id"])
    return [entry["notification_type"] for entry in rows]


async def test_a_mail_that_came_back_is_logged_suppressed_and_announced(post, live, sns, mailbox):
    message = await sent(post)
    body = signed(report_of(message))
    for _ in range(3):
        assert (await live.post(PATH, json=body)).status_code == 201
    assert await logged(post, message) == ["Delivery", "Bounce"]
    assert [status for status in await post.settled(message) if status] == ["sent", "bounced"]
    again = await sent(post)
    assert (await post.row(again))["reason"] == "suppressed"
    assert len(mailbox.mails) == 1


async def test_a_complaint_ends_what_is_not_needed(post, live, sns):
    message = await sent(post)
    assert (await live.post(PATH, json=signed(report_of(message, "Complaint")))).status_code == 201
    assert (await post.row(await sent(post)))["status"] == "sent"
    assert (await post.row(await sent(post, "messaging-patient")))["reason"] == "suppressed"


async def test_soft_bounces_deliveries_and_strangers_mails_suppress_nothing(post, live, sns):
    message = await sent(post)
    for report in (report_of(message, bounce_type="Transient"), report_of(message, "Delivery"), report_of(uuid4())):
        assert (await live.post(PATH, json=signed(report))).status_code == 201
    assert await logged(post, message) == ["Delivery", "Bounce", "Delivery"]
    assert await post.rows("SELECT * FROM suppressions") == []


@pytest.mark.parametrize(
    "changes",
    [
        {"TopicArn": "arn:aws:sns:eu-west-1:2:other"},
        {"SignatureVersion": "1"},
        {"Timestamp": "2026-01-01T00:00:00Z"},
    ],
)
async def test_what_does_not_count_is_refused(post, live, sns, changes):
    message = await sent(post)
    assert (await live.post(PATH, json=signed(report_of(message), **changes))).status_code == 403


async def test_a_changed_message_is_refused(post, live, sns):
    message = await sent(post)
    body = signed(report_of(message)) | {"Message": json.dumps(report_of(message, address="eve@example.org"))}
    assert (await live.post(PATH, json=body)).status_code == 403
    assert (await live.post(PATH, content=b"{")).status_code == 400
    assert (await live.post(PATH, json=signed("x"))).status_code == 400


@pytest.mark.parametrize(
    "url",
    [
        "http://sns.eu-west-1.amazonaws.com/c.pem",
        "https://sns.eu-west-1.amazonaws.com.evil.example/c.pem",
        "https://evil.example/sns.eu-west-1.amazonaws.com/c.pem",
        "https://sns.eu-west-1.amazonaws.com@evil.example/c.pem",
        "https://sns.eu-west-1.amazonaws.com:8443/c.pem",
        "https://127.0.0.1/c.pem",
    ],
)
def test_certificates_come_from_amazon_only(url):
    with pytest.raises(Forbidden):
        check_address(url)


async def test_a_refused_address_is_listed_and_lifted(post, live, mailbox, neighbours):
    user, organization = uuid4(), uuid4()
    neighbours.admins.add(f"{user} organization:{organization}:write")
    admin = live.as_(user_id=user, organization_id=organization, roles=("org.admin",))
    mailbox.at_rcpt = ["550 5.1.1 no such user"]
    await sent(post, organization_id=organization)
    assert (await post.row(await sent(post)))["reason"] == "suppressed"
    (listed,) = (await admin.get("/v1/suppressions/", params={"filter[address]": "ANA@example.org"})).json()["data"]
    assert (listed["attributes"]["address"], listed["attributes"]["reason"]) == ("ana@example.org", "bounce")
    stranger = live.as_(organization_id=uuid4(), roles=("org.admin",))
    assert (await stranger.delete(f"/v1/suppressions/{listed['id']}/")).status_code == 404
    assert (await admin.delete(f"/v1/suppressions/{listed['id']}/")).status_code == 204
    assert (await post.row(await sent(post)))["status"] == "sent"
