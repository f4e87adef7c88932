"""A client as Authlib asks about it."""

# Authlib's methods take what any model might be; ours take what our models are.
# pyright: reportIncompatibleMethodOverride=false, reportIncompatibleVariableOverride=false

import hmac
from datetime import datetime
from typing import Any
from uuid import UUID

import msgspec
from authlib.oauth2.rfc6749 import ClientMixin, InvalidClientError
from chassis.runtime import Runtime
from kernel import Unauthorized

from identity.oauth2_client_settings.secrets import digest
from identity.openid import addresses

SECRETS = ("client_secret_basic", "client_secret_post")

FIND = """
    SELECT c.id, c.client_id, c.organization_id, c.name, c.application_type, c.auth_method, c.grant_types,
           c.redirect_uris, c.post_logout_redirect_uris, c.backchannel_logout_uri, c.scopes, c.pushed_only, c.jwks,
           c.jwks_uri, c.secret_hash, c.previous_secret_hash, c.previous_secret_until,
           clock_timestamp() AS at
      FROM oauth2_clients c LEFT JOIN organizations o ON o.id = c.organization_id
     WHERE c.client_id = $1 AND c.deleted_at IS NULL AND o.is_active IS NOT FALSE
"""
STANDING = """
    SELECT c.id FROM oauth2_clients c LEFT JOIN organizations o ON o.id = c.organization_id
     WHERE c.id = $1 AND c.deleted_at IS NULL AND o.is_active IS NOT FALSE
"""


class Client(ClientMixin):
    """A client that exists now, at the database's time `at`."""

    id: UUID
    client_id: str
    organization_id: UUID
    name: str
    application_type: str
    auth_method: str
    grant_types: list[str]
    redirect_uris: list[str]
    post_logout_redirect_uris: list[str]
    backchannel_logout_uri: str | None
    scopes: list[str]
    pushed_only: bool
    jwks: dict[str, Any] | None
    jwks_uri: str | None
    secret_hash: bytes | None
    previous_secret_hash: bytes | None
    previous_secret_until: datetime | None
    at: datetime

    def __init__(self, row: Any) -> None:
        """`row` is one of `FIND`."""
        self.__dict__.update(row)
        if isinstance(self.jwks, str):
            self.jwks = msgspec.json.decode(self.jwks)

    @property
    def public(self) -> bool:
        """Whether it has no credential, and so has to use PKCE."""
        return self.auth_method == "none"

    @property
    def client_metadata(self) -> dict[str, Any]:
        """What Authlib's logout looks at."""
        return {"post_logout_redirect_uris": self.post_logout_redirect_uris}

    def get_client_id(self) -> str:
        """Its public name."""
        return self.client_id

    def get_default_redirect_uri(self) -> str | None:
        """Where answers go when the request does not say: only where there is one place."""
        return self.redirect_uris[0] if len(self.redirect_uris) == 1 else None

    def get_allowed_scope(self, scope: str | None) -> str | None:
        """The scopes that are asked for, if all of them may be; None otherwise."""
        asked = list(dict.fromkeys((scope or "").split()))
        return " ".join(asked) if asked and set(asked) <= set(self.scopes) else None

    def check_redirect_uri(self, redirect_uri: str) -> bool:
        """Whether this is one of the registered addresses."""
        return addresses.same(redirect_uri, self.redirect_uris, native=self.application_type == "native")

    def check_client_secret(self, client_secret: str) -> bool:
        """Whether this is the secret. Raises InvalidClientError for the one that was replaced, and says so."""
        shown = digest(client_secret)
        if self.secret_hash is not None and hmac.compare_digest(shown, self.secret_hash):
            return True
        if self.previous_secret_hash is None or not hmac.compare_digest(shown, self.previous_secret_hash):
            return False
        if self.previous_secret_until is not None and self.at < self.previous_secret_until:
            return True
        raise InvalidClientError("This secret was replaced by a new one and no longer counts.", status_code=401)

    def check_endpoint_auth_method(self, method: str, endpoint: str) -> bool:
        """Whether it authenticates so. The token endpoint's old name takes a secret in the body from everybody."""
        if endpoint == "oauth2-tokens":
            return method in SECRETS and self.auth_method in SECRETS
        return method == self.auth_method

    def check_response_type(self, response_type: str) -> bool:
        """Whether it may ask so."""
        return response_type == "code" and "authorization_code" in self.grant_types

    def check_grant_type(self, grant_type: str) -> bool:
        """Whether it may use a grant."""
        return grant_type in self.grant_types


async def find(runtime: Runtime, client_id: str) -> Client | None:
    """A client by its public name."""
    row = await runtime.row(FIND, client_id) if "\x00" not in client_id else None
    return Client(row) if row is not None else None


async def check(runtime: Runtime, identifier: UUID) -> None:
    """Raise Unauthorized unless a client counts at this moment."""
    if await runtime.row(STANDING, identifier) is None:
        raise Unauthorized("The client does not count any more.", code="invalid-credential")
