"""What identity keeps of a message: whom it is for and what it says."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

import msgspec
from chassis.clients import get_as_service
from chassis.runtime import Runtime
from kernel import NotFound, Unavailable

from notifications.channels.channel import Deferred, Refused
from notifications.deliveries.commands import Claimed


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
    tz: str | None = None
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


async def fetch(runtime: Runtime, batch: Sequence[Claimed]) -> dict[UUID, Content | Deferred | Refused]:
    """The contents of deliveries, by delivery, or why one cannot be sent, now or ever."""
    found: dict[UUID, Content | Deferred | Refused] = {
        one.id: await _fetch_person(runtime, one.user_id) for one in batch if one.test
    }
    asked = [one for one in batch if not one.test]
    if asked:
        read = await _fetch_messages(runtime, {one.message_id for one in asked})
        for one in asked:
            found[one.id] = read if isinstance(read, Deferred) else _content(read.get(str(one.message_id)))
    return found


async def _fetch_messages(runtime: Runtime, message_ids: set[UUID]) -> dict[str, Any] | Deferred:
    """What identity has of messages, by their ids."""
    words = "&".join(f"ids={one}" for one in message_ids)
    try:
        answer = await get_as_service(runtime, f"{runtime.common.identity_url}/v1/message-contents/?{words}")
        return {row["id"]: row["attributes"] for row in answer["data"]}
    except (NotFound, Unavailable):
        return Deferred("identity-unavailable")
    except (KeyError, TypeError):
        return Deferred("content-malformed")


def _content(attributes: Any) -> Content | Deferred | Refused:
    if attributes is None:
        return Refused("content-gone")
    try:
        return msgspec.convert(attributes, Content)
    except msgspec.ValidationError:
        return Deferred("content-malformed")


async def _fetch_person(runtime: Runtime, user_id: UUID | None) -> Content | Deferred | Refused:
    """A user as the recipient of a test, without variables."""
    try:
        answer = await get_as_service(runtime, f"{runtime.common.identity_url}/v1/users/{user_id}/")
        person = msgspec.convert(answer["data"]["attributes"], Recipient)
        return Content(recipient=person, type="test", channel="test")
    except NotFound:
        return Refused("content-gone")
    except Unavailable:
        return Deferred("identity-unavailable")
    except (msgspec.ValidationError, KeyError, TypeError):
        return Deferred("content-malformed")
