"""Mails are signed so that a receiver who asks the DNS believes them, and no other text."""

import base64

import dkim
import msgspec
import pytest
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import ed25519, rsa
from kernel import SettingsError
from notifications.channels.signing import signer

RAW = serialization.Encoding.Raw


def ed25519_key():
    key = ed25519.Ed25519PrivateKey.generate()
    seed = key.private_bytes(RAW, serialization.PrivateFormat.Raw, serialization.NoEncryption())
    public = key.public_key().public_bytes(RAW, serialization.PublicFormat.Raw)
    return base64.b64encode(seed).decode(), f"v=DKIM1; k=ed25519; p={base64.b64encode(public).decode()}"


def rsa_key():
    key = rsa.generate_private_key(65537, 2048)
    pem = key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.TraditionalOpenSSL, serialization.NoEncryption()
    )
    public = key.public_key().public_bytes(serialization.Encoding.DER, serialization.PublicFormat.SubjectPublicKeyInfo)
    return pem.decode(), f"v=DKIM1; k=rsa; p={base64.b64encode(public).decode()}"


@pytest.mark.parametrize("make", [ed25519_key, rsa_key], ids=["ed25519", "rsa"])
async def test_a_mail_is_signed(post, mailbox, monkeypatch, make):
    key, record = make()
    signing = msgspec.structs.replace(post.runtime.settings, dkim_key=key, dkim_selector="autumn")
    monkeypatch.setattr(post.runtime, "settings", signing)
    await post.ask("messaging-patient", content={"variables": {"organization": "Care & Co"}})
    await post.work()
    (mail,) = mailbox.mails
    asked = []

    def dns(name, timeout=5):
        asked.append(name)
        return record.encode()

    def believed(raw):
        return dkim.verify(raw, dnsfunc=dns)

    assert believed(mail.content)
    assert asked == [b"autumn._domainkey.muster.localhost."]
    assert not believed(mail.content.replace(b"Care", b"Cart"))
    assert not believed(mail.content.replace(b"Subject: ", b"Subject: Re: "))


@pytest.mark.parametrize(
    "wrong",
    [
        {"dkim_key": "AAAA", "dkim_selector": "a"},
        {"dkim_key": "-----BEGIN x", "dkim_selector": "a"},
        {"dkim_key": "AAAA"},
    ],
)
def test_a_key_that_is_none_stops_the_start(post, wrong):
    with pytest.raises(SettingsError):
        signer(msgspec.structs.replace(post.runtime.settings, **wrong), "example.org")
