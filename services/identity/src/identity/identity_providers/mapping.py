"""From what a provider says of somebody to what the platform takes from it."""

from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Annotated, Any, Literal
from uuid import UUID

import msgspec

Name = Annotated[str, msgspec.Meta(min_length=1, max_length=255)]
MOST_GROUPS = 1000
LONGEST = 255

OIDC_NAMES: dict[str, tuple[str, ...]] = {
    "subject": ("sub",),
    "email": ("email",),
    "first_name": ("given_name",),
    "last_name": ("family_name",),
    "groups": ("groups",),
    "locale": ("locale",),
}
CLAIMS = "http://schemas.xmlsoap.org/ws/2005/05/identity/claims"
SAML_NAMES: dict[str, tuple[str, ...]] = {
    "subject": (),
    "email": ("email", "mail", "urn:oid:0.9.2342.19200300.100.1.3", f"{CLAIMS}/emailaddress"),
    "first_name": ("first_name", "givenName", "urn:oid:2.5.4.42", f"{CLAIMS}/givenname"),
    "last_name": ("last_name", "sn", "urn:oid:2.5.4.4", f"{CLAIMS}/surname"),
    "groups": ("groups", "memberOf", "http://schemas.microsoft.com/ws/2008/06/identity/claims/groups"),
    "locale": ("preferredLanguage", "urn:oid:2.16.840.1.113730.3.1.39"),
}
MULTIPLE = frozenset({"http://schemas.microsoft.com/claims/multipleauthn", "https://refeds.org/profile/mfa"})
"""SAML's names of a sign-in with several factors."""


class AttributeNames(msgspec.Struct, rename="kebab", forbid_unknown_fields=True, kw_only=True):
    """What the provider calls what the platform knows; what is not named has the protocol's usual name."""

    subject: Name | None = None
    email: Name | None = None
    first_name: Name | None = None
    last_name: Name | None = None
    groups: Name | None = None
    locale: Name | None = None


class GroupRule(msgspec.Struct, rename="kebab", forbid_unknown_fields=True, kw_only=True):
    """Whoever is in the provider's group `value` has `role` in the organization and is a member of its group."""

    value: Name
    role: Literal["org.member", "org.admin"] | None = None
    group_id: UUID | None = None


class Claimed(msgspec.Struct, frozen=True, kw_only=True):
    """What a provider has shown of somebody. `email_verified` is the provider's word; what it is worth is ours to say.

    `factors` is `amr` (RFC 8176) or empty; `multiple` says that the provider asked for several.
    """

    subject: str
    email: str | None = None
    email_verified: bool = False
    first_name: str | None = None
    last_name: str | None = None
    locale: str | None = None
    groups: frozenset[str] = frozenset()
    factors: tuple[str, ...] = ()
    multiple: bool = False
    at: datetime | None = None


class Given(msgspec.Struct, frozen=True):
    """What a person's groups at the provider give them."""

    roles: tuple[str, ...]
    group_ids: tuple[UUID, ...]


def taken(
    said: Mapping[str, Any], names: AttributeNames, usual: Mapping[str, tuple[str, ...]], subject: str | None = None
) -> dict[str, Any]:
    """The members of `Claimed` that attributes or claims say. Without a subject there is none in the result."""

    def value(member: str) -> Any:
        own = getattr(names, member)
        return next((said[name] for name in ((own,) if own else usual[member]) if name in said), None)

    texts = {name: _text(value(name)) for name in ("email", "first_name", "last_name", "locale")}
    known = _text(value("subject")) if names.subject or subject is None else subject
    groups = frozenset(list(_texts(value("groups")))[:MOST_GROUPS])
    return {**texts, "groups": groups} | ({"subject": known} if known else {})


def given(rules: Iterable[GroupRule], groups: frozenset[str]) -> Given:
    """Roles and groups that the rules give to who is in these groups, in a stable order."""
    met = [rule for rule in rules if rule.value in groups]
    roles = sorted({rule.role for rule in met if rule.role})
    return Given(tuple(roles), tuple(sorted({rule.group_id for rule in met if rule.group_id})))


def rules_of(raw: list[Any]) -> list[GroupRule]:
    """The rules as a provider's row keeps them."""
    return msgspec.convert(raw, list[GroupRule], strict=False)


def names_of(raw: dict[str, Any]) -> AttributeNames:
    """The names as a provider's row keeps them."""
    return msgspec.convert(raw, AttributeNames)


def _text(value: Any) -> str | None:
    first = next(iter(_texts(value)), None)
    return first if first and len(first) <= LONGEST and first.isprintable() else None


def _texts(value: Any) -> Iterable[str]:
    values = value if isinstance(value, list | tuple) else (value,)
    return (one.strip() for one in values if isinstance(one, str) and one.strip())
