"""What an OpenID Provider or a SMART on FHIR server says of itself.

OpenID Connect Discovery 1.0, section 4; SMART App Launch 2.2, section 7 (`.well-known/smart-configuration`).
"""

from typing import Any

import msgspec
from chassis import outside
from chassis.runtime import Runtime
from kernel import Invalid

LARGEST = 256 * 1024
ALGORITHMS = ("RS256", "RS384", "RS512", "PS256", "PS384", "PS512", "ES256", "ES384", "ES512", "Ed25519", "EdDSA")
"""What id tokens may be signed with: public keys only."""


class Endpoints(msgspec.Struct, frozen=True, kw_only=True):
    """Where the provider is asked what. `names_itself` says that it names itself in its answers (RFC 9207)."""

    authorization_url: str
    token_url: str
    keys_url: str
    userinfo_url: str | None = None
    names_itself: bool = False
    algorithms: list[str] = []


def of_issuer(issuer: str) -> str:
    """Where an issuer's configuration stands."""
    return f"{issuer.rstrip('/')}/.well-known/openid-configuration"


def of_fhir(base: str) -> str:
    """Where a FHIR server's configuration stands."""
    return f"{base.rstrip('/')}/.well-known/smart-configuration"


def read(runtime: Runtime, raw: bytes, expected: str | None) -> tuple[str, Endpoints]:
    """The issuer and the endpoints of a configuration. `expected` is whom it must be of. Raises Invalid."""
    try:
        said: Any = msgspec.json.decode(raw)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
        raise Invalid("The configuration is not JSON.", code="invalid-metadata") from error
    if not isinstance(said, dict):
        raise Invalid("The configuration is not a JSON object.", code="invalid-metadata")
    issuer = _text(said, "issuer")
    if expected is not None and issuer != expected:
        raise Invalid("The configuration is another issuer's.", code="invalid-metadata")
    made = Endpoints(
        authorization_url=_address(runtime, said, "authorization_endpoint"),
        token_url=_address(runtime, said, "token_endpoint"),
        keys_url=_address(runtime, said, "jwks_uri"),
        userinfo_url=_address(runtime, said, "userinfo_endpoint") if said.get("userinfo_endpoint") else None,
        names_itself=said.get("authorization_response_iss_parameter_supported") is True,
        algorithms=_algorithms(said),
    )
    return issuer, made


def _algorithms(said: dict[str, Any]) -> list[str]:
    named = said.get("id_token_signing_alg_values_supported") or list(ALGORITHMS)
    known = [name for name in ALGORITHMS if isinstance(named, list) and name in named]
    if not known:
        raise Invalid("The provider signs id tokens with no algorithm that counts.", code="invalid-metadata")
    return known


def _text(said: dict[str, Any], name: str) -> str:
    value = said.get(name)
    if not isinstance(value, str) or not 0 < len(value) <= outside.LONGEST_URL:
        raise Invalid(f"The configuration lacks {name}.", code="invalid-metadata")
    return value


def _address(runtime: Runtime, said: dict[str, Any], name: str) -> str:
    return outside.check(runtime, _text(said, name))


async def fetched(runtime: Runtime, url: str, kind: str = "application/json") -> bytes:
    """The document at an address that somebody named. Raises Invalid, which says why and nothing of what came."""
    try:
        answer = await outside.fetch(runtime, "GET", url, headers={"accept": kind}, most=LARGEST)
    except outside.Unreached as error:
        raise Invalid(f"There is no answer from the address: {error}", code=f"unreached-{error.reason}") from error
    if answer.status != 200 or answer.cut:  # noqa: PLR2004
        raise Invalid("The address answers something else than a document.", code="unreached-document")
    return answer.body
