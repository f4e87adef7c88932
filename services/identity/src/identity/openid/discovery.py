"""What the provider says of itself (OpenID Connect Discovery 1.0; RFC 8414, 8628, 9126, 9207)."""

from typing import Any

from authlib.oauth2.rfc8628 import DEVICE_CODE_GRANT_TYPE

from identity.openid import assertions, scopes
from identity.openid.provider import CONFIDENTIAL, METHODS
from identity.service_accounts.as_client import EXCHANGE
from identity.sessions.proofs import LEVELS
from identity.signing_keys.keyring import ALGORITHM

OF_TOKENS = ("iss", "sub", "aud", "exp", "iat", "auth_time", "nonce", "acr", "amr", "at_hash", "sid", "org")
GRANTS = ("authorization_code", "refresh_token", "client_credentials", DEVICE_CODE_GRANT_TYPE, EXCHANGE)


def document(issuer: str) -> dict[str, Any]:
    """The metadata."""
    return {
        "issuer": issuer,
        **{name: f"{issuer}{path}" for name, path in ENDPOINTS.items()},
        **{f"{name}_endpoint_auth_methods_supported": methods for name, methods in AUTHENTICATED.items()},
        **{f"{name}_endpoint_auth_signing_alg_values_supported": assertions.ALGORITHMS for name in AUTHENTICATED},
        "scopes_supported": list(scopes.KNOWN),
        "claims_supported": [*OF_TOKENS, *(name for names in scopes.CLAIMS.values() for name in names)],
        "response_types_supported": ["code"],
        "response_modes_supported": ["query"],
        "grant_types_supported": list(GRANTS),
        "subject_types_supported": ["public"],
        "id_token_signing_alg_values_supported": [ALGORITHM],
        "acr_values_supported": list(LEVELS),
        "prompt_values_supported": ["none", "login", "consent", "select_account"],
        "code_challenge_methods_supported": ["S256"],
        "ui_locales_supported": ["en", "es"],
        "claims_parameter_supported": True,
        "request_parameter_supported": False,
        "request_uri_parameter_supported": False,
        "require_pushed_authorization_requests": False,
        "authorization_response_iss_parameter_supported": True,
        "backchannel_logout_supported": True,
        "backchannel_logout_session_supported": True,
    }


ENDPOINTS = {
    "authorization_endpoint": "/oauth2/authorize",
    "token_endpoint": "/oauth2/token",
    "userinfo_endpoint": "/oauth2/userinfo",
    "jwks_uri": "/.well-known/jwks.json",
    "introspection_endpoint": "/oauth2/introspect",
    "revocation_endpoint": "/oauth2/revoke",
    "end_session_endpoint": "/oauth2/end-session",
    "device_authorization_endpoint": "/oauth2/device_authorization",
    "pushed_authorization_request_endpoint": "/oauth2/par",
}
AUTHENTICATED = {"token": METHODS, "introspection": CONFIDENTIAL, "revocation": METHODS}
