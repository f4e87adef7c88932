"""Identity providers as documents."""

from datetime import datetime
from typing import Annotated, Literal
from uuid import UUID

import msgspec
from jsonapi import ChangeDocument, Collection, Document, NewDocument, Paged, Query
from msgspec import UNSET, UnsetType

from identity.identity_providers.mapping import AttributeNames, GroupRule

KIND = "identity-providers"
Protocol = Literal["oidc", "saml"]
ClientAuthentication = Literal["client_secret_basic", "client_secret_post", "none"]
Name = Annotated[str, msgspec.Meta(min_length=1, max_length=255, pattern=r"^[^\x00-\x1f\x7f]+$")]
Url = Annotated[str, msgspec.Meta(min_length=1, max_length=2048)]
Metadata = Annotated[
    str, msgspec.Meta(min_length=1, max_length=250_000, description="The document itself: XML, or JSON for OpenID.")
]
ClientId = Annotated[str, msgspec.Meta(min_length=1, max_length=255, pattern=r"^[\x21-\x7e]+$")]
Secret = Annotated[str, msgspec.Meta(min_length=1, max_length=1024, pattern=r"^[\x20-\x7e]+$")]
Scopes = Annotated[
    list[Annotated[str, msgspec.Meta(min_length=1, max_length=100, pattern=r"^[\x21\x23-\x5b\x5d-\x7e]+$")]],
    msgspec.Meta(max_length=40),
]
Addresses = Annotated[list[Annotated[str, msgspec.Meta(max_length=255)]], msgspec.Meta(max_length=20)]
DomainName = Annotated[str, msgspec.Meta(min_length=3, max_length=253)]
DomainNames = Annotated[list[DomainName], msgspec.Meta(max_length=50)]
Rules = Annotated[list[GroupRule], msgspec.Meta(max_length=200)]


class DomainAttributes(msgspec.Struct, rename="kebab", kw_only=True):
    """A domain, and the TXT record that shows whose it is."""

    domain: str
    verified: bool
    verified_time: datetime | None
    record_name: str
    record_value: str


class ServiceProvider(msgspec.Struct, rename="kebab", kw_only=True):
    """What a SAML identity provider has to know of this platform."""

    entity_id: str
    acs_url: str
    logout_url: str
    metadata_url: str
    certificate: str


class IdentityProviderAttributes(msgspec.Struct, rename="kebab", kw_only=True):
    """Where people of an organization sign in. The client secret is never shown."""

    organization_id: UUID
    name: str
    protocol: Protocol
    enabled: bool
    just_in_time: bool
    trust_second_factor: bool
    allow_unsolicited: bool
    issuer: str
    metadata_url: str | None
    fhir_url: str | None
    client_id: str | None
    client_secret_set: bool
    client_authentication: ClientAuthentication
    scopes: list[str]
    attribute_names: AttributeNames
    group_rules: list[GroupRule]
    redirect_addresses: list[str]
    domains: list[DomainAttributes]
    sign_in_url: str
    redirect_url: str | None
    service_provider: ServiceProvider | None
    configured_time: datetime
    created_time: datetime
    last_modified_time: datetime


class NewProviderAttributes(msgspec.Struct, rename="kebab", forbid_unknown_fields=True, kw_only=True):
    """A provider to be set up.

    SAML takes `metadata` or `metadata-url`; OpenID Connect `issuer`, `metadata`, `metadata-url` or, for SMART on FHIR,
    `fhir-url`; and a `client-id`.
    """

    organization_id: UUID
    name: Name
    protocol: Protocol
    enabled: bool = True
    just_in_time: bool = True
    trust_second_factor: bool = False
    allow_unsolicited: bool = False
    issuer: Url | None = None
    metadata: Metadata | None = None
    metadata_url: Url | None = None
    fhir_url: Url | None = None
    client_id: ClientId | None = None
    client_secret: Secret | None = None
    client_authentication: ClientAuthentication = "client_secret_basic"
    scopes: Scopes = []
    attribute_names: AttributeNames = msgspec.field(default_factory=AttributeNames)
    group_rules: Rules = []
    redirect_addresses: Addresses = []
    domains: DomainNames = []


class ChangedProviderAttributes(msgspec.Struct, rename="kebab", forbid_unknown_fields=True, kw_only=True):
    """What may change. With another issuer nobody is known any more who came through the old one.

    `domains` are all domains; one that stays keeps its verification.
    """

    name: Name | UnsetType = UNSET
    enabled: bool | UnsetType = UNSET
    just_in_time: bool | UnsetType = UNSET
    trust_second_factor: bool | UnsetType = UNSET
    allow_unsolicited: bool | UnsetType = UNSET
    issuer: Url | UnsetType = UNSET
    metadata: Metadata | UnsetType = UNSET
    metadata_url: Url | UnsetType = UNSET
    fhir_url: Url | UnsetType = UNSET
    client_id: ClientId | UnsetType = UNSET
    client_secret: Secret | UnsetType = UNSET
    client_authentication: ClientAuthentication | UnsetType = UNSET
    scopes: Scopes | UnsetType = UNSET
    attribute_names: AttributeNames | UnsetType = UNSET
    group_rules: Rules | UnsetType = UNSET
    redirect_addresses: Addresses | UnsetType = UNSET
    domains: DomainNames | UnsetType = UNSET


class VerifyDomain(msgspec.Struct, rename="kebab", forbid_unknown_fields=True):
    """The domain whose record is looked up."""

    domain: DomainName


class Nothing(msgspec.Struct, forbid_unknown_fields=True):
    """No members."""


class Check(msgspec.Struct, rename="kebab"):
    """One thing that was tried: `metadata`, `keys`, `endpoints`, `certificates`, `client`, `domains`."""

    name: str
    ok: bool
    detail: str


class Tested(msgspec.Struct, rename="kebab"):
    """Whether people could sign in there, as far as can be told without one of them."""

    ok: bool
    checks: list[Check]


class ProvidersQuery(Paged, kw_only=True):
    """Providers of one organization."""

    organization_id: UUID = msgspec.field(name="filter[organization-id]")


class SignInQuery(Query, kw_only=True, forbid_unknown_fields=False):
    """Where to go afterwards, who it probably is, and the page that sent them here."""

    next: Annotated[str, msgspec.Meta(max_length=255)] | None = None
    login_hint: Annotated[str, msgspec.Meta(max_length=255)] | None = msgspec.field(name="login-hint", default=None)
    interaction: UUID | None = None


NewProvider = NewDocument[Literal["identity-providers"], NewProviderAttributes]
ChangedProvider = ChangeDocument[Literal["identity-providers"], ChangedProviderAttributes]
ProviderDocument = Document[Literal["identity-providers"], IdentityProviderAttributes]
ProviderCollection = Collection[Literal["identity-providers"], IdentityProviderAttributes]
