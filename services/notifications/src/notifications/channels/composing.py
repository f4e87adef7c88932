"""A mail as bytes, with headers that no name, subject or address can break out of."""

import re
from datetime import datetime
from email.headerregistry import Address
from email.message import EmailMessage
from email.policy import SMTP, SMTPUTF8
from email.utils import format_datetime, parseaddr
from uuid import UUID

from notifications.channels.channel import Outgoing, Refused

LONGEST_ADDRESS = 254
LONGEST_LOCAL_PART = 64
LONGEST_NAME = 128
LONGEST_SUBJECT = 200
_CONTROLS = re.compile(r"[\x00-\x1f\x7f-\x9f\u2028\u2029]+")
_ATOM = r"[^\s\x00-\x1f\x7f-\x9f\u2028\u2029()<>\[\]:;@\\,\"]+"
_ADDRESS = re.compile(rf"{_ATOM}@[A-Za-z0-9](?:[A-Za-z0-9.-]*[A-Za-z0-9])?")


class Sender:
    """Whom mails are from."""

    def __init__(self, mail_from: str) -> None:
        """`mail_from` as in a header: `Muster <no-reply@example.org>`. Raises ValueError when it is not an address."""
        name, address = parseaddr(mail_from)
        if not _ADDRESS.fullmatch(address):
            raise ValueError("MUSTER_MAIL_FROM is not an address")
        self.name, self.address = name, address
        self.domain = address.rpartition("@")[2]

    def message_id(self, reference: UUID) -> str:
        """The Message-ID of a message (RFC 5322, section 3.6.4): the same at every try."""
        return f"<{reference}@{self.domain}>"


def one_line(text: str, longest: int) -> str:
    """Text that fits into a header: control characters and line ends become spaces."""
    return _CONTROLS.sub(" ", text).strip()[:longest]


def checked_address(address: str) -> str:
    """The address, if it is one that can be sent to. Raises Refused."""
    local = address.partition("@")[0]
    if len(address) > LONGEST_ADDRESS or len(local) > LONGEST_LOCAL_PART or not _ADDRESS.fullmatch(address):
        raise Refused("bad-address")
    if ".." in address or local.startswith(".") or local.endswith("."):
        raise Refused("bad-address")
    return address


def compose(sender: Sender, message: Outgoing, date: datetime) -> bytes:
    """The mail in RFC 5322 form, with html beside the text if there is some. Raises Refused for a bad address."""
    address = checked_address(message.recipient)
    mail = EmailMessage(policy=SMTP if address.isascii() else SMTPUTF8)
    mail["From"] = Address(sender.name, addr_spec=sender.address)
    mail["To"] = Address(one_line(message.recipient_name, LONGEST_NAME), addr_spec=address)
    if message.reply_to:
        mail["Reply-To"] = Address(addr_spec=checked_address(message.reply_to))
    mail["Subject"] = one_line(message.subject, LONGEST_SUBJECT)
    mail["Date"] = format_datetime(date)
    mail["Message-ID"] = sender.message_id(message.reference)
    if message.unsubscribe_url:
        mail["List-Unsubscribe"] = f"<{message.unsubscribe_url}>"
        mail["List-Unsubscribe-Post"] = "List-Unsubscribe=One-Click"
    mail["Auto-Submitted"] = "auto-generated"
    mail.set_content(message.text, cte="quoted-printable")
    if message.html:
        mail.add_alternative(message.html, subtype="html", cte="quoted-printable")
    return mail.as_bytes()
