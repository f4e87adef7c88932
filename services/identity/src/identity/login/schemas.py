"""What signing in takes and answers."""

from typing import Annotated, Any
from uuid import UUID

import msgspec
from msgspec import UNSET, UnsetType

from identity.sessions.schemas import SignedIn

Seconds = Annotated[int, msgspec.Meta(ge=1, le=3600, description="Access token lifetime in seconds.")]
RefreshSeconds = Annotated[int, msgspec.Meta(ge=1, description="Refresh token lifetime in seconds, 30 days at most.")]
Credential = Annotated[
    dict[str, Any],
    msgspec.Meta(description="What the browser's `PublicKeyCredential.toJSON()` gives (Web Authentication, level 3)."),
]
Delay = Annotated[int, msgspec.Meta(ge=1, le=10_000, description="Milliseconds; where developers' features are on.")]


class Login(msgspec.Struct, rename="kebab", forbid_unknown_fields=True, kw_only=True):
    """A username and a password, and how long the tokens may live."""

    username: Annotated[str, msgspec.Meta(max_length=1024)]
    password: Annotated[str, msgspec.Meta(max_length=4096)]
    totp_code: Annotated[str, msgspec.Meta(max_length=64)] | None = None
    passkey: Credential | None = None
    access_token_expiration_seconds: Seconds | None = None
    refresh_token_expiration_seconds: RefreshSeconds | None = None
    sticky_access_token_expiration: bool = False
    interactive: bool = True
    locale: Annotated[str, msgspec.Meta(max_length=35)] | None = None
    service_document_agreements: Annotated[list[UUID], msgspec.Meta(max_length=100)] = []
    simulated_queue_delay: Delay | None = None


class LoginAnswer(SignedIn, kw_only=True):
    """Tokens, or where the person's identity provider signs them in."""

    redirect_url: str | UnsetType = UNSET
