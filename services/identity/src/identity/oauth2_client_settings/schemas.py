"""Clients as documents."""

from datetime import datetime
from typing import Annotated, Any, Literal
from uuid import UUID

import msgspec
from jsonapi import ChangeDocument, Collection, Document, NewDocument, Paged
from jsonapi.query import Text
from msgspec import UNSET, UnsetType

KIND = "oauth2-client-settings"
DEVICE = "urn:ietf:params:oauth:grant-type:device_code"

GrantType = Literal[
    "authorization_code",
    "refresh_token",
    "client_credentials",
    "urn:ietf:params:oauth:grant-type:device_code",
    "urn:ietf:params:oauth:grant-type:token-exchange",
]
AuthMethod = Literal["client_secret_basic", "client_secret_post", "private_key_jwt", "none"]
ApplicationType = Literal["web", "native"]
Name = Annotated[str, msgspec.Meta(min_length=1, max_length=255, pattern=r"^[^\x00-\x1f\x7f]+$")]
Address = Annotated[str, msgspec.Meta(min_length=1, max_length=255)]
Addresses = Annotated[list[Address], msgspec.Meta(max_length=50)]
Scopes = Annotated[list[Annotated[str, msgspec.Meta(min_length=1, max_length=60)]], msgspec.Meta(max_length=100)]
GrantTypes = Annotated[list[GrantType], msgspec.Meta(min_length=1, max_length=5)]
Url = Annotated[str, msgspec.Meta(min_length=1, max_length=2048)]
Seconds = Annotated[int, msgspec.Meta(ge=0, le=86_400, description="For how long the old secret still counts.")]
Moment = Annotated[datetime | None, msgspec.Meta(description="RFC 3339")]


class ClientAttributes(msgspec.Struct, rename="kebab", kw_only=True):
    """A client. `secret` is shown when it is made or reset, never again; `grant-type` is the first of its grants."""

    client_id: str
    name: str
    organization_id: UUID
    application_type: ApplicationType
    token_endpoint_auth_method: AuthMethod
    grant_type: str
    grant_types: list[str]
    redirect_uris: list[str]
    post_logout_redirect_uris: list[str]
    backchannel_logout_uri: str | None
    scopes: list[str]
    require_consent: bool
    require_pushed_authorization_requests: bool
    jwks: dict[str, Any] | None
    jwks_uri: str | None
    secret: str | None
    secret_set_time: Moment
    previous_secret_expiration_time: Moment
    created_time: datetime
    last_modified_time: datetime


class NewClientAttributes(msgspec.Struct, rename="kebab", kw_only=True, forbid_unknown_fields=True):
    """A client to be made: by default a web application with a secret that people sign in to."""

    name: Name
    organization_id: UUID
    redirect_uris: Addresses = []
    application_type: ApplicationType = "web"
    token_endpoint_auth_method: AuthMethod = "client_secret_basic"  # noqa: S105 a method's name
    grant_types: GrantTypes = msgspec.field(default_factory=lambda: ["authorization_code", "refresh_token"])
    post_logout_redirect_uris: Addresses = []
    backchannel_logout_uri: Url | None = None
    scopes: Scopes = msgspec.field(default_factory=lambda: ["openid", "profile", "email", "offline_access"])
    require_consent: bool = True
    require_pushed_authorization_requests: bool = False
    jwks: dict[str, Any] | None = None
    jwks_uri: Url | None = None


class ChangedClientAttributes(msgspec.Struct, rename="kebab", kw_only=True, forbid_unknown_fields=True):
    """What may be changed of a client: all but whose it is, and whether it has a secret."""

    name: Name | UnsetType = UNSET
    redirect_uris: Addresses | UnsetType = UNSET
    grant_types: GrantTypes | UnsetType = UNSET
    post_logout_redirect_uris: Addresses | UnsetType = UNSET
    backchannel_logout_uri: Url | None | UnsetType = UNSET
    scopes: Scopes | UnsetType = UNSET
    require_consent: bool | UnsetType = UNSET
    require_pushed_authorization_requests: bool | UnsetType = UNSET
    jwks: dict[str, Any] | None | UnsetType = UNSET
    jwks_uri: Url | None | UnsetType = UNSET


class ResetSecret(msgspec.Struct, rename="kebab", forbid_unknown_fields=True):
    """How a secret is replaced: at once, unless the old one is to count a little longer."""

    overlap_seconds: Seconds = 0


class ClientsQuery(Paged, kw_only=True):
    """Whose clients."""

    organization_id: UUID = msgspec.field(name="organization-id")
    name: Text | None = msgspec.field(name="filter[name]", default=None)


ClientDocument = Document[Literal["oauth2-client-settings"], ClientAttributes]
ClientCollection = Collection[Literal["oauth2-client-settings"], ClientAttributes]
NewClient = NewDocument[Literal["oauth2-client-settings"], NewClientAttributes]
ChangedClient = ChangeDocument[Literal["oauth2-client-settings"], ChangedClientAttributes]
