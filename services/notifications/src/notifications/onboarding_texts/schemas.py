"""The provider's report, as a document or as the form that Twilio sends."""

from typing import Annotated, Any
from urllib.parse import parse_qsl

import msgspec
from jsonapi import StrictBody
from kernel import Invalid
from msgspec import Meta

MOST_FIELDS = 100
FORM = "application/x-www-form-urlencoded"


class StatusAttributes(msgspec.Struct, rename="kebab"):
    """What became of a message, and the number that it went to. Providers say more; only this is read."""

    message_status: Annotated[str, Meta(max_length=40)] = ""
    error_code: Annotated[str, Meta(max_length=40)] | int | None = None
    to: Annotated[str, Meta(max_length=40)] | None = None


class StatusResource(msgspec.Struct):
    """A message and its report."""

    attributes: StatusAttributes
    id: str | None = None
    type: str = "onboarding-texts"


class StatusDocument(msgspec.Struct):
    """A provider's report."""

    data: StatusResource


class StatusBody(StrictBody):
    """Reads the report as JSON, or as a form (`MessageStatus`, `ErrorCode`, `To`)."""

    def decode_bytes(self, value: bytes) -> Any:
        """The document. Raises Invalid."""
        if not self.asgi_connection.headers.get("content-type", "").startswith(FORM):
            return super().decode_bytes(value)
        given = dict(form_of(value))
        state, code, number = (given.get(name, "")[:40] for name in ("MessageStatus", "ErrorCode", "To"))
        attributes = StatusAttributes(state, code or None, number or None)
        return StatusDocument(StatusResource(attributes))


def form_of(raw: bytes) -> list[tuple[str, str]]:
    """A form's fields. Raises Invalid."""
    try:
        return parse_qsl(raw.decode(), keep_blank_values=True, max_num_fields=MOST_FIELDS)
    except ValueError:
        raise Invalid("The body is not a form.", code="malformed-form") from None
