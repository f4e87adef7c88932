"""What a client's settings have to be like, every problem at once."""

from typing import Any

from chassis import outside
from chassis.runtime import Runtime
from joserfc.errors import JoseError
from joserfc.jwk import ECKey, Key, KeySet, OctKey, RSAKey
from kernel import DomainError, Invalid, Problems

from identity.oauth2_client_settings.models import OAuth2Client
from identity.oauth2_client_settings.schemas import DEVICE
from identity.openid import addresses, scopes

AT = "/data/attributes"
LEAST_RSA_BITS = 2048
MOST_KEYS = 10
CURVES = {"P-256", "P-384", "P-521"}


def check(runtime: Runtime, client: OAuth2Client) -> None:
    """Raise Problems for what does not go together, or is not allowed."""
    found = [*_grants(client), *_redirects(client), *_scopes(client), *_keys(client), *_outside(runtime, client)]
    if found:
        raise Problems(found)


def _grants(client: OAuth2Client) -> list[DomainError]:
    found: list[DomainError] = []
    grants, public = set(client.grant_types), client.auth_method == "none"
    if public and "client_credentials" in grants:
        found.append(_wrong("grant-types", "A client without a credential cannot speak for itself."))
    if "refresh_token" in grants and not grants & {"authorization_code", DEVICE}:
        found.append(_wrong("grant-types", "Refresh tokens come with authorization_code or device_code."))
    if "authorization_code" in grants and not client.redirect_uris:
        found.append(_wrong("redirect-uris", "The authorization code has to be sent somewhere.", code="required"))
    return found


def _redirects(client: OAuth2Client) -> list[DomainError]:
    native = client.application_type == "native"
    return [
        _wrong(f"{name}/{index}", text)
        for name, listed in (
            ("redirect-uris", client.redirect_uris),
            ("post-logout-redirect-uris", client.post_logout_redirect_uris),
        )
        for index, address in enumerate(listed)
        if (text := addresses.problem(address, native=native))
    ]


def _scopes(client: OAuth2Client) -> list[DomainError]:
    return [
        _wrong(f"scopes/{index}", "There is no such scope.")
        for index, scope in enumerate(client.scopes)
        if scope not in scopes.KNOWN
    ]


def _keys(client: OAuth2Client) -> list[DomainError]:
    needed, given = client.auth_method == "private_key_jwt", (client.jwks is not None) + (client.jwks_uri is not None)
    if needed and given != 1:
        return [_wrong("jwks", "private_key_jwt takes either jwks or jwks-uri.", code="required")]
    if not needed and given:
        return [_wrong("jwks", "Only private_key_jwt takes keys.")]
    if client.jwks is not None and (text := key_problem(client.jwks)):
        return [_wrong("jwks", text)]
    return []


def key_problem(jwks: dict[str, Any]) -> str | None:
    """What is wrong with a client's key set; None where nothing is."""
    try:
        keys = KeySet.import_key_set(jwks).keys  # pyright: ignore[reportArgumentType]
    except (JoseError, ValueError, KeyError, TypeError, AttributeError):
        return "This is not a JSON Web Key Set."
    if not 0 < len(keys) <= MOST_KEYS:
        return f"Give 1 to {MOST_KEYS} keys."
    return next(filter(None, map(_weak, keys)), None)


def _weak(key: Key) -> str | None:
    if isinstance(key, OctKey) or key.is_private:
        return "Give public keys only."
    if isinstance(key, RSAKey) and key.public_key.key_size < LEAST_RSA_BITS:
        return f"RSA keys have at least {LEAST_RSA_BITS} bits."
    if isinstance(key, ECKey) and key.curve_name not in CURVES:
        return "Use P-256, P-384 or P-521."
    return None


def _outside(runtime: Runtime, client: OAuth2Client) -> list[DomainError]:
    """Where we are asked to call: only public https addresses."""
    found: list[DomainError] = []
    for name, url in (("jwks-uri", client.jwks_uri), ("backchannel-logout-uri", client.backchannel_logout_uri)):
        try:
            if url is not None:
                outside.check(runtime, url, pointer=f"{AT}/{name}")
        except Invalid as error:
            found.append(error)
    return found


def _wrong(where: str, text: str, *, code: str | None = None) -> DomainError:
    return Invalid(text, pointer=f"{AT}/{where}", code=code)
