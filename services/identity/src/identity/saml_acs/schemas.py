"""What SAML identity providers send."""

from dataclasses import dataclass
from typing import Annotated

import msgspec
from jsonapi import Query
from litestar.openapi.spec import OpenAPIMediaType, OpenAPIType, Operation, RequestBody, Schema

LONGEST = 99_999
OTHER = "property name* additional property"
"""How the published page names fields that it does not name."""
Message = Annotated[str, msgspec.Meta(max_length=LONGEST)]


class PostedResponse(msgspec.Struct, frozen=True):
    """The fields of the form that a browser posts; others may stand beside them."""

    SAMLResponse: Message
    RelayState: Message | None = None


class LogoutQuery(Query, kw_only=True, forbid_unknown_fields=False):
    """A message of the provider about a sign-out, with its signature (SAML 2.0 Bindings, section 3.4)."""

    SAMLRequest: Message
    RelayState: Message | None = None
    SigAlg: Message | None = None
    Signature: Message | None = None


class LoggedOutQuery(Query, kw_only=True, forbid_unknown_fields=False):
    """The provider's answer to a sign-out that began here."""

    SAMLResponse: Message
    RelayState: Message | None = None
    SigAlg: Message | None = None
    Signature: Message | None = None


class FinishQuery(Query, kw_only=True):
    """The code that stands for who came back."""

    code: Annotated[str, msgspec.Meta(max_length=100)]


@dataclass
class PostsResponse(Operation):
    """Documents the form, which comes as a form from browsers and as JSON from programs."""

    def __post_init__(self) -> None:
        """Describe both kinds of body."""
        text = Schema(type=OpenAPIType.STRING, max_length=LONGEST)
        form = Schema(
            type=OpenAPIType.OBJECT,
            properties={"SAMLResponse": text, "RelayState": text, OTHER: Schema(description="Whatever else is sent.")},
            required=["SAMLResponse"],
            additional_properties=True,
        )
        kinds = ("application/x-www-form-urlencoded", "application/json")
        self.request_body = RequestBody(content={kind: OpenAPIMediaType(schema=form) for kind in kinds}, required=True)
