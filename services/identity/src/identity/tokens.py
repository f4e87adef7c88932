"""Minting tokens: access (RFC 9068), id (OpenID Connect Core, section 2) and internal ones; `typ` tells them apart."""

from collections.abc import Iterable
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

import msgspec
from joserfc import jwt
from kernel import uuid7

from identity.parts import Parts
from identity.sessions.proofs import Proof
from identity.signing_keys.keyring import ALGORITHM

CLIENT = "muster"
ACCESS, IDENTITY, INTERNAL, LOGOUT = "at+jwt", "JWT", "mst-int+jwt", "logout+jwt"
AUDIENCE, INTERNAL_AUDIENCE = "muster", "muster-internal"
ACCESS_SECONDS = 3600
SERVICE_SECONDS = 900
EDGE_SECONDS = 60
MACHINE_SECONDS = 900
LOGOUT_SECONDS = 120


class Subject(msgspec.Struct, frozen=True, kw_only=True):
    """Whom a token is about, since when this is known, and how they showed it; what narrows it and who is behind it.

    `key_id` is the API key that it is made of, `endpoint` the one operation that it is good for, `client` who asked for
    it. `claims` go along and never take the place of what the platform says itself.
    """

    user_id: UUID
    session_id: UUID | None
    organization_id: UUID | None
    roles: tuple[str, ...]
    at: datetime
    proof: Proof | None = None
    scopes: frozenset[str] | None = None
    impersonator: UUID | None = None
    impersonator_session: UUID | None = None
    key_id: UUID | None = None
    endpoint: str | None = None
    client: str = CLIENT
    claims: dict[str, Any] = {}


def access_token(parts: Parts, subject: Subject, seconds: float) -> str:
    """What a person presents to every service."""
    claims = _about(parts, subject, AUDIENCE, seconds) | {"client_id": subject.client, "roles": subject.roles}
    return _signed(parts, ACCESS, subject.claims | claims)


def id_token(parts: Parts, subject: Subject, seconds: float, person: dict[str, Any]) -> str:
    """What tells an application who signed in; never accepted as an access token."""
    claims = _about(parts, subject, CLIENT, seconds)
    return _signed(parts, IDENTITY, {name: value for name, value in (person | claims).items() if value is not None})


def client_id_token(parts: Parts, subject: Subject, seconds: float, told: dict[str, Any]) -> str:
    """What tells an OAuth 2 client who signed in and how; `told` goes along (OpenID Connect Core, section 2)."""
    claims = _about(parts, msgspec.structs.replace(subject, scopes=None), subject.client, seconds)
    whole = {name: int(claims[name]) for name in ("iat", "nbf", "exp")}
    return _signed(
        parts, IDENTITY, {name: value for name, value in (told | claims | whole).items() if value is not None}
    )


def machine_token(
    parts: Parts, client: str, key: UUID, organization_id: UUID, scopes: Iterable[str], at: datetime
) -> str:
    """What an OAuth 2 client presents in its own name.

    `sid` is the token's own, so that it can be revoked alone; `key` is the client's id, with which all of them end.
    """
    claims = _claims(parts, f"client:{client}", AUDIENCE, at, MACHINE_SECONDS)
    named = {"client_id": client, "org": str(organization_id), "scope": " ".join(sorted(scopes)), "roles": ()}
    return _signed(parts, ACCESS, claims | named | {"sid": claims["jti"], "key": str(key)})


def logout_token(parts: Parts, client: str, user_id: UUID, session_id: UUID, at: datetime) -> str:
    """What tells a client that a session has ended (OpenID Connect Back-Channel Logout 1.0, section 2.4)."""
    claims = _claims(parts, str(user_id), client, at, LOGOUT_SECONDS)
    whole = {name: int(claims[name]) for name in ("iat", "exp")}
    events: dict[str, Any] = {"http://schemas.openid.net/event/backchannel-logout": {}}
    del claims["nbf"]
    return _signed(parts, LOGOUT, claims | whole | {"sid": str(session_id), "events": events})


def edge_token(parts: Parts, subject: Subject, seconds: float = EDGE_SECONDS) -> str:
    """What the gateway presents to a service instead of a credential that only identity can read."""
    claims = _about(parts, subject, INTERNAL_AUDIENCE, seconds) | {"roles": subject.roles}
    return _signed(parts, INTERNAL, claims)


def service_token(parts: Parts, service: str, at: datetime) -> str:
    """What one service presents to another."""
    return _signed(parts, INTERNAL, _claims(parts, f"service:{service}", INTERNAL_AUDIENCE, at, SERVICE_SECONDS))


def _about(parts: Parts, subject: Subject, audience: str, seconds: float) -> dict[str, Any]:
    claims = _claims(parts, str(subject.user_id), audience, subject.at, seconds)
    if subject.session_id:
        claims["sid"] = str(subject.session_id)
    if subject.key_id:
        claims["key"] = str(subject.key_id)
    if subject.endpoint:
        claims["endpoint"] = subject.endpoint
    if subject.organization_id:
        claims["org"] = str(subject.organization_id)
    if subject.scopes is not None:
        claims["scope"] = " ".join(sorted(subject.scopes))
    if (proof := subject.proof) is not None and proof.at is not None:
        claims |= {"auth_time": int(proof.at.timestamp()), "acr": proof.acr, "amr": [*proof.amr]}
    if subject.impersonator:
        claims["act"] = {"sub": str(subject.impersonator)}
        if subject.impersonator_session:
            claims["act"]["sid"] = str(subject.impersonator_session)
    return claims


def _claims(parts: Parts, subject: str, audience: str, at: datetime, seconds: float) -> dict[str, Any]:
    return {
        "iss": parts.settings.public_url,
        "aud": audience,
        "sub": subject,
        "iat": at.timestamp(),
        "nbf": at.timestamp(),
        "exp": (at + timedelta(seconds=seconds)).timestamp(),
        "jti": str(uuid7()),
    }


def _signed(parts: Parts, kind: str, claims: dict[str, Any]) -> str:
    identifier, key = parts.keys.current
    return jwt.encode({"alg": ALGORITHM, "typ": kind, "kid": identifier}, claims, key, algorithms=[ALGORITHM])
