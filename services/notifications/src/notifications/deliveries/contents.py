"""What identity keeps of a message: whom it is for and what it says."""

from datetime import datetime
from typing import Any
from uuid import UUID

import msgspec
from chassis.clients import get_as_service
from chassis.runtime import Runtime
from kernel import NotFound, Unavailable

from notifications.channels.channel import Deferred, Refused


class Recipient(msgspec.Struct, rename="kebab", frozen=True):
    """A person to reach."""

    email: str | None = None
    phone: str | None = None
    first_name: str | None = None
    last_name: str | None = None

    @property
    def name(self) -> str:
        """Both names, as far as they are known."""
        return " ".join(part for part in (self.first_name, self.last_name) if part)


class Content(msgspec.Struct, rename="kebab", frozen=True):
    """A message's content. It is held in memory while it is sent, and never logged or stored.

    `recipient` may be the bare address of the channel.
    """

    recipient: Recipient | str
    type: str
    channel: str
    locale: str | None = None
    variables: dict[str, Any] = msgspec.field(default_factory=dict[str, Any])
    expires_at: datetime | None = None

    @property
    def person(self) -> Recipient:
        """Whom it is for."""
        if isinstance(self.recipient, Recipient):
            return self.recipient
        return Recipient(email=self.recipient) if self.channel == "email" else Recipient(phone=self.recipient)

    @property
    def names(self) -> dict[str, Any]:
        """The variables of a template: `first-name` is `first_name` there."""
        people = {"first_name": self.person.first_name or "", "last_name": self.person.last_name or ""}
        return people | {name.replace("-", "_"): value for name, value in self.variables.items()}


async def fetch_person(runtime: Runtime, user_id: UUID | None) -> Content:
    """A user as the recipient of a test, without variables. Raises as `fetch` does."""
    try:
        answer = await get_as_service(runtime, f"{runtime.common.identity_url}/v1/users/{user_id}/")
        person = msgspec.convert(answer["data"]["attributes"], Recipient)
        return Content(recipient=person, type="test", channel="test")
    except NotFound:
        raise Refused("content-gone") from None
    except Unavailable:
        raise Deferred("identity-unavailable") from None
    except (msgspec.ValidationError, KeyError, TypeError):
        raise Deferred("content-malformed") from None


async def fetch(runtime: Runtime, message_id: UUID) -> Content:
    """The content of a message. Raises Refused when identity no longer has it, Deferred without an answer."""
    url = f"{runtime.common.identity_url}/v1/message-contents/{message_id}/"
    try:
        answer = await get_as_service(runtime, url)
        return msgspec.convert(answer["data"]["attributes"], Content)
    except NotFound:
        raise Refused("content-gone") from None
    except Unavailable:
        raise Deferred("identity-unavailable") from None
    except (msgspec.ValidationError, KeyError, TypeError):
        raise Deferred("content-malformed") from None
