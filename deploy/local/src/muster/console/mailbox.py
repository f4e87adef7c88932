"""The development mailbox: takes every mail over SMTP, keeps it in a Maildir, never sends one on."""

import asyncio
import email
import email.policy
import logging
import re
import socket
import time
from email.message import EmailMessage
from pathlib import Path
from typing import Any
from uuid import uuid4

from aiosmtpd.smtp import SMTP, Envelope, Session

KEPT = 2000
"""The newest mails are kept; older ones are removed."""
BYTES = 10 * 1024 * 1024


class Mailbox:
    """A Maildir whose newest mails can be listed."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        for name in ("tmp", "new", "cur"):
            (folder / name).mkdir(mode=0o700, parents=True, exist_ok=True)

    async def handle_DATA(self, _server: SMTP, _session: Session, envelope: Envelope) -> str:  # noqa: N802 - aiosmtpd's name
        """Keep one mail; its envelope's recipients are written in front of its headers."""
        content = envelope.content if isinstance(envelope.content, bytes) else (envelope.content or "").encode()
        recipients = "".join(f"X-Envelope-To: {one}\r\n" for one in envelope.rcpt_tos)
        await asyncio.to_thread(self.keep, recipients.encode() + content)
        return "250 kept"

    def keep(self, content: bytes) -> None:
        """Write one mail: first to tmp, then at once to new (https://cr.yp.to/proto/maildir.html)."""
        name = f"{time.time():.6f}.{uuid4().hex}.{socket.gethostname()}"
        temporary = self.folder / "tmp" / name
        temporary.write_bytes(content)
        temporary.rename(self.folder / "new" / name)
        names = self._names()
        for path in names[KEPT : KEPT + 100]:
            path.unlink(missing_ok=True)

    def _names(self) -> list[Path]:
        found = [*(self.folder / "new").iterdir(), *(self.folder / "cur").iterdir()]
        return sorted(found, key=lambda path: path.name, reverse=True)

    def newest(self, to: str = "", limit: int = 100) -> list[dict[str, Any]]:
        """The newest mails, newest first; only those to one address when it is given."""
        found: list[dict[str, Any]] = []
        for path in self._names():
            mail = self.read(path.name)
            if mail and (not to or to.lower() in mail["to"]):
                found.append(mail)
            if len(found) == limit:
                break
        return found

    def read(self, name: str) -> dict[str, Any] | None:
        """One mail by its file name: id, from, to, subject, date, message-id, text and html."""
        if not re.fullmatch(r"[0-9.]+\.[0-9a-f]{32}\.[\w.,:=-]+", name):
            return None
        for folder in ("new", "cur"):
            try:
                content = (self.folder / folder / name).read_bytes()
            except FileNotFoundError:
                continue
            return _describe(name, email.message_from_bytes(content, policy=email.policy.default))
        return None


def _describe(name: str, message: EmailMessage) -> dict[str, Any]:
    text, html = message.get_body(("plain",)), message.get_body(("html",))
    return {
        "id": name,
        "received_at": float(".".join(name.split(".")[:2])),
        "from": str(message.get("From", "")),
        "to": [str(one).strip().lower() for one in message.get_all("X-Envelope-To", [])],
        "subject": str(message.get("Subject", "")),
        "date": str(message.get("Date", "")),
        "message_id": str(message.get("Message-ID", "")).strip(),
        "text": text.get_content() if text else "",
        "html": html.get_content() if html else "",
    }


async def listen(mailbox: Mailbox, host: str, port: int) -> asyncio.Server:
    """Start the SMTP server. The caller closes it. Its log would hold everybody's address."""
    logging.getLogger("mail.log").setLevel(logging.WARNING)
    loop = asyncio.get_running_loop()
    return await loop.create_server(
        lambda: SMTP(mailbox, hostname="muster", data_size_limit=BYTES, enable_SMTPUTF8=True, loop=loop), host, port
    )
